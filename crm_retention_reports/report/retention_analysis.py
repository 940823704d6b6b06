from math import isfinite

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..tools import blocks, sheets, svg
from .scope import PERIODS, Scope, own_days, period_days, to_day

WIDTHS = (280, 1600)  # of a chart on the screen, in pixels
FINE = ("number", "percent", "money")  # kinds of values that have digits
WHOLE = 1_000  # amounts in a column, from which on cents say nothing


class RetentionAnalysis(models.AbstractModel):
    """A report that is more than rows in a pivot table: its blocks, for any reader.

    A report inherits it, gives its blocks in :meth:`_get_blocks`, and has a client
    action with the tag ``crm_retention_reports.analysis`` and its model as parameter.
    Screen, spreadsheet file and print are made from the same blocks. Numbers are read
    with the reader's own rights.
    """

    _name = "retention.analysis"
    _description = "Analysis"

    _period = "months_12"  # shown at first, see scope.PERIODS
    # who may open it: one of these, separated by commas
    _group = "crm_retention.group_retention_user"
    _is_live = False  # True: of the records as they are, not as a night counted them

    # ---- for reports to give -------------------------------------------------------

    @api.model
    def _get_blocks(self, scope):
        """Return the blocks of ``scope``, see :mod:`tools.blocks`; [] if empty."""
        return []

    @api.model
    def _get_choices(self):
        """Return what else can be chosen.

        :return: ``[{"name": str, "label": str, "choices": [(value, label)]}]``, the
            first choice is the default. The choice is ``scope.options[name]``.
        """
        return []

    @api.model
    def _get_help(self):
        """Return in words what the report counts, and how: a list of sentences."""
        return []

    @api.model
    def _get_empty(self, scope):
        """Return {"title", "text", "button", "action"} for when there is nothing."""
        return {
            "title": self.env._("Nothing to show yet"),
            "text": self.env._(
                "Choose another period or other filters. What customers bought and "
                "said, and what was done for them, is counted every night."
            ),
        }

    @api.model
    def _get_title(self):
        """Return the report's name in the reader's language."""
        return self.env["ir.model"]._get(self._name).name

    # ---- for the screen ------------------------------------------------------------

    @api.model
    def get_analysis(self, options=None):
        """Return all that the screen shows, as plain values with formatted texts.

        :param options: period, first, last, domain, width, and the report's own.
        """
        self._check_reader()
        options = self._clean(options)
        scope = self._get_scope(options)
        found = self._get_blocks(scope)
        for block in found:
            self._write(block, options["width"])
        return {
            "title": self._get_title(),
            "company": self.env.company.name,
            "days": self._say_days(scope.first, scope.last),
            "counted": self._say_counted(scope),
            "options": options | {"domain": list(scope.domain)},
            "choices": self._get_choices(),
            "periods": self._get_periods(),
            "help": self._get_help(),
            "blocks": [blocks.plain(block) for block in found],
            "empty": False if found else self._get_empty(scope),
        }

    @api.model
    def _may_read(self):
        """Tell whether the user may open this report, on the screen or in a file."""
        return self.env.user.has_groups(self._group)

    @api.model
    def _check_reader(self):
        if not self._may_read():
            raise AccessError(
                self.env._("You may not open this report. Ask your manager.")
            )

    @api.model
    def _clean(self, options):
        """Return the options with nothing in them but what can be chosen."""
        options = dict(options or {})
        period = options.get("period")
        period = period if period in PERIODS else self._period
        first, last = to_day(options.get("first")), to_day(options.get("last"))
        today = self.env.company._retention_today()
        if period == "own" and first and last:
            first, last = own_days(first, last, today)
        else:
            first, last = period_days(period, today)
        width = options.get("width")
        known = isinstance(width, (int, float)) and isfinite(width)
        width = int(width) if known else 900
        result = {
            "period": period,
            "first": str(first),
            "last": str(last),
            "domain": options.get("domain") or [],
            "width": min(max(width, WIDTHS[0]), WIDTHS[1]),
        }
        for choice in self._get_choices():
            values = [value for value, _label in choice["choices"]]
            chosen = options.get(choice["name"])
            result[choice["name"]] = chosen if chosen in values else values[0]
        return result

    @api.model
    def _get_scope(self, options):
        """Return the :class:`Scope` of cleaned options."""
        first, last = to_day(options["first"]), to_day(options["last"])
        try:
            domain = Domain(options["domain"])
            domain.validate(self.env["retention.profile"])
            scope = Scope(self.env, first, last, domain, options)
            scope.profile_query()
        except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
            raise UserError(self.env._("This filter cannot be read.")) from error
        return scope

    @api.model
    def _get_periods(self):
        return [
            ("month", self.env._("Last month")),
            ("quarter", self.env._("Last quarter")),
            ("year", self.env._("Last year")),
            ("months_12", self.env._("Last 12 months")),
            ("months_24", self.env._("Last 24 months")),
            ("own", self.env._("Own days")),
        ]

    # ---- how values are written ------------------------------------------------------

    @api.model
    def _say_days(self, first, last):
        """Return a period as the reader writes it."""
        return f"{format_date(self.env, first)} – {format_date(self.env, last)}"

    @api.model
    def _say_counted(self, scope):
        """Say that the last days are not counted, where nights were missed; or ""."""
        # sudo: when the job last counted, nothing of what
        run = self.env["retention.run"].sudo()._get_last_measured(scope.company)
        if self._is_live or not run or run.as_of >= scope.as_of:
            return ""
        return self.env._(
            "Last counted on %(day)s: what happened after it is missing, and the "
            "customers of these days seem to be lost. Ask your administrator why the "
            "nightly job does not run.",
            day=format_date(self.env, run.as_of),
        )

    @api.model
    def _write(self, block, width):
        """Fill in the texts of a block's values, and draw its chart."""
        if block.block == "table":
            self._write_table(block)
        elif block.block == "cards":
            for card in block.cards:
                card.text = card.text or self._say(card.value, card.kind)
                card.markup = svg.sparkline(card.trend, title=card.trend_title)
        elif block.block == "chart":
            block.markup = svg.draw(
                block,
                width,
                lambda value: self._say_mark(value, block.unit),
                lambda value: self._say(value, block.unit),
            )
            block.values = sheets.of_chart(block, block.axis)
            self._write_table(block.values)

    @api.model
    def _write_table(self, table):
        """Fill in the texts; amounts of one column have the same number of digits."""
        for place, column in enumerate(table.columns):
            cells = [row.cells[place] for row in table.rows]
            amounts = [
                abs(cell.value)
                for cell in cells
                if (cell.kind or column.kind) == "money" and cell.value is not None
            ]
            whole = max(amounts, default=0) >= WHOLE
            for cell in cells:
                kind = cell.kind or column.kind
                if kind == "money" and cell.value is not None:
                    cell.text = cell.text or self._say_money(cell.value, whole)
                cell.text = cell.text or self._say(cell.value, kind)

    @api.model
    def _say_money(self, value, whole):
        """Return an amount with the company's currency.

        :param whole: without its smaller unit.
        """
        currency = self.env.company.currency_id
        digits = 0 if whole else currency.decimal_places
        text = formatLang(self.env, value, digits=digits)
        pair = (currency.symbol, text)
        return "\N{NO-BREAK SPACE}".join(
            pair if currency.position == "before" else pair[::-1]
        )

    @api.model
    def _say_minutes(self, value):
        """Return a time in minutes, of some hours in hours and minutes."""
        if abs(value) < 120:
            return self.env._("%(minutes)s min", minutes=value)
        hours, minutes = int(value / 60), abs(value) % 60
        if abs(hours) >= 100 or not minutes:
            hours = formatLang(self.env, round(value / 60), digits=0)
            return self.env._("%(hours)s h", hours=hours)
        return self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)

    @api.model
    def _say_mark(self, value, kind):
        """Return a value as it stands in a chart: of small ones not all are 0.

        Below 20 the lines of an axis stand at 2.5 or 7.5 too, below 1 at 0.25.
        """
        if value == int(value) or abs(value) >= 20 or kind not in FINE:
            return self._say(value, kind, short=True)
        digits = 2 if kind == "money" or abs(value) < 1 else 1
        text = formatLang(self.env, value, digits=digits)
        return f"{text} %" if kind == "percent" else text

    @api.model
    def _say(self, value, kind, short=False):
        """Return a value as the reader writes it; empty for None.

        :param short: for axes and the ends of bars: without needless digits.
        """
        if value is None or value is False and kind != "integer":
            return ""
        if kind == "minutes" and not short:
            return self._say_minutes(round(value))
        if kind in ("integer", "minutes"):
            return formatLang(self.env, value, digits=0)
        if kind == "number":
            digits = 0 if short and value == int(value) else 1 if short else 2
            return formatLang(self.env, value, digits=digits)
        if kind == "percent":
            digits = 0 if short or value in (0, 100) else 1
            return f"{formatLang(self.env, value, digits=digits)} %"
        if kind == "money":
            if short:
                return formatLang(self.env, value, digits=0)
            return self._say_money(value, abs(value) >= 10 * WHOLE)
        if kind == "date":
            return format_date(self.env, value)
        if kind == "month":
            return format_date(self.env, value, date_format="MMM y")
        return str(value)

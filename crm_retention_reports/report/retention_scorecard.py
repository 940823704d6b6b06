from datetime import timedelta

from odoo import api, models
from odoo.tools import format_date

from ..tools import kpi, months, periods
from ..tools.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Column,
    Note,
    Row,
    Series,
    Table,
    Target,
)

TONES = {kpi.MET: "good", kpi.NEAR: "warning", kpi.MISSED: "bad"}
SIGNS = {kpi.MET: "✓", kpi.NEAR: "≈", kpi.MISSED: "✗"}
PAST = 12  # periods in the small lines and the chart
LISTED = 1_000  # customers that open behind one figure counted at once
MOST = 5_000  # customers of whom figures are counted while somebody waits


class RetentionScorecard(models.AbstractModel):
    """The key figures of a period against their targets and the period before.

    It is read from what was kept of a finished month, quarter or year: of the company,
    or of the reader's team or own customers, or of the one team, person or tier that is
    filtered. With other filters it is counted at once, as far as the customers are not
    too many.
    """

    _name = "retention.scorecard"
    _inherit = "retention.analysis"
    _description = "Scorecard"
    _period = "month"

    @api.model
    def _get_periods(self):
        return [
            ("month", self.env._("Last month")),
            ("quarter", self.env._("Last quarter")),
            ("year", self.env._("Last year")),
            ("own", self.env._("Own days")),
        ]

    @api.model
    def _get_choices(self):
        figures = self.env["retention.kpi"]._get_all()
        return [
            {
                "name": "chart",
                "label": self.env._("Over Time"),
                "choices": [(figure.code, figure.name) for figure in figures]
                or [("", "")],
            }
        ]

    @api.model
    def _get_help(self):
        figures = self.env["retention.kpi"]._get_all()
        return [
            self.env._(
                "Whole months are counted. Figures of a team or a person are those of "
                "the customers looked after today; a tier is the one held on the first "
                "day. In brackets: where the figure lies with 95 % certainty. Figures "
                "from too few cases are not judged."
            ),
            self.env._(
                "A period is computed the night after it is over, and once more ten "
                "days later, when late answers and documents have come in. In a closed "
                "review it stays as it was."
            ),
            *(
                self.env._(
                    "%(name)s: %(formula)s", name=figure.name, formula=figure.formula
                )
                for figure in figures
            ),
        ]

    @api.model
    def _get_blocks(self, scope):
        kept = self._find_kept(scope)
        if kept:
            entries = self._read_kept(kept)
        else:
            # whole months, as the figures are of
            scope = scope._of_days(
                months.first_day(scope.first), months.last_day(scope.last)
            )
            entries = [] if self._are_many(scope) else self._count_now(scope)
        if not entries:
            return []
        result = self._say_whose(scope, kept)
        groups = self.env["retention.kpi"]._fields["group"]
        for group, label in groups._description_selection(self.env):
            cards = [
                self._make_card(entry)
                for entry in entries
                if entry["kpi"].group == group
            ]
            if cards:
                result.append(Cards(cards, f"cards_{group}", label))
        if kept and (chart := self._make_chart(scope, kept[0], entries)):
            result.append(chart)
        result.append(self._make_table(entries))
        return result

    @api.model
    def _are_many(self, scope):
        """Tell whether there are too many customers to count them while one waits."""
        profiles = self.env["retention.profile"].with_context(active_test=False)
        return profiles.search_count(scope.profile_domain(), limit=MOST + 1) > MOST

    @api.model
    def _get_empty(self, scope):
        if not self._are_many(scope):
            return super()._get_empty(scope)
        return {
            "title": self.env._("Not counted yet"),
            "text": self.env._(
                "The figures of a month, a quarter or a year are computed the night "
                "after it is over, for the company and every team, salesperson and "
                "tier. Of more than %(most)s customers they are not counted while you "
                "wait: choose a finished period with no filter, or with one team, "
                "salesperson or tier, or filters that leave fewer customers.",
                most=MOST,
            ),
        }

    # ---- what was kept ---------------------------------------------------------------

    @api.model
    def _find_kept(self, scope):
        """Return the kept figures of the period for this reader, or none.

        Of days of one's own those of the last year in them that is kept, else of the
        last quarter, else of the last month.
        """
        Value = self.env["retention.kpi.value"]
        whose = self._get_filtered(scope) if scope.domain else self._get_whose()
        if not whose:
            return Value
        for name in reversed(periods.NAMES):
            first, last = periods.finished(name, scope.last + timedelta(days=1))
            if first < scope.first:
                continue
            if found := Value._get_current(scope.company, first, last, *whose):
                return found
        return Value

    @api.model
    def _say_whose(self, scope, kept):
        """Say of whom and when the figures are, where it is not plain."""
        if not kept:
            text = self.env._(
                "%(first)s to %(last)s, counted just now, of the customers seen and "
                "filtered.",
                first=format_date(self.env, scope.first),
                last=format_date(self.env, scope.last),
            )
            if scope.as_of < scope.last:
                text = self.env._(
                    "%(first)s to %(last)s, which are not over: counted just now, of "
                    "the days so far and the customers seen and filtered.",
                    first=format_date(self.env, scope.first),
                    last=format_date(self.env, scope.last),
                )
            return [Note(text, name="whose")]
        days = {
            "who": kept[0].who,
            "first": format_date(self.env, kept[0].date_from),
            "last": format_date(self.env, kept[0].date_to),
        }
        if kept[0].dimension == kpi.TIER:
            text = self.env._(
                "Who held %(who)s on the first day, %(first)s to %(last)s.", **days
            )
        elif any(kept.mapped("is_frozen")):
            text = self.env._("%(who)s, %(first)s to %(last)s, frozen.", **days)
        elif kept[0].dimension == kpi.COMPANY and kept[0].date_from == scope.first:
            return []
        else:
            text = self.env._("%(who)s, %(first)s to %(last)s.", **days)
        return [Note(text, name="whose")]

    @api.model
    def _read_kept(self, kept):
        """Return the entries of kept figures, with those of the periods before."""
        one = kept[0]
        history = self._read_history(one)
        return [
            {
                "kpi": row.kpi_id,
                "figure": row._get_figure(),
                "wanted": row.goal if row.has_goal else None,
                "target": row.target_id.sudo(),  # sudo: its line and tolerance
                "status": row.status,
                "before": row.previous if row.has_previous else None,
                "trend": row.trend,
                "past": history.get(row.kpi_id, []),
                "records": Target(
                    "retention.kpi.value",
                    [
                        ("kpi_id", "=", row.kpi_id.id),
                        ("company_id", "=", row.company_id.id),
                        ("date_from", "=", str(row.date_from)),
                        ("date_to", "=", str(row.date_to)),
                        ("is_current", "=", True),
                    ],
                    row.kpi_id.name,
                ),
            }
            for row in kept.sorted(lambda row: row.kpi_id.sequence)
        ]

    @api.model
    def _read_history(self, one):
        """Return {kpi: [row or None]} of the periods up to that of ``one``."""
        spans = periods.back(one.period, one.date_from, PAST)
        _kpi, dimension, key = one._get_key()
        domain = [
            ("company_id", "=", one.company_id.id),
            ("period", "=", one.period),
            ("date_from", ">=", spans[0][0]),
            ("date_from", "<=", spans[-1][0]),
            ("is_current", "=", True),
            ("dimension", "=", dimension),
        ]
        if dimension != kpi.COMPANY:
            domain.append((f"{dimension}_id", "=", key))
        rows = self.env["retention.kpi.value"].search(domain)
        result = {}
        for figure, own in rows.grouped("kpi_id").items():
            known = {row.date_from: row for row in own if not row.is_small}
            result[figure] = [known.get(first) for first, _last in spans]
        return result

    # ---- counted at once ------------------------------------------------------------

    @api.model
    def _count_now(self, scope):
        """Return the entries of a scope of which nothing is kept."""
        figures = self.env["retention.kpi"]._get_all()
        listed = {}
        found = figures._compute_all(scope, (kpi.COMPANY,), LISTED, listed)
        before = figures._compute_all(scope.before(), (kpi.COMPANY,))
        goals = self.env["retention.kpi.target"]._get_goals(
            scope.company,
            periods.name_of(scope.first, scope.last),
            scope.first,
            scope.last,
            found,
        )
        return [
            self._make_entry(
                key[0], found[key], goals.get(key), before.get(key), scope, listed
            )
            for key in sorted(found, key=lambda key: key[0].sequence)
        ]

    def _make_entry(self, figure, value, goal, before, scope, listed):
        enough = value.n >= figure.min_n
        wanted = goal.wanted if goal else None
        known = before and before.n >= figure.min_n
        before = before.value if known else None
        tolerance = goal.target.tolerance if goal else 0
        return {
            "kpi": figure,
            "figure": value,
            "wanted": wanted,
            "target": goal.target if goal else self.env["retention.kpi.target"],
            "status": kpi.status(
                value.value, wanted, figure.direction, tolerance, enough
            ),
            "before": before,
            "trend": kpi.trend(
                value.value if enough else None, before, figure.direction
            ),
            "past": [],
            "records": figure._get_records_of(scope, listed.get(figure, [])),
        }

    # ---- blocks ---------------------------------------------------------------------

    def _make_card(self, entry):
        figure, value = entry["kpi"], entry["figure"]
        enough = value.n >= figure.min_n
        past = [row.value if row else None for row in entry["past"]]
        return Card(
            figure.name,
            value.value,
            figure._get_block_kind(),
            " ".join(self._say_notes(entry)),
            TONES.get(entry["status"], ""),
            figure._say(value.value) if enough else figure._say_figure(value),
            entry["records"],
            trend=past if any(each is not None for each in past[:-1]) else (),
            trend_title=self.env._("The last %(count)s periods", count=PAST),
        )

    def _say_notes(self, entry):
        """Say target, status, the change and the range: a sentence each."""
        figure, value = entry["kpi"], entry["figure"]
        if entry["wanted"] is not None:
            yield self.env._(
                "%(sign)s Target %(target)s: %(status)s.",
                sign=SIGNS.get(entry["status"], ""),
                target=figure._say(entry["wanted"]),
                status=self._say_status(entry["status"]).lower(),
            ).strip()
        elif entry["target"]:
            yield self.env._("No baseline yet for its target.")
        if entry["before"] is not None:
            yield self.env._(
                "%(change)s against the period before.",
                change=figure._say(value.value - entry["before"], is_change=True),
            )
        if value.low is not None and value.n >= figure.min_n:
            yield self.env._(
                "Range %(low)s to %(high)s, %(count)s cases.",
                low=figure._say(value.low),
                high=figure._say(value.high),
                count=value.n,
            )

    @api.model
    def _say_status(self, status):
        names = self.env["retention.kpi.value"]._fields["status"]
        return dict(names._description_selection(self.env)).get(status, "")

    @api.model
    def _make_table(self, entries):
        """Return all figures in a table: for files, prints and screen readers."""
        columns = [
            Column("figure", self.env._("Figure")),
            Column("value", self.env._("Value"), "number"),
            Column("range", self.env._("Range (95 %)")),
            Column("n", self.env._("Cases"), "integer"),
            Column("target", self.env._("Target"), "number"),
            Column("status", self.env._("Status")),
            Column("before", self.env._("Period before"), "number"),
        ]
        rows = []
        for entry in entries:
            figure, value = entry["kpi"], entry["figure"]
            kind = figure._get_block_kind()
            text = figure._say_figure(value._replace(low=None))
            rows.append(
                Row(
                    [
                        Cell(figure.name, title=figure.formula),
                        Cell(
                            value.value, kind=kind, text=text, target=entry["records"]
                        ),
                        Cell(self._say_range(figure, value)),
                        Cell(value.n),
                        self._make_cell(figure, entry["wanted"]),
                        self._make_status(entry),
                        self._make_cell(figure, entry["before"]),
                    ]
                )
            )
        title = self.env._("All figures against their targets")
        return Table("figures", title, columns, rows)

    @api.model
    def _make_cell(self, figure, value):
        """Return the cell of a value of a figure, written as the figure itself."""
        text = "" if value is None else figure._say(value)
        return Cell(value, kind=figure._get_block_kind(), text=text)

    @api.model
    def _make_status(self, entry):
        """Return the cell of the status; empty where there is no target to meet."""
        if entry["wanted"] is None:
            return Cell()
        state = {kpi.MET: "good", kpi.MISSED: "bad"}.get(entry["status"], "")
        return Cell(self._say_status(entry["status"]), state=state)

    @api.model
    def _say_range(self, figure, value):
        if value.low is None:
            return ""
        return self.env._(
            "%(low)s to %(high)s",
            low=figure._say(value.low),
            high=figure._say(value.high),
        )

    def _say_no_past(self, figure):
        """Say why the chosen figure is not drawn."""
        return Note(
            self.env._(
                "“%(figure)s” is known of fewer than two of the last periods: it needs "
                "at least %(count)s cases in each.",
                figure=figure.name,
                count=figure.min_n,
            ),
            name="no_past",
            title=self.env._("%(figure)s over time", figure=figure.name),
        )

    @api.model
    def _make_chart(self, scope, one, entries):
        """Return the chosen figure over the last periods, with target and benchmark."""
        code = scope.options.get("chart")
        entry = next((each for each in entries if each["kpi"].code == code), None)
        rows = [row for row in entry["past"] if row] if entry else []
        if len(rows) < 2:
            return entry and self._say_no_past(entry["kpi"])
        past, figure = entry["past"], entry["kpi"]
        spans = periods.back(one.period, one.date_from, PAST)
        line = Series(
            figure.name,
            [row.value if row else None for row in past],
            [row.low if row and row.has_range else None for row in past],
            [row.high if row and row.has_range else None for row in past],
            look="line",
        )
        bounds, notes = [], [figure.formula]
        if entry["wanted"] is not None:
            bounds.append((entry["wanted"], self.env._("Target")))
        if entry["target"].benchmark_source:
            bounds.append((entry["target"].benchmark, self.env._("Benchmark")))
            notes.append(
                self.env._(
                    "Benchmark: %(origin)s", origin=entry["target"].benchmark_source
                )
            )
        labels = [self._say(first, "month") for first, _last in spans]
        return Chart(
            "over_time",
            self.env._("%(figure)s over time", figure=figure.name),
            labels,
            [line],
            figure._get_block_kind(),
            bounds=bounds,
            notes=notes,
        )

import random
from datetime import timedelta
from functools import cache

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools import alerts
from ..decisions.retention_signal import LOOKS
from .people import People
from .watch_read import YEAR, Watch

NIGHTS = 52  # a year of them, one a week
STEP = timedelta(days=7)
SAMPLE = 20_000  # customers looked back at; a larger company's are drawn by lot
SEED = 19
# who watches what, and what counts as right
LOOKS_CHANGED = LOOKS | {"horizon_days", "cooldown_days", "budget_week", "responsible"}


class RetentionSignal(models.Model):
    """Looks back: what a rule would have done last year, and how often it was right."""

    _inherit = "retention.signal"

    backtest_on = fields.Date(string="Looked Back on", readonly=True, copy=False)
    backtest_from = fields.Date(readonly=True, copy=False)
    backtest_to = fields.Date(readonly=True, copy=False)
    backtest_count = fields.Integer(
        string="Would Have Raised", readonly=True, copy=False
    )
    backtest_right = fields.Integer(string="Of Them Right", readonly=True, copy=False)
    backtest_base = fields.Float(
        string="Silent Anyway (%)",
        digits=(16, 1),
        readonly=True,
        copy=False,
        aggregator=None,
        help="Of all buying customers whom the rule watches, those who bought nothing "
        "within its horizon, sign or not. A rule is worth something only if its alerts "
        "are right more often than this.",
    )
    backtest_customers = fields.Integer(readonly=True, copy=False)
    backtest_is_sample = fields.Boolean(readonly=True, copy=False)
    backtest_line_ids = fields.One2many(
        comodel_name="retention.backtest.line",
        inverse_name="signal_id",
        string="Alerts in Looking Back",
    )
    backtest_text = fields.Char(
        string="On Last Year's Data", compute="_compute_backtest_text"
    )

    @api.depends_context("lang")
    @api.depends("backtest_on", "backtest_count", "backtest_right", "backtest_base")
    def _compute_backtest_text(self):
        for signal in self:
            signal.backtest_text = signal._say_backtest()

    def _say_backtest(self):
        """Say in one sentence what looking back found."""
        self.ensure_one()
        if not self.backtest_on:
            return False
        said = {
            "first": format_date(self.env, self.backtest_from),
            "last": format_date(self.env, self.backtest_to),
            "count": self.backtest_count,
            "right": self.backtest_right,
            "base": f"{self.backtest_base:.0f}",
            "days": self.horizon_days,
        }
        if not self.backtest_count:
            return self.env._(
                "From %(first)s to %(last)s this rule would have raised no alert.",
                **said,
            )
        said["percent"] = f"{100 * self.backtest_right / self.backtest_count:.0f}"
        return self.env._(
            "From %(first)s to %(last)s this rule would have raised %(count)s alerts, "
            "%(right)s of them right (%(percent)s %%): nothing bought in the %(days)s "
            "days after. Of all buying customers it watches %(base)s %% bought nothing "
            "in as long a time.",
            **said,
        )

    def write(self, vals):
        """What was found by other rules is no longer told of these."""
        if not LOOKS_CHANGED.isdisjoint(vals):
            vals = dict.fromkeys(("backtest_on",), False) | vals
        return super().write(vals)

    # ---- looking back ----------------------------------------------------------------

    def action_look_back(self):
        """Compute what these rules would have raised in the last year."""
        self.check_access("write")
        for signal in self:  # a button on one rule; each is a search of its own
            if not signal._can_look_back():
                raise UserError(
                    self.env._(
                        "%(name)s: what this rule looks at is known for today only, so "
                        "it cannot look back.",
                        name=signal.name,
                    )
                )
            # sudo: lines are written by this computation alone
            signal.sudo()._look_back()
        return True

    def _look_back(self, today=None):
        """Raise the alerts of the past year in thought, and keep how they ended.

        The same decisions as each night, by the same functions, one night a week; but
        nobody closes an alert by hand, and tiers, salespeople and populations are
        those of now.
        """
        self.ensure_one()
        today = today or self.company_id._retention_today()
        last = today - timedelta(days=self.horizon_days)
        nights = [last - STEP * number for number in reversed(range(NIGHTS))]
        sample = self._draw_sample()
        lines = self._raise_in_thought(nights, sample)
        bought = self._get_next_purchases(lines)
        for line in lines:
            key = (line["partner_id"], line["opened_on"])
            line["bought_on"] = bought.get(key)
            line["is_right"] = not line["bought_on"]
        self.backtest_line_ids.unlink()
        self.env["retention.backtest.line"].create(lines)
        self.with_context(tracking_disable=True).write(
            {
                "backtest_on": today,
                "backtest_from": nights[0],
                "backtest_to": last,
                "backtest_count": len(lines),
                "backtest_right": sum(line["is_right"] for line in lines),
                "backtest_base": self._get_base(nights[::13], sample),
                "backtest_customers": len(sample or ()),
                "backtest_is_sample": sample is not None,
            }
        )

    def _draw_sample(self):
        """Return the ids of customers to look back at, or None for all of them."""
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id FROM retention_profile
                    WHERE company_id = %s ORDER BY partner_id""",
                self.company_id.id,
            )
        )
        ids = [row[0] for row in rows]
        if len(ids) <= SAMPLE:
            return None
        return sorted(random.Random(SEED).sample(ids, SAMPLE))

    def _raise_in_thought(self, nights, sample=None):
        """Return what would have been opened on these nights: values of lines."""
        people = People(self.company_id)
        say_day = cache(lambda day: format_date(self.env, day))
        known, lines, open_lines = {}, [], {}
        for as_of in nights:
            watch = Watch(self, as_of, sample).look()
            found = watch.weigh(set(), people)
            night = alerts.night(found, known.values(), as_of, self.budget_week)
            for customer_id in night.opened:
                line = self._prepare_line(watch, customer_id, say_day)
                lines.append(line)
                open_lines[customer_id] = line
                owner_id = found[customer_id].owner_id
                known[customer_id] = alerts.Known(customer_id, "new", owner_id, as_of)
            for customer_id in night.gone:
                open_lines.pop(customer_id)["gone_on"] = as_of
                known[customer_id] = known[customer_id]._replace(
                    state=alerts.OVER,
                    cooldown_until=as_of + timedelta(days=self.cooldown_days),
                )
        return lines

    def _prepare_line(self, watch, customer_id, say_day):
        return {
            "signal_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": customer_id,
            "opened_on": watch.as_of,
            "gone_on": False,
            "reason": self._say(watch.findings[customer_id], say_day),
        }

    def _get_next_purchases(self, lines):
        """Return ``{(customer id, day): next purchase}`` within the horizon."""
        if not lines:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT opened.partner_id, opened.day, min(doc.date)
                  FROM unnest(%(partners)s, %(days)s::date[]) AS opened(partner_id, day)
                  JOIN (%(documents)s) doc ON doc.partner_id = opened.partner_id
                 WHERE doc.company_id = %(company)s AND doc.kind = 'sale'
                   AND doc.date > opened.day
                   AND doc.date <= opened.day + %(horizon)s
                 GROUP BY 1, 2
                """,
                partners=[line["partner_id"] for line in lines],
                days=[line["opened_on"] for line in lines],
                documents=self.env["retention.transaction"]._union(),
                company=self.company_id.id,
                horizon=self.horizon_days,
            )
        )
        return {(partner, day): bought for partner, day, bought in rows}

    def _get_base(self, nights, sample):
        """Return how many percent bought nothing within the horizon, sign or not.

        Of the customers watched who bought in the year before each of these nights.
        """
        self.env.flush_all()
        buyers = silent = 0
        for as_of in nights:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, bool_or(date > %(day)s)
                      FROM (%(documents)s) doc
                     WHERE company_id = %(company)s AND kind = 'sale'
                       AND date > %(first)s AND date <= %(last)s
                       AND (%(sample)s::int[] IS NULL OR partner_id = ANY(%(sample)s))
                     GROUP BY partner_id HAVING bool_or(date <= %(day)s)
                    """,
                    day=as_of,
                    documents=self.env["retention.transaction"]._union(),
                    company=self.company_id.id,
                    first=as_of - YEAR,
                    last=as_of + timedelta(days=self.horizon_days),
                    sample=sample,
                )
            )
            bought = dict(rows)
            watched = self._get_takers(list(bought)) if bought else set()
            buyers += len(watched)
            silent += sum(not bought[each] for each in watched)
        return round(100.0 * silent / buyers, 1) if buyers else 0.0

from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...tools import tiering, windows
from .windows_sql import joined, window_from


class RetentionProgram(models.Model):
    """In which periods purchases count, and when a tier begins."""

    _inherit = "retention.program"

    window_kind = fields.Selection(
        selection=[
            (windows.ROLLING, "The last months"),
            (windows.CALENDAR, "Calendar periods"),
            (windows.ANNIVERSARY, "Periods from the customer's own day"),
        ],
        string="Purchases Count in",
        default=windows.ROLLING,
        required=True,
        tracking=True,
        help="Calendar periods begin on 1 January (and every so many months after it); "
        "periods of the customer's own on his day. The figures begin anew with each "
        "period; a period that is over counts until its grace has passed.",
    )
    anniversary_of = fields.Selection(
        selection=[
            ("first_purchase", "First purchase"),
            ("joined", "Became a contact"),
        ],
        string="Own Day",
        default="first_purchase",
        required=True,
        tracking=True,
    )
    up_waits = fields.Boolean(
        string="Up with the Next Tier Period",
        tracking=True,
        help="A better tier begins when the present tier period is over. Otherwise at "
        "once.",
    )

    @api.constrains("window_kind", "window_months", "period_months", "grace_days")
    def _check_window(self):
        for program in self:
            window, period = program.window_months, program.period_months
            if program.window_kind == windows.ROLLING:
                continue
            if not window or period % window:
                raise ValidationError(
                    self.env._(
                        "%(program)s: with periods, the tier period must be one or "
                        "several windows long.",
                        program=program.name,
                    )
                )
            if program.window_kind == windows.CALENDAR and 12 % window and window % 12:
                raise ValidationError(
                    self.env._(
                        "%(program)s: calendar periods are 1, 2, 3, 4, 6 or 12 months "
                        "long, or whole years.",
                        program=program.name,
                    )
                )
            if program.grace_days + windows.CLOSING_DAYS >= 28 * window:
                raise ValidationError(
                    self.env._(
                        "%(program)s: the grace must be shorter than a period, by more "
                        "than %(days)s days.",
                        program=program.name,
                        days=windows.CLOSING_DAYS,
                    )
                )

    # ---- what the rules say ------------------------------------------------

    def _window_start(self, as_of):
        """Return the last day before the window; None if it has no one beginning."""
        self.ensure_one()
        if self.window_kind == windows.ROLLING:
            return super()._window_start(as_of)
        if self.window_kind == windows.ANNIVERSARY:
            return None
        begins = windows.window_from(
            windows.NEW_YEAR, self.window_months, self.grace_days, as_of
        )
        return begins - timedelta(days=1)

    def _rules(self) -> tiering.Rules:
        return replace(super()._rules(), up_waits=self.up_waits)

    def _rules_on(self, as_of, row):
        """Return the rules for one customer on a day.

        :param row: with his ``first_purchase`` and the day he ``joined``.
        """
        self.ensure_one()
        if self.window_kind == windows.ROLLING:
            return self._rules()
        begins = windows.period_start(self._get_own_day(row), self.window_months, as_of)
        return replace(self._rules(), begins=begins)

    def _get_own_day(self, row):
        """Return the day from which periods count for one customer."""
        if self.window_kind == windows.CALENDAR:
            return windows.NEW_YEAR
        return row[self.anniversary_of] or windows.NEW_YEAR

    # ---- whose figures change without a document -------------------------------

    def _get_moved_spans(self, since, as_of):
        """Return {(day before, last day)} of documents that fell out or came in."""
        self.ensure_one()
        start, before = self._window_start(as_of), self._window_start(since)
        return {(before, start)} if start and before != start else set()

    def _get_moved_customers(self, since, as_of):
        """Return the ids of customers for whom a period of their own began."""
        self.ensure_one()
        if self.window_kind != windows.ANNIVERSARY:
            return set()
        own = (
            SQL("COALESCE(profile.first_purchase, %s)", windows.NEW_YEAR)
            if self.anniversary_of == "first_purchase"
            else joined(self.company_id, "customer")
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id FROM retention_profile profile
                  JOIN res_partner customer ON customer.id = profile.partner_id
                 WHERE profile.company_id = %s AND profile.program_id = %s
                   AND %s <> %s
                """,
                self.company_id.id,
                self.id,
                window_from(self, own, since),
                window_from(self, own, as_of),
            )
        )
        return {row[0] for row in rows}

    def _describe_window(self):
        """Say in which time purchases count."""
        self.ensure_one()
        if self.window_kind == windows.CALENDAR:
            return self.env._("in the calendar period of %s months", self.window_months)
        if self.window_kind == windows.ANNIVERSARY:
            return self.env._("in the own period of %s months", self.window_months)
        if self.window_months:
            return self.env._("in %s months", self.window_months)
        return self.env._("in the whole history")

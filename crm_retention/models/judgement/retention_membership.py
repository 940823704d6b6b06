from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import tiering

CAUSES = [
    (tiering.ENTER, "First tier"),
    (tiering.UPGRADE, "Moved up"),
    (tiering.DOWNGRADE, "Moved down"),
    (tiering.OVERRIDE, "By decision"),
    (tiering.OVERRIDE_END, "Decision ended"),
    (tiering.PROGRAM, "Other program"),
]
# closed rows only: why there is no row after them
END_CAUSES = [
    ("merge", "Contacts merged"),
    ("entity", "No longer a customer of its own"),
    ("company", "Now one of our own companies"),
]


class RetentionMembership(models.Model):
    """That a customer held a tier from one day to another, and why.

    ``date_from`` counts, ``date_to`` no longer does; an open row has none. There
    is at most one open row per customer and program. Written by the place step,
    never changed afterwards but for its end and the promise.
    """

    _name = "retention.membership"
    _description = "Tier Membership"
    _order = "date_from desc, id desc"
    _rec_name = "tier_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    program_id = fields.Many2one(
        comodel_name="retention.program",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier", required=True, readonly=True, ondelete="cascade"
    )
    previous_tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Before",
        readonly=True,
        ondelete="set null",
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", readonly=True, help="Empty: held today.")
    valid_until = fields.Date(
        string="Promised until",
        required=True,
        readonly=True,
        help="Until this day the tier stays even if it is no longer earned.",
    )
    cause = fields.Selection(selection=CAUSES, required=True, readonly=True)
    end_cause = fields.Selection(selection=END_CAUSES, readonly=True)
    metric_value = fields.Float(
        string="Figure",
        digits=(24, 2),
        readonly=True,
        aggregator=None,
        help="What the program's metric was for this customer on that day.",
    )
    reason = fields.Char(readonly=True)
    rule_version = fields.Integer(readonly=True, aggregator=None)
    extended_on = fields.Date(readonly=True)
    extended_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Extended by",
        readonly=True,
        ondelete="set null",
    )
    extension_reason = fields.Char(readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, program_id) WHERE date_to IS NULL",
        "A customer holds one tier of a program at a time.",
    )
    _interval = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A membership cannot end before it begins.",
    )
    _history_idx = models.Index("(partner_id, company_id, date_from)")
    _promise_idx = models.Index("(company_id, valid_until) WHERE date_to IS NULL")
    _moves_idx = models.Index("(company_id, date_from)")

    @api.model
    def _get_current(self, profiles):
        """Return ``{profile: open membership}``; without rows beyond the reader's."""
        open_rows = self.search(
            Domain("partner_id", "in", profiles.partner_id.ids)
            & Domain("company_id", "in", profiles.company_id.ids)
            & Domain("date_to", "=", False)
        )
        by_key = {(row.partner_id, row.program_id): row for row in open_rows}
        return {
            profile: by_key[key]
            for profile in profiles
            if (key := (profile.partner_id, profile.program_id)) in by_key
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.context.get("retention_customer_gone"):
            raise UserError(
                self.env._(
                    "Memberships are history and stay. To change a customer's tier, "
                    "use “Set tier by decision” on the customer."
                )
            )

    def _end(self, cause, day):
        """End open memberships on ``day`` without another one after them."""
        for begun, rows in self.grouped(lambda row: max(row.date_from, day)).items():
            rows.write({"date_to": begun, "end_cause": cause})

    def _is_silent(self):
        """Tell whether the rules that caused this were applied without telling."""
        self.ensure_one()
        program = self.program_id
        return program.silent_version == self.rule_version and program._is_silent(
            self.date_from
        )

    def _extend(self, until, reason):
        """Promise these open tiers until a later day, by decision of a person."""
        day = fields.Date.context_today(self)
        self.write(
            {
                "valid_until": until,
                "extended_on": day,
                "extended_user_id": self.env.uid,
                "extension_reason": reason,
            }
        )
        self.partner_id._message_log_batch(
            bodies={
                row.partner_id.id: row.env._(
                    "Tier %(tier)s extended until %(until)s: %(reason)s",
                    tier=row.tier_id.name,
                    until=format_date(row.env, until),
                    reason=reason,
                )
                for row in self
            }
        )

    def _log_on_customers(self):
        """Leave a note on the customers who moved; a first tier is no news.

        Without figures: more people read a contact than may read its profile.
        """
        if self.env.context.get("retention_replay"):
            return  # long ago: the history tells it
        moved = self.filtered(
            lambda row: row.cause != tiering.ENTER and not row._is_silent()
        )
        causes = dict(self._fields["cause"]._description_selection(self.env))
        moved.partner_id._message_log_batch(
            bodies={
                row.partner_id.id: row.env._(
                    "Customer tier: %(before)s → %(tier)s. %(cause)s.",
                    before=row.previous_tier_id.name or row.env._("none"),
                    tier=row.tier_id.name,
                    cause=causes[row.cause],
                )
                for row in moved
            }
        )

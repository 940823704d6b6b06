from odoo import api, fields, models
from odoo.tools import format_date


class RetentionWish(models.Model):
    """How one customer wishes to be contacted; stronger than any policy."""

    _name = "retention.wish"
    _description = "Customer's Wish"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Preferred Channel",
        ondelete="restrict",
    )
    most_a_month = fields.Integer(
        string="At Most a Month",
        help="Contacts in 30 days, except about orders. 0: no limit.",
    )
    pause_until = fields.Date(help="No contact before this day, except about orders.")
    reason = fields.Char()

    _customer_unique = models.UniqueIndex(
        "(partner_id, company_id)", "The wishes of this customer are recorded already."
    )
    _sane = models.Constraint(
        "CHECK (most_a_month BETWEEN 0 AND 1000)",
        "Contacts a month are a number from 0 to 1,000.",
    )

    def _describe(self):
        """Say the wish in one line; empty: none."""
        if not self:
            return ""
        self.ensure_one()
        parts = []
        if self.channel_id:
            parts.append(self.env._("only by %s", self.channel_id.name))
        if self.most_a_month:
            parts.append(self.env._("at most %s contacts a month", self.most_a_month))
        if self.pause_until:
            day = format_date(self.env, self.pause_until)
            parts.append(self.env._("no contact before %s", day))
        text = ", ".join(parts)
        return f"{text} ({self.reason})" if self.reason else text

    @api.model
    def _merge(self, sources, target):
        """Leave one wish a company when contacts become one: what all of them wish."""
        wishes = self.search([("partner_id", "in", (sources | target).ids)])
        for rows in wishes.grouped("company_id").values():
            ranked = rows.sorted(lambda row: row.partner_id != target)
            ranked[0].write(
                {
                    "channel_id": ranked.channel_id[:1].id,
                    "most_a_month": min(
                        filter(None, ranked.mapped("most_a_month")), default=0
                    ),
                    "pause_until": max(
                        filter(None, ranked.mapped("pause_until")), default=False
                    ),
                }
            )
            ranked[1:].unlink()
        # holds say only who is being contacted now
        self.env["retention.hold"].search([("partner_id", "in", sources.ids)]).unlink()

from odoo import fields, models


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
        ondelete="restrict",
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
        "CHECK (most_a_month >= 0)", "Contacts a month are a number from 0 up."
    )

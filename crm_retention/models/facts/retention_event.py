from odoo import fields, models


class RetentionEvent(models.Model):
    """Something a customer did that is no purchase: a visit, a login, use of a product.

    Comes in by Odoo's import, through :meth:`load_events`, or from the portal and
    the apps that are installed; ``reference`` is unique per company, so that loading
    a file again adds nothing.
    """

    _name = "retention.event"
    _description = "Customer Behaviour"
    _order = "moment desc, id desc"
    _rec_name = "reference"
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
    kind = fields.Selection(
        selection=[
            ("visit", "Visit"),
            ("login", "Login"),
            ("use", "Product Use"),
            ("app", "App"),
            ("event", "Event Attended"),
            ("other", "Other"),
        ],
        required=True,
        default="visit",
    )
    moment = fields.Datetime(string="Time", required=True, default=fields.Datetime.now)
    amount = fields.Float(help="How much: minutes, pages, units; 0 when not counted.")
    reference = fields.Char(
        required=True, help="The event's number where it was recorded; counts once."
    )
    note = fields.Char()

    _reference_unique = models.UniqueIndex(
        "(reference, company_id)", "This event has been loaded before."
    )
    _amount_sane = models.Constraint(
        "CHECK (amount <> 'NaN' AND abs(amount) < 1000000000000)",
        "The amount must be a number below 1,000,000,000,000.",
    )
    _customer_idx = models.Index("(partner_id, company_id, moment)")

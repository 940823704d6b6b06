from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .retention_loading import is_text
from .retention_purchase import MOST

KINDS = [
    ("visit", "Visit"),
    ("login", "Login"),
    ("use", "Product Use"),
    ("app", "App"),
    ("event", "Event Attended"),
    ("other", "Other"),
]
NEEDED = ("partner_id", "kind", "moment", "reference")
SLACK = timedelta(days=1)  # other systems' clocks and time zones


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
    kind = fields.Selection(selection=KINDS, required=True, default="visit")
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

    @api.constrains("moment")
    def _check_moment(self):
        latest = fields.Datetime.now() + SLACK
        for event in self:
            if event.moment > latest:
                raise ValidationError(
                    self.env._(
                        "Event %(reference)s is dated %(moment)s, in the future. "
                        "Correct the time.",
                        reference=event.reference,
                        moment=event.moment,
                    )
                )

    @api.constrains("reference")
    def _check_reference(self):
        if not all(event.reference.strip() for event in self):
            raise ValidationError(self.env._("An event needs a reference."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_given({"partner_id": None, "reference": None} | vals)
        return super().create(self._of_customers(vals_list))

    def write(self, vals):
        self._check_given(vals)
        return super().write(self._of_customers([vals])[0])

    @api.model
    def _check_given(self, vals):
        """Refuse, in one sentence, what the ORM itself would stumble over."""
        context = self.env.context
        if any(
            not vals[name] and not context.get(f"default_{name}")
            for name in NEEDED
            if name in vals
        ):
            raise ValidationError(
                self.env._("An event needs a customer, a kind, a time and a reference.")
            )
        if not abs(float(vals.get("amount") or 0)) < MOST:  # also NaN
            raise ValidationError(
                self.env._("%s is not an amount that can be counted.", vals["amount"])
            )
        if not all(is_text(vals.get(name) or "") for name in ("reference", "note")):
            raise ValidationError(
                self.env._("A reference or note holds characters that cannot be kept.")
            )

    @api.model
    def _of_customers(self, vals_list):
        """Return the values with the customer in the place of one of its people."""
        ids = {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        # sudo: which customer a contact belongs to, whoever loads
        people = self.env["res.partner"].sudo().browse(ids).exists()
        customer_of = {each.id: each.commercial_partner_id.id for each in people}
        return [
            vals | {"partner_id": customer_of[vals["partner_id"]]}
            if vals.get("partner_id") in customer_of
            else vals
            for vals in vals_list
        ]

    @api.model
    def get_import_templates(self):
        """Offer an example file in the import dialog."""
        return [
            {
                "label": self.env._("Import template for customer behaviour"),
                "template": "/crm_retention/static/import/events.csv",
            }
        ]

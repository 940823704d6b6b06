from odoo import fields, models


class RetentionKeydate(models.Model):
    """A day of the year on which a customer is thought of: a birthday, a jubilee."""

    _name = "retention.keydate"
    _description = "Key Date"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        selection=[
            ("birthday", "Birthday"),
            ("first_purchase", "First Purchase"),
            ("joining", "Became a Contact"),
            ("field", "Another Date of the Contact"),
        ],
        required=True,
        default="birthday",
    )
    field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="Date Field",
        domain=[
            ("model", "=", "res.partner"),
            ("ttype", "in", ("date", "datetime")),
            ("store", "=", True),
        ],
        ondelete="cascade",
    )
    lead_days = fields.Integer(
        string="Days Before", help="How many days before the date the contact is due."
    )

    _lead = models.Constraint(
        "CHECK (lead_days BETWEEN 0 AND 180)", "Days before are from 0 to 180."
    )

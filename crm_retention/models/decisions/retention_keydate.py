from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
        help="Remembered every year on this date of the contact.",
    )
    lead_days = fields.Integer(
        string="Days Before", help="How many days before the date the contact is due."
    )

    _lead = models.Constraint(
        "CHECK (lead_days BETWEEN 0 AND 180)", "Days before are from 0 to 180."
    )

    @api.constrains("kind", "field_id")
    def _check_field(self):
        for keydate in self.filtered(lambda each: each.kind == "field"):
            # sudo: which fields there are is the administrator's, asked by managers
            field = keydate.sudo().field_id
            if (
                field.model != "res.partner"
                or field.ttype not in ("date", "datetime")
                or not field.store
                or field.company_dependent
            ):
                raise ValidationError(
                    self.env._("%s: choose a stored date of contacts.", keydate.name)
                )

    def _describe(self):
        self.ensure_one()
        if not self.lead_days:
            return self.env._("%s, on the day", self.name)
        return self.env._(
            "%(name)s, %(days)s days before", name=self.name, days=self.lead_days
        )

    def _get_column(self):
        """Return (whose column, its name, whether it holds a moment) of the date.

        "partner" is the contact, "profile" what is known of him in the company.
        """
        self.ensure_one()
        if self.kind == "field":
            # sudo: the name of a field; the date itself was chosen by a manager
            field = self.sudo().field_id
            return "partner", field.name, field.ttype == "datetime"
        return {
            "birthday": ("partner", "birthdate_date", False),
            "first_purchase": ("profile", "first_purchase", False),
            "joining": ("partner", "create_date", True),
        }[self.kind]

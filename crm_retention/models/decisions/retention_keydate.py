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
    date_field = fields.Selection(
        selection="_selection_date_field",
        string="Date of the Contact",
        compute="_compute_date_field",
        readonly=False,
        help="Remembered every year on this date of the contact.",
    )
    lead_days = fields.Integer(
        string="Days Before", help="How many days before the date the contact is due."
    )

    _lead = models.Constraint(
        "CHECK (lead_days BETWEEN 0 AND 180)", "Days before are from 0 to 180."
    )

    @api.depends("field_id")
    def _compute_date_field(self):
        for keydate in self:
            # sudo: which fields there are is the administrator's, chosen by managers
            name = keydate.sudo().field_id.name
            keydate.date_field = name if keydate._is_kept_date(name) else False

    @api.model
    def _selection_date_field(self):
        """Return the dates of contacts that this reader may see, by their labels."""
        known = self.env["res.partner"].fields_get(attributes=["string"])
        dates = [
            (name, label["string"])
            for name, label in known.items()
            if self._is_kept_date(name)
        ]
        return sorted(dates, key=lambda pair: pair[1])

    @api.model
    def _is_kept_date(self, name):
        """Tell whether contacts have such a date, not one of Odoo's own log."""
        field = self.env["res.partner"]._fields.get(name)
        return bool(
            field
            and field.type in ("date", "datetime")
            and field.store
            and not field.company_dependent
            and name not in models.MAGIC_COLUMNS
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

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._name_field(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._name_field(vals))

    @api.model
    def _name_field(self, vals):
        """Return the values with the field itself in the place of its name."""
        if "date_field" not in vals:
            return vals
        # sudo: which fields there are is the administrator's, chosen by managers
        known = self.env["ir.model.fields"].sudo()
        field = known._get("res.partner", vals["date_field"] or "")
        rest = {name: value for name, value in vals.items() if name != "date_field"}
        return rest | {"field_id": field.id}

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

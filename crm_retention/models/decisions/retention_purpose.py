from odoo import fields, models


class RetentionPurpose(models.Model):
    """What a customer may be contacted for, and may agree to or refuse."""

    _name = "retention.purpose"
    _description = "Contact Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    must_agree = fields.Boolean(
        string="Only After Consent",
        help="Without a granted consent nobody is contacted for this purpose. "
        "Otherwise everybody is until he refuses.",
    )

    _code_unique = models.UniqueIndex("(code)", "There is a purpose with this code.")

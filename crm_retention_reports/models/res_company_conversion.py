from odoo import fields, models


class ResCompany(models.Model):
    """How long after a contact a purchase is looked at together with it."""

    _inherit = "res.company"

    retention_conversion_days = fields.Integer(
        string="A Purchase Counts within (days)",
        default=14,
        help="A purchase at most so many days after a contact or a mailing is counted "
        "as following it. The figures are counted anew the next night.",
    )

    _retention_conversion_sane = models.Constraint(
        "CHECK (retention_conversion_days BETWEEN 1 AND 365)",
        "A purchase counts within 1 to 365 days after a contact.",
    )

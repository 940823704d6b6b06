from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    retention_collect_months = fields.Integer(
        string="Contacts Looked for in the Last (months)",
        default=12,
        required=True,
        help="How far back the first collection looks for mails, calls, meetings, "
        "mailings, tickets and purchases.",
    )

    _retention_collect_months_range = models.Constraint(
        "CHECK (retention_collect_months BETWEEN 1 AND 120)",
        "Contacts are looked for in the last 1 to 120 months.",
    )

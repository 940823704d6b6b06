from odoo import api, fields, models


class ResCompany(models.Model):
    """How far ahead customers are foretold; each company has its health model."""

    _inherit = "res.company"

    retention_quiet_days = fields.Integer(
        string="Foretell Purchases for (days)",
        default=90,
        help="The probability that a customer buys nothing is told for so many days, "
        "and tried on the last so many. About two usual intervals make sense.",
    )

    _retention_quiet_days_sane = models.Constraint(
        "CHECK (retention_quiet_days BETWEEN 7 AND 730)",
        "Purchases are foretold for 7 to 730 days.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its health model with it
        self.env["retention.health.model"].sudo().create(
            [{"company_id": company.id} for company in companies]
        )
        return companies

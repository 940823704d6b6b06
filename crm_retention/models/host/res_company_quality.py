from odoo import api, fields, models


class ResCompany(models.Model):
    """How the quality of customers' data is kept."""

    _inherit = "res.company"

    retention_confirm_week = fields.Integer(
        string="To Confirm a Week",
        help="So many customers a week each salesperson is asked to confirm the data "
        "of: first those of whom nobody has confirmed it for longest. 0: nobody is "
        "asked.",
    )
    retention_quality_pending = fields.Boolean(
        readonly=True, help="Rules changed since everybody was judged."
    )

    _retention_confirm_sane = models.Constraint(
        "CHECK (retention_confirm_week BETWEEN 0 AND 100)",
        "From 0 to 100 customers a week.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: who founds a company gives it rules to begin with
        self.env["retention.quality.rule"].sudo()._create_default(companies)
        return companies

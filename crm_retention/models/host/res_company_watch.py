from odoo import api, models


class ResCompany(models.Model):
    """A company comes with the shipped warning rules."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its default rules with it
        self.env["retention.signal"].sudo()._create_default(companies)
        return companies

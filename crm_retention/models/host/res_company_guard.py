from odoo import api, models


class ResCompany(models.Model):
    """A company comes with the shipped contact limits."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its default limits with it
        self.env["retention.cap"].sudo()._create_default(companies)
        return companies

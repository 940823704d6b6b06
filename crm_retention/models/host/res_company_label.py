from odoo import api, models


class ResCompany(models.Model):
    """Every company has the shipped label rules, switched off."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its rules with it
        self.env["retention.label.rule"].sudo()._create_default(companies)
        return companies

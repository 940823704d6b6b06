from odoo import api, fields, models


class ResCompany(models.Model):
    """What was promised about service, and who hears of broken promises."""

    _inherit = "res.company"

    retention_service_manager_id = fields.Many2one(
        comodel_name="res.users",
        string="Service Manager",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Is told when a promise about a ticket is overdue. Empty: the leader of "
        "the ticket's team.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its default targets with it
        self.env["retention.service.target"].sudo()._create_default(companies)
        return companies

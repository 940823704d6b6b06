from odoo import api, fields, models

USER = "crm_retention.group_retention_user"


class ResPartner(models.Model):
    """The account of points that mails to a contact tell of."""

    _inherit = "res.partner"

    retention_points_account_id = fields.Many2one(
        comodel_name="retention.points.account",
        string="Points Account",
        compute="_compute_retention_points_account_id",
        compute_sudo=False,
        groups=USER,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_points_account_id(self):
        """Find the account in the current company; the first program's, of several."""
        accounts = self.env["retention.points.account"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
                ("merged_into_id", "=", False),
                ("entry_count", ">", 0),
            ]
        )
        ranked = accounts.sorted(
            lambda row: (not row.program_id.active, row.program_id.sequence, row.id)
        )
        first = {}
        for account in ranked:
            first.setdefault(account.partner_id, account)
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.retention_points_account_id = first.get(customer)

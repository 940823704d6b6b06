from odoo import api, fields, models

USER = "crm_retention.group_retention_user"


class ResPartner(models.Model):
    """The customer's points on his contact, as the reader's own rights show them."""

    _inherit = "res.partner"

    retention_points_text = fields.Char(
        string="Points of the Customer",
        compute="_compute_retention_points_text",
        compute_sudo=False,
        groups=USER,
    )

    def _get_points_accounts(self):
        """Return the accounts of these customers that the reader may see."""
        return self.env["retention.points.account"].search(
            [
                ("partner_id", "in", self.ids),
                ("company_id", "in", self.env.companies.ids),
                ("merged_into_id", "=", False),
            ]
        )

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_retention_points_text(self):
        """Say what may be spent; empty for contact persons and without an account."""
        accounts = self._origin._get_points_accounts().grouped("partner_id")
        for partner in self:
            own = accounts.get(partner._origin)
            partner.retention_points_text = (
                ", ".join(
                    f"{account.available} {account.point_name}" for account in own
                )
                if own
                else False
            )

    def action_view_points(self):
        """Open the customer's account, or the list where there are several."""
        self.ensure_one()
        accounts = self._get_points_accounts()
        accounts.check_access("read")
        if len(accounts) == 1:
            return accounts.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_points_account_action"
        )
        return action | {"domain": [("id", "in", accounts.ids)], "context": {}}

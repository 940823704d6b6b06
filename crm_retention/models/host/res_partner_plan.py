from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    retention_manager_id = fields.Many2one(
        comodel_name="res.users",
        string="Account Manager",
        domain=[("share", "=", False)],
        ondelete="set null",
        index="btree_not_null",
        help="Who looks after this customer beside or instead of the salesperson.",
    )

    def action_view_rhythms(self):
        """Open how often this customer is contacted, and why."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_cadence_state_action"
        )
        return action | {
            "display_name": self.env._("Rhythm of %s", self.display_name),
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {},
        }

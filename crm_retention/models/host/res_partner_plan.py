from odoo import api, fields, models


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

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "retention_manager_id"} & set(vals):
            self.env["retention.touch"]._replan_at_once(self)
        return result

    @api.model
    def _retention_find(self, name, values):
        """Return the contacts, also archived ones, with one of these addresses."""
        # sudo: who says no need not read the contacts of whom it is true
        partners = self.sudo().with_context(active_test=False)
        return partners.search([(name, "in", values)]) if values else self.browse()

    def action_view_rhythms(self):
        """Open how often this customer is contacted, and why."""
        self.ensure_one()
        self.env["retention.cadence.state"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_cadence_state_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {},
        }

from odoo import fields, models

AT_ONCE = 1_000  # customers whose plan follows at once; that of more at night


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
            self._retention_replan()
        return result

    def _retention_replan(self):
        """Have the contacts planned for these customers pass to who now looks after.

        With many at once the next night does it.
        """
        ids = self.commercial_partner_id.ids
        if not 0 < len(ids) <= AT_ONCE:
            return
        # sudo: who may hand a customer over moves what is planned for him
        touches = self.env["retention.touch"].sudo()
        planned = touches._read_group(
            [
                ("partner_id", "in", ids),
                ("state", "=", "planned"),
                ("cadence_id", "!=", False),
            ],
            ["company_id"],
            ["partner_id:recordset"],
        )
        for company, partners in planned:
            touches._replan(company, partners.ids)

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

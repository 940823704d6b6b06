from odoo import models


class ResPartner(models.Model):
    """A contact took place with this person: logged from the contact's form."""

    _inherit = "res.partner"

    def action_log_retention_contact(self):
        """Open the dialog that logs a contact with this person."""
        self.ensure_one()
        self.env["retention.touch"]._check_may_log()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_contact_wizard_action"
        )
        return action | {
            "context": {
                "default_partner_id": self.id,
                "customer_id": self.commercial_partner_id.id,
            }
        }

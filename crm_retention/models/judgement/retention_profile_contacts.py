from odoo import fields, models


class RetentionProfile(models.Model):
    """The customer's contacts, counted and opened from the profile."""

    _inherit = "retention.profile"

    contact_count = fields.Integer(
        string="Contacts", compute="_compute_contact_count", aggregator=None
    )

    def _compute_contact_count(self):
        counts = self.env["retention.touch"]._read_group(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "done"),
            ],
            ["partner_id", "company_id"],
            ["__count"],
        )
        count_of = {(partner, company): count for partner, company, count in counts}
        for profile in self:
            profile.contact_count = count_of.get(
                (profile.partner_id, profile.company_id), 0
            )

    def action_view_contacts(self):
        """Open every contact with this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_touch_action"
        )
        return action | {
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
        }

    def action_log_contact(self):
        """Open the dialog that logs a contact with this customer."""
        self.ensure_one()
        return self.partner_id.action_log_retention_contact()

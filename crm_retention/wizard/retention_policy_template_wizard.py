from odoo import fields, models


class RetentionPolicyTemplateWizard(models.TransientModel):
    """Loads the policies of a line of business, as drafts before all others."""

    _name = "retention.policy.template.wizard"
    _description = "Load a Template of Policies"

    template = fields.Selection(
        selection=[
            ("finance", "Finance: frequent, by people they trust"),
            ("medical", "Medical devices: periodic, by experts"),
            ("saas", "SaaS: driven by use"),
            ("default", "By value: high, middle, low"),
        ],
        default="finance",
        required=True,
    )

    def action_apply(self):
        """Create the drafts and show them."""
        self.ensure_one()
        policies = self.env["retention.contact.policy"]
        policies.check_access("create")
        policies = policies._create_from_template(self.template, self.env.company)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_contact_policy_action"
        )
        return action | {"domain": [("id", "in", policies.ids)], "target": "main"}

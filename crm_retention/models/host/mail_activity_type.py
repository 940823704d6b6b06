from odoo import fields, models


class MailActivityType(models.Model):
    """Says of which activities a customer notices something, and by which channel."""

    _inherit = "mail.activity.type"

    retention_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Contact Channel",
        ondelete="set null",
        groups="crm_retention.group_retention_user",
        help="A done activity of this type counts as a contact by this channel. Empty: "
        "it is no contact.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "retention_channel_id" in vals:
            self.env["retention.run"]._collect_anew()
        return result

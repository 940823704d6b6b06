from odoo import fields, models


class HelpdeskTicketChannel(models.Model):
    """Says by which channel a customer opened a ticket."""

    _inherit = "helpdesk.ticket.channel"

    retention_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Contact Channel",
        ondelete="set null",
        groups="crm_retention.group_retention_user",
        help="A ticket by this channel counts as a contact by that one. Empty: by the "
        "hotline.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "retention_channel_id" in vals:
            self.env["retention.run"]._collect_anew()
        return result

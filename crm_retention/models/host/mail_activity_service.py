from odoo import fields, models


class MailActivity(models.Model):
    """Calls done about a ticket answer it; warnings belong to a clock."""

    _inherit = "mail.activity"

    retention_clock_id = fields.Many2one(
        comodel_name="retention.service.clock",
        string="Warns of",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        ticket_ids = self._retention_get_answered_tickets()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        tickets = self.env["helpdesk.ticket"].browse(ticket_ids)
        tickets._retention_answered(fields.Datetime.now())
        return result

    def _retention_get_answered_tickets(self):
        """Return ids of tickets whose customer these activities reached in person.

        A mail answers by being sent, not by an activity that says so.
        """
        # sudo: which channel an activity type is
        return [
            activity.res_id
            for activity in self.filtered(
                lambda each: each.res_model == "helpdesk.ticket"
            )
            for channel in activity.activity_type_id.sudo().retention_channel_id
            if not channel.automation
        ]

from odoo import api, models


class HelpdeskTicketStage(models.Model):
    """The shipped last stage asks how satisfied the customer is."""

    _inherit = "helpdesk.ticket.stage"

    @api.model
    def _retention_offer_rating(self):
        """Give the shipped stage “Done” our rating e-mail, unless it has one."""
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done", False)
        template = self.env.ref("crm_retention.mail_template_rating", False)
        if done and template and not done.rating_mail_template_id:
            done.rating_mail_template_id = template

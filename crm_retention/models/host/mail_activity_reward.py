from odoo import models


class MailActivity(models.Model):
    """Who does the task of a gift has handed the gift over."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        gifts = self.filtered(lambda row: row.res_model == "retention.reward.exchange")
        exchanges = self.env["retention.reward.exchange"].browse(gifts.mapped("res_id"))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        # sudo: exchanges are written by these methods only; the task was his to do
        exchanges.sudo()._gift_sent()
        return result

from odoo import models

from .res_partner_quality import TASK


class MailActivity(models.Model):
    """A task to confirm a customer's data that is done has confirmed it."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        kind = self.env.ref(TASK, raise_if_not_found=False)
        tasks = self.filtered(
            lambda task: (
                task.activity_type_id == kind and task.res_model == "res.partner"
            )
        )
        partners = self.env["res.partner"].browse(tasks.mapped("res_id")).exists()
        result = super()._action_done(feedback, attachment_ids)
        if partners and not self.env.context.get("retention_confirmed"):
            # sudo: who was given the task may say that it is done
            partners.sudo()._retention_confirm(self.env.user)
        return result

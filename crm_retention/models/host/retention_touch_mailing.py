from odoo import api, models
from odoo.tools import SQL


class RetentionTouch(models.Model):
    """Contacts by mailings are of the category that the mailing says."""

    _inherit = "retention.touch"

    @api.model
    def _mailing_category(self):
        return SQL("COALESCE(mailing.retention_category, 'promotion')")

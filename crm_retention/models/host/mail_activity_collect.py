from odoo import models


class MailActivity(models.Model):
    """The collect step looks for activities that were done since its last pass."""

    _inherit = "mail.activity"

    _retention_done_idx = models.Index("(write_date) WHERE active IS NOT TRUE")

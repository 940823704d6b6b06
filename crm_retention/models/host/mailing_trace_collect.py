from odoo import models


class MailingTrace(models.Model):
    """The collect step looks for traces that changed since its last pass."""

    _inherit = "mailing.trace"

    _retention_written_idx = models.Index("(write_date)")

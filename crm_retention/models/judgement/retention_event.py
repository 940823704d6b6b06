from odoo import models


class RetentionEvent(models.Model):
    """Behaviour is a sign of life: it counts for the engagement."""

    _inherit = "retention.event"

    # for the stage step: events that came since its last run
    _written_idx = models.Index("(company_id, write_date)")

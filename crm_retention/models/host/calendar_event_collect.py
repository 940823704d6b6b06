from odoo import models


class CalendarEvent(models.Model):
    """The collect step looks for meetings that ended or changed since its last pass."""

    _inherit = "calendar.event"

    _retention_stop_idx = models.Index("(stop)")
    _retention_written_idx = models.Index("(write_date)")

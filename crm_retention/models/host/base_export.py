from odoo import models

# besides our own: contacts, whose lists show our figures
WATCHED = ("res.partner", "helpdesk.ticket", "mailing.contact")


class Base(models.AbstractModel):
    """Exports of customers' data are noted."""

    _inherit = "base"

    def export_data(self, fields_to_export):
        result = super().export_data(fields_to_export)
        if self._name.startswith("retention.") or self._name in WATCHED:
            self.env["retention.access.log"]._note(self, fields_to_export)
        return result

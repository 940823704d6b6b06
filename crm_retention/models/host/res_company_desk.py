from odoo import fields, models

# as helpdesk.ticket.priority
PRIORITIES = [("1", "Medium"), ("2", "High"), ("3", "Very High")]


class ResCompany(models.Model):
    """How tickets of the better customers begin."""

    _inherit = "res.company"

    retention_priority_high = fields.Selection(
        selection=PRIORITIES,
        string="Priority of the High Band",
        default="2",
        help="New tickets of customers in tiers of the high band begin with it, unless "
        "a person chose another one. Empty: as all others.",
    )
    retention_priority_middle = fields.Selection(
        selection=PRIORITIES,
        string="Priority of the Middle Band",
        help="The same for customers in tiers of the middle band.",
    )

    def _retention_get_priority(self, band):
        """Return the priority with which tickets of ``band`` begin, or ``""``."""
        self.ensure_one()
        return {
            "high": self.retention_priority_high,
            "middle": self.retention_priority_middle,
        }.get(band) or ""

from odoo import models


class CrmLead(models.Model):
    """A barred address that comes back is barred again."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "retention.suppression.met"]

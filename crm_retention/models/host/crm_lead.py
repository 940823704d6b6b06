from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"partner_id", "active", "stage_id", "probability", "won_status", "company_id"}
    )

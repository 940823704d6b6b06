from odoo import api, fields, models

from ..judgement.retention_profile_health import BANDS
from .res_partner import USER


class ResPartner(models.Model):
    """Shows on a contact how the relationship is; read with the reader's own rights."""

    _inherit = "res.partner"

    retention_health = fields.Integer(
        string="Health",
        compute="_compute_retention_health",
        compute_sudo=False,
        groups=USER,
    )
    retention_health_change = fields.Char(
        string="Health since Last Month",
        compute="_compute_retention_health",
        compute_sudo=False,
        groups=USER,
    )
    retention_health_band = fields.Selection(
        selection=BANDS,
        string="Customer Health",
        compute="_compute_retention_health",
        search="_search_retention_health_band",
        compute_sudo=False,
        groups=USER,
    )

    @api.depends("retention_profile_id")
    @api.depends_context("uid", "company")
    def _compute_retention_health(self):
        for partner in self:
            profile = partner.retention_profile_id
            partner.retention_health = profile.health
            change = profile.health_change
            sign = "▲" if change > 0 else "▼"
            partner.retention_health_change = change and f"{sign} {abs(change)}"
            partner.retention_health_band = profile.health_band

    def _search_retention_health_band(self, operator, value):
        return self._search_retention("health_band", operator, value)

from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import USER


class ResPartner(models.Model):
    """Whether a contact's customer is of high value, for filters and populations."""

    _inherit = "res.partner"

    retention_is_high_value = fields.Boolean(
        string="High-Value Customer",
        compute="_compute_retention_is_high_value",
        search="_search_retention_is_high_value",
        compute_sudo=False,
        groups=USER,
        help="At least one sign of high value counts, as the tier program says.",
    )

    @api.depends("retention_profile_id")
    @api.depends_context("uid", "company")
    def _compute_retention_is_high_value(self):
        for partner in self:
            profile = partner.retention_profile_id
            partner.retention_is_high_value = profile.is_high_value

    def _search_retention_is_high_value(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._retention_domain(Domain("contribution", ">", 0), False)

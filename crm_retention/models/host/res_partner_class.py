from odoo import api, fields, models
from odoo.tools import SQL

from ..judgement.retention_profile_class import BEHAVIORS
from .res_partner import USER


class ResPartner(models.Model):
    """How a customer buys, on the contact; industry, region and type are there."""

    _inherit = "res.partner"

    retention_behavior = fields.Selection(
        selection=BEHAVIORS,
        string="Buying Behavior",
        compute="_compute_retention_behavior",
        search="_search_retention_behavior",
        compute_sudo=False,
        groups=USER,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_behavior(self):
        for partner in self:
            partner.retention_behavior = partner.retention_profile_id.behavior

    def _search_retention_behavior(self, operator, value):
        return self._search_retention("behavior", operator, value)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the behavior its SQL, through the profiles that the reader may see."""
        if field_expr != "retention_behavior":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        profiles = self.env["retention.profile"]._with_archived()
        readable = profiles._search([("company_id", "=", self.env.company.id)])
        table = profiles._table
        behavior = profiles._field_to_sql(table, "behavior", readable)
        return SQL(
            "(SELECT known.behavior FROM (%s) known (partner_id, behavior)"
            " WHERE known.partner_id = %s)",
            readable.select(SQL.identifier(table, "partner_id"), behavior),
            SQL.identifier(alias, "commercial_partner_id"),
        )

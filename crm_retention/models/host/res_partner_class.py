from odoo import api, fields, models
from odoo.tools import SQL

from ..judgement.retention_profile_class import BEHAVIORS
from ..judgement.retention_profile_credit import CREDIT_CLASSES
from .res_partner import USER

# what a contact shows of its customer's profile: field here -> field there
CLASSES = {
    "retention_behavior": "behavior",
    "retention_credit_class": "credit_class",
}


class ResPartner(models.Model):
    """How a customer buys and pays, on the contact; the other classes are there."""

    _inherit = "res.partner"

    retention_behavior = fields.Selection(
        selection=BEHAVIORS,
        string="Buying Behavior",
        compute="_compute_retention_classes",
        search="_search_retention_behavior",
        compute_sudo=False,
        groups=USER,
    )
    retention_credit_class = fields.Selection(
        selection=CREDIT_CLASSES,
        string="Credit Class",
        compute="_compute_retention_classes",
        search="_search_retention_credit_class",
        compute_sudo=False,
        groups=USER,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_classes(self):
        for partner in self:
            profile = partner.retention_profile_id
            partner.retention_behavior = profile.behavior
            partner.retention_credit_class = profile.credit_class

    def _search_retention_behavior(self, operator, value):
        return self._search_retention("behavior", operator, value)

    def _search_retention_credit_class(self, operator, value):
        return self._search_retention("credit_class", operator, value)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the classes their SQL, through the profiles that the reader may see."""
        if field_expr not in CLASSES:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        profiles = self.env["retention.profile"]._with_archived()
        readable = profiles._search([("company_id", "=", self.env.company.id)])
        table = profiles._table
        return SQL(
            "(SELECT known.class FROM (%s) known (partner_id, class)"
            " WHERE known.partner_id = %s)",
            readable.select(
                SQL.identifier(table, "partner_id"),
                profiles._field_to_sql(table, CLASSES[field_expr], readable),
            ),
            SQL.identifier(alias, "commercial_partner_id"),
        )

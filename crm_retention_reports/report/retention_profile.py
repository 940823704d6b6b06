from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .roi_groups import find_arm


class RetentionProfile(models.Model):
    """Customers can be looked for by the tiers they held, and by what they tell."""

    _inherit = "retention.profile"

    membership_ids = fields.One2many(search="_search_membership_ids")
    compared_as = fields.Char(
        store=False,
        search="_search_compared_as",
        groups="crm_retention.group_retention_manager,"
        "crm_retention.group_retention_auditor",
        help="In which group of a comparison; for the lists behind the return on "
        "investment.",
    )

    def _search_compared_as(self, operator, value):
        """Find the customers of a group, see ``roi_groups.Comparison.get_token``."""
        if operator != "in":
            return NotImplemented
        arms = [find_arm(self.env, token) for token in value]
        return Domain.OR(
            Domain("id", "in", SQL("(%s)", arm.select_members(self.env.company)))
            for arm in arms
            if arm
        )

    def _search_membership_ids(self, operator, value):
        """Find customers by their memberships in the company of the profile.

        A filter typed by a reader may also ask whether there are any, or for some.
        """
        if operator == "in":
            some = Domain("membership_ids", "any", [("id", "in", list(value))])
            none = Domain("membership_ids", "not any", [])
            return some | none if False in value else some
        if operator not in ("any", "any!") or not isinstance(value, Domain):
            return NotImplemented
        memberships = self.env["retention.membership"]
        query = memberships._search(value, bypass_access=operator == "any!")
        found = query.subselect(
            SQL.identifier(query.table, "partner_id"),
            SQL.identifier(query.table, "company_id"),
        )
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "(%s, %s) IN %s",
                SQL.identifier(alias, "partner_id"),
                SQL.identifier(alias, "company_id"),
                found,
            )
        )

import ast

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

USER = "crm_retention.group_retention_user"
# what a contact shows of its customer's profile: field here -> field there
SHOWN = {
    "retention_tier_id": "tier_id",
    "retention_segment_id": "segment_id",
    "retention_stage_id": "stage_id",
    "retention_credit_class": "credit_class",
}
BADGE_COLORS = {
    "high": "o_tag_color_3",
    "middle": "o_tag_color_4",
    "low": "o_tag_color_0",
}


class ResPartner(models.Model):
    """Shows the judgement on a contact, stores nothing on it.

    All of it is read with the reader's own rights: who may not read the profile
    sees empty fields, finds nobody by them, and groups by nothing.
    """

    _inherit = "res.partner"

    retention_profile_id = fields.Many2one(
        comodel_name="retention.profile",
        string="Customer Profile",
        compute="_compute_retention",
        search="_search_retention_profile_id",
        compute_sudo=False,
        groups=USER,
    )
    retention_tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Customer Tier",
        compute="_compute_retention",
        search="_search_retention_tier_id",
        compute_sudo=False,
        groups=USER,
    )
    retention_segment_id = fields.Many2one(
        comodel_name="retention.segment",
        string="Customer Segment",
        compute="_compute_retention",
        search="_search_retention_segment_id",
        compute_sudo=False,
        groups=USER,
    )
    retention_stage_id = fields.Many2one(
        comodel_name="retention.stage",
        string="Lifecycle Stage",
        compute="_compute_retention",
        search="_search_retention_stage_id",
        compute_sudo=False,
        groups=USER,
    )
    retention_ticket_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="commercial_partner_id",
        string="Tickets of the Customer",
    )
    retention_touch_ids = fields.One2many(
        comodel_name="retention.touch",
        inverse_name="partner_id",
        string="Contacts with the Customer",
        groups=USER,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention(self):
        profiles = (
            self.env["retention.profile"]
            ._with_archived()
            .search(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        )
        by_customer = {profile.partner_id: profile for profile in profiles}
        for partner in self:
            customer = partner.commercial_partner_id._origin  # also while editing
            profile = by_customer.get(customer, profiles.browse())
            partner.retention_profile_id = profile
            partner.retention_tier_id = profile.tier_id
            partner.retention_segment_id = profile.segment_id
            partner.retention_stage_id = profile.stage_id

    def _search_retention_profile_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            return self._retention_domain(Domain(value), False)
        ids = [each for each in value if each]
        return self._retention_domain(Domain("id", "in", ids), False in value)

    def _search_retention_tier_id(self, operator, value):
        return self._search_retention("tier_id", operator, value)

    def _search_retention_segment_id(self, operator, value):
        return self._search_retention("segment_id", operator, value)

    def _search_retention_stage_id(self, operator, value):
        return self._search_retention("stage_id", operator, value)

    def _search_retention(self, name, operator, value):
        """Return the domain of contacts whose customer's profile has ``value``."""
        if operator == "any":
            return self._retention_domain(Domain(name, "any", value), False)
        if operator != "in":
            return NotImplemented
        ids = [each for each in value if each]
        return self._retention_domain(Domain(name, "in", ids), False in value, name)

    def _retention_domain(self, domain, or_none, name="id"):
        """Return the contacts whose profile fits ``domain``, or who have none.

        In a person's request of the current company. A job has no company of its
        own: there the tier, through its program, says which one is meant.
        """
        company = (
            Domain.TRUE
            if self.env.su and name == "tier_id"
            else Domain("company_id", "=", self.env.company.id)
        )
        Profile = self.env["retention.profile"]._with_archived()
        customer = SQL.identifier(Profile._table, "partner_id")
        fits = Domain(
            "commercial_partner_id",
            "in",
            Profile._search(domain & company).subselect(customer),
        )
        if not or_none:
            return fits
        others = Profile._search(Domain(name, "!=", False) & company)
        return fits | Domain(
            "commercial_partner_id", "not in", others.subselect(customer)
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the shown fields their SQL, so that lists can be grouped by them.

        Through the profile's own search, which applies the reader's rules.
        """
        if field_expr not in SHOWN:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        readable = (
            self.env["retention.profile"]
            ._with_archived()
            ._search([("company_id", "=", self.env.company.id)])
        )
        return SQL(
            "(SELECT known.%(column)s FROM (%(readable)s) known"
            " WHERE known.partner_id = %(customer)s)",
            column=SQL.identifier(SHOWN[field_expr]),
            readable=readable.select(
                SQL.identifier("retention_profile", "partner_id"),
                SQL.identifier("retention_profile", SHOWN[field_expr]),
            ),
            customer=SQL.identifier(alias, "commercial_partner_id"),
        )

    def _compute_application_statistics_hook(self):
        data = super()._compute_application_statistics_hook()
        if not self.env.user.has_group(USER):
            return data
        for partner in self.filtered("retention_tier_id"):
            tier = partner.retention_tier_id
            data[partner.id].append(
                {
                    "iconClass": "fa-trophy",
                    "value": tier.name,
                    "label": self.env._("Customer tier"),
                    "tagClass": BADGE_COLORS[tier.band],
                }
            )
        return data

    # ---- keeping up with changes of the contact ----------------------------------

    @api.model
    @tools.ormcache()
    def _retention_population_fields(self):
        """Return the names of fields by which some program chooses its customers."""
        # sudo: which fields matter is asked whenever anybody changes a contact
        programs = self.env["retention.program"].sudo().search([("active", "=", True)])
        return frozenset(
            condition.field_expr.split(".")[0]
            for program in programs
            for condition in Domain(ast.literal_eval(program.domain)).iter_conditions()
        )

    def write(self, vals):
        moves = {"parent_id", "is_company"} & set(vals)
        matters = moves or self._retention_population_fields() & set(vals)
        if not matters:
            return super().write(vals)
        before = self.commercial_partner_id
        result = super().write(vals)
        self.env["retention.mark"]._add(before | self.commercial_partner_id)
        if moves:
            # sudo: who may move a contact may move what we keep about it
            self.env["retention.profile"].sudo()._leave_entity(before | self)
            # sudo: as above
            self.env["retention.touch"].sudo()._follow_persons(self)
            # sudo: as above
            self.env["retention.points.account"].sudo()._follow_entities(before | self)
        return result

    def unlink(self):
        # sudo: who may delete a contact may delete what was concluded about it
        self.env["retention.profile"].sudo()._drop_partners(self)
        # sudo: as above
        self.env["retention.touch"].sudo()._drop_partners(self)
        # sudo: as above; an account with points refuses
        self.env["retention.points.account"].sudo()._drop_partners(self)
        return super().unlink()

    def action_view_retention_profile(self):
        """Open the customer's profile."""
        self.ensure_one()
        profile = self.retention_profile_id
        return {
            "type": "ir.actions.act_window",
            "res_model": profile._name,
            "res_id": profile.id,
            "views": [(False, "form")],
        }

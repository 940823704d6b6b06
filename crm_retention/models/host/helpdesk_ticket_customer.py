from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

BANDS = [("high", "High"), ("middle", "Middle"), ("low", "Low")]
COMPLAINT_DAYS = 90


class HelpdeskTicket(models.Model):
    """Who the customer of a ticket is, at a glance, for those who work on it.

    For the assigned person, the ticket's team and whoever may read the customer's
    profile anyway: those figures and no others, without any rights of ours. All of
    them are empty for everybody else; nothing is stored on the ticket.
    """

    _inherit = "helpdesk.ticket"

    retention_shows_customer = fields.Boolean(compute="_compute_retention_customer")
    retention_tier_name = fields.Char(
        string="Customer Tier", compute="_compute_retention_customer"
    )
    retention_band = fields.Selection(
        selection=BANDS,
        string="Customer Band",
        compute="_compute_retention_customer",
        search="_search_retention_band",
    )
    retention_stage_name = fields.Char(
        string="Lifecycle Stage", compute="_compute_retention_customer"
    )
    retention_currency_id = fields.Many2one(related="company_id.currency_id")
    retention_revenue = fields.Monetary(
        string="Revenue (12 months)",
        compute="_compute_retention_revenue",
        currency_field="retention_currency_id",
        help="Without taxes, refunds deducted.",
    )
    retention_complaint_count = fields.Integer(
        string="Complaints in 90 Days",
        compute="_compute_retention_complaint_count",
        help="Of the whole customer, this ticket included.",
    )

    # ---- who may see it ------------------------------------------------------------

    def _retention_shown(self):
        """Return those of these tickets whose customer the reader may know."""
        if self.env.su:
            return self
        user = self.env.user
        if user.share:
            return self.browse()
        # sudo: who is in a team, also for whom teams are closed
        own = self.sudo().filtered(
            lambda ticket: (
                user
                in ticket.user_id | ticket.team_id.user_ids | ticket.team_id.user_id
            )
        )
        own = self.browse(own._ids)
        others = self - own
        profiles = self.env["retention.profile"]
        if not others or not profiles.has_access("read"):
            return own
        known = profiles.search_fetch(
            others._retention_profile_domain(), ["partner_id"]
        )
        readable = {(row.partner_id.id, row.company_id.id) for row in known}
        return own | others.filtered(lambda each: each._retention_key() in readable)

    def _retention_shown_domain(self):
        """Return the same as a domain of tickets."""
        if self.env.su:
            return Domain.TRUE
        user = self.env.user
        if user.share:
            return Domain.FALSE
        domain = Domain("user_id", "=", user.id) | Domain(
            "team_id", "any!", [("user_ids", "in", user.ids)]
        )
        domain |= Domain("team_id", "any!", [("user_id", "=", user.id)])
        profiles = self.env["retention.profile"]
        if profiles.has_access("read"):
            domain |= self._retention_of_profiles(profiles._search(Domain.TRUE))
        return domain

    @api.model
    def _retention_of_profiles(self, profiles):
        """Return the domain of tickets of these profiles' customers and companies.

        :param profiles: a query of profiles.
        """
        found = profiles.subselect(
            SQL.identifier("retention_profile", "partner_id"),
            SQL.identifier("retention_profile", "company_id"),
        )
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "(%s, %s) IN %s",
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(alias, "company_id"),
                found,
            )
        )

    def _retention_key(self):
        """Return whose profile it is about: (customer, company), as ids."""
        self.ensure_one()
        # sudo: whose ticket it is, not more about him
        ticket = self.sudo()
        return ticket.partner_id.commercial_partner_id.id, ticket.company_id.id

    def _retention_profile_domain(self):
        customers, companies = zip(
            *(each._retention_key() for each in self), strict=True
        )
        return Domain("partner_id", "in", customers) & Domain(
            "company_id", "in", companies
        )

    def _retention_by_customer(self, rows, customer="partner_id"):
        """Return ``{(customer, company): rows}``, as ids."""
        return rows.grouped(lambda row: (row[customer].id, row.company_id.id))

    # ---- what they see -------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("partner_id", "company_id", "user_id", "team_id")
    def _compute_retention_customer(self):
        shown = self._retention_shown().filtered("partner_id")
        (self - shown).update(
            {
                "retention_shows_customer": False,
                "retention_tier_name": False,
                "retention_band": False,
                "retention_stage_name": False,
            }
        )
        if not shown:
            return
        # sudo: these readers were checked one by one, these figures are for them
        profiles = self.env["retention.profile"].sudo()._with_archived()
        found = self._retention_by_customer(
            profiles.search(shown._retention_profile_domain())
        )
        for ticket in shown:
            profile = found.get(ticket._retention_key(), profiles.browse())
            ticket.retention_shows_customer = True
            ticket.retention_tier_name = profile.tier_id.name
            ticket.retention_band = profile.tier_id.band
            ticket.retention_stage_name = profile.stage_id.name

    @api.model
    def _search_retention_band(self, operator, value):
        """Find by band only the tickets whose customer the reader may know."""
        if operator != "in":
            return NotImplemented
        # sudo: limited below to the tickets whose customers the reader may know
        profiles = self.env["retention.profile"].sudo()._with_archived()
        shown = self._retention_shown_domain()
        bands = [each for each in value if each]
        rated = profiles._search([("tier_id.band", "in", bands)])
        found = self._retention_of_profiles(rated) & shown
        if False not in value:
            return found
        every = profiles._search([("tier_id", "!=", False)])
        return found | ~(self._retention_of_profiles(every) & shown)

    @api.depends_context("uid")
    @api.depends("partner_id", "company_id", "user_id", "team_id")
    def _compute_retention_revenue(self):
        self.retention_revenue = 0
        shown = self._retention_shown().filtered("partner_id")
        for company, tickets in shown.grouped("company_id").items():
            since = company._retention_today() - relativedelta(months=12)
            # sudo: these readers were checked one by one, this sum is for them
            rows = self.env["retention.transaction"].sudo()
            sums = dict(
                rows._read_group(
                    tickets._retention_profile_domain() & Domain("date", ">", since),
                    ["partner_id"],
                    ["amount:sum"],
                )
            )
            for ticket in tickets:
                # sudo: whose ticket it is
                customer = ticket.sudo().partner_id.commercial_partner_id
                ticket.retention_revenue = sums.get(customer, 0)

    @api.depends_context("uid")
    @api.depends("partner_id", "company_id", "user_id", "team_id", "retention_kind")
    def _compute_retention_complaint_count(self):
        self.retention_complaint_count = 0
        shown = self._retention_shown().filtered("partner_id")
        if not shown:
            return
        since = fields.Datetime.now() - relativedelta(days=COMPLAINT_DAYS)
        customers, companies = zip(
            *(each._retention_key() for each in shown), strict=True
        )
        # sudo: these readers were checked one by one, this number is for them
        groups = self.sudo()._read_group(
            Domain("commercial_partner_id", "in", customers)
            & Domain("company_id", "in", companies)
            & Domain("retention_kind", "=", "complaint")
            & Domain("duplicate_id", "=", False)
            & Domain("retention_received_at", ">=", since),
            ["commercial_partner_id", "company_id"],
            ["__count"],
        )
        counts = {(partner.id, company.id): count for partner, company, count in groups}
        for ticket in shown:
            ticket.retention_complaint_count = counts.get(ticket._retention_key(), 0)

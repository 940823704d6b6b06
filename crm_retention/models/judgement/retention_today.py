from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools import tiering

ROWS = 10
MOVES = "today -30d"
PROFILES = "crm_retention.retention_profile_action"
HISTORY = "crm_retention.retention_membership_action"


class RetentionProfile(models.Model):
    """The first page: what moved, what is about to, and whom to look at first.

    Read with the reader's own rights, for the current company, in a number of
    queries that does not depend on how many customers there are.
    """

    _inherit = "retention.profile"

    @api.model
    def get_today(self):
        """Return all that the page Today shows, as plain values."""
        page = {
            "state": self._today_state(),
            "company": self.env.company.name,
            "manages": self._today_manages(),
            "banner": self.env["retention.run"]._today_banner(),
            "steps": self._today_steps(),
            "hints": [],
            "cards": [],
            "tiers": [],
            "lists": [],
        }
        if page["state"] == "ready":
            counts = self._today_counts()
            page |= {
                "hints": self._today_hints(),
                "cards": self._today_cards(counts),
                "tiers": self._today_tiers(counts),
                "lists": self._today_lists(),
            }
        return page

    @api.model
    def _today_manages(self):
        return self.env["retention.program"].has_access("write")

    @api.model
    def _today_domain(self, *more):
        """Return the domain of this company's customers, and of ``more``."""
        company = Domain("company_id", "=", self.env.company.id)
        return Domain.AND([company, *more])

    @api.model
    def _today_programs(self):
        return self.env["retention.program"].search(self._today_domain())

    @api.model
    def _today_state(self):
        """Return "ready", or which kind of nothing there is to show."""
        if self.search_count(self._today_domain(), limit=1):
            return "ready"
        programs = self._today_programs()
        if not programs:
            return "no_program"
        if not any(programs.mapped("applied_version")):
            return "never"
        user = self.env.user
        sees_all = user.has_group("crm_retention.group_retention_manager")
        sees_all = sees_all or user.has_group("crm_retention.group_retention_auditor")
        return "no_data" if sees_all else "nobody"

    # ---- numbers -----------------------------------------------------------

    @api.model
    def _today_counts(self):
        """Return ``{(tier, is prospect): (customers, revenue in the window)}``."""
        return {
            (tier, prospect): (count, revenue)
            for tier, prospect, count, revenue in self._read_group(
                self._today_domain(),
                ["tier_id", "is_prospect"],
                ["__count", "window_revenue:sum"],
            )
        }

    @api.model
    def _today_cards(self, counts):
        money = self.env.company.currency_id.format
        bought = [pair for (_tier, prospect), pair in counts.items() if not prospect]
        prospects = sum(
            count for (_tier, prospect), (count, _) in counts.items() if prospect
        )
        return [
            {
                "key": "customers",
                "label": self.env._("Customers"),
                "value": sum(count for count, _revenue in bought),
                "note": self.env._(
                    "%s in the window", money(sum(revenue for _n, revenue in bought))
                ),
                "open": self._today_open(PROFILES, "customers"),
            },
            {
                "key": "prospects",
                "label": self.env._("Prospects"),
                "value": prospects,
                "note": self.env._("Asked, but have not bought yet"),
                "open": self._today_open(PROFILES, "prospects"),
            },
        ]

    @api.model
    def _today_tiers(self, counts):
        """Return every tier of the company with its customers, best first."""
        money = self.env.company.currency_id.format
        programs = self._today_programs()
        tiers = []
        for tier in programs.tier_ids:
            count, revenue = counts.get((tier, False), (0, 0.0))
            tiers.append(
                {
                    "id": tier.id,
                    "name": tier.name,
                    "program": tier.program_id.name if len(programs) > 1 else False,
                    "color": tier.color,
                    "count": count,
                    "note": money(revenue),
                    "limit": tier.limit_text,
                    "open": self._today_open(PROFILES, tier_id=tier.id),
                }
            )
        most = max((tier["count"] for tier in tiers), default=0)
        return [
            tier | {"part": round(100 * tier["count"] / most) if most else 0}
            for tier in tiers
        ]

    @api.model
    def _today_open(self, action, *filters, **values):
        """Return what the page needs to open a list of the same records."""
        context = {f"search_default_{name}": 1 for name in filters}
        context |= {f"search_default_{name}": value for name, value in values.items()}
        if len(self.env.companies) > 1:
            context["search_default_company_id"] = self.env.company.id
        if action == PROFILES and not filters:
            context["search_default_customers"] = 0
        return {"action": action, "context": context}

    # ---- lists -------------------------------------------------------------

    @api.model
    def _today_lists(self):
        return [
            self._today_falling(),
            self._today_close(),
            self._today_attention(),
            self._today_moves(tiering.UPGRADE)
            | {
                "key": "up",
                "icon": "fa-level-up",
                "title": self.env._("Moved up in the last 30 days"),
                "none": self.env._("Nobody moved up."),
                "open": self._today_open(HISTORY, "up", "recent"),
            },
            self._today_moves(tiering.DOWNGRADE)
            | {
                "key": "down",
                "icon": "fa-level-down",
                "title": self.env._("Moved down in the last 30 days"),
                "none": self.env._("Nobody moved down."),
                "open": self._today_open(HISTORY, "down", "recent"),
            },
        ]

    @api.model
    def _today_row(self, profile, why, note):
        return {
            "id": profile.id,
            "name": profile.partner_id.display_name,
            "tier": profile.tier_id.name,
            "color": profile.tier_id.color,
            "why": why,
            "note": note,
        }

    @api.model
    def _today_of_memberships(self, memberships):
        """Return ``{membership: profile}``, of those whose profile may be read."""
        profiles = self.search(
            self._today_domain(Domain("partner_id", "in", memberships.partner_id.ids))
        )
        by_customer = {profile.partner_id: profile for profile in profiles}
        return {
            row: by_customer[row.partner_id]
            for row in memberships
            if row.partner_id in by_customer
        }

    @api.model
    def _today_moves(self, cause):
        """Return who moved this way lately, newest first."""
        Membership = self.env["retention.membership"]
        domain = self._today_domain(
            Domain("cause", "=", cause), Domain("date_from", ">=", MOVES)
        )
        rows = self._today_of_memberships(Membership.search(domain, limit=ROWS))
        return {
            "count": Membership.search_count(domain),
            "rows": [
                self._today_row(
                    profile,
                    membership.reason,
                    format_date(self.env, membership.date_from),
                )
                for membership, profile in rows.items()
            ],
        }

    @api.model
    def _today_falling(self):
        """Return whose tier ends unless it is earned again, soonest first."""
        falling = self._today_domain(Domain("outlook", "=", "falling"))
        held = self.env["retention.membership"].search(
            self._today_domain(
                Domain("date_to", "=", False),
                Domain(
                    "partner_id",
                    "in",
                    self._search(falling).subselect(
                        SQL.identifier(self._table, "partner_id")
                    ),
                ),
            ),
            order="valid_until, id",
            limit=ROWS,
        )
        rows = self._today_of_memberships(held)
        return {
            "key": "falling",
            "icon": "fa-arrow-circle-down",
            "title": self.env._("About to be downgraded"),
            "none": self.env._("No tier ends in the next 90 days."),
            "open": self._today_open(PROFILES, "falling"),
            "count": self.search_count(falling),
            "rows": [
                self._today_row(
                    profile,
                    self.env._(
                        "Figures earn %(earned)s only. %(next)s",
                        earned=profile.earned_tier_id.name,
                        next=profile.last_text,
                    ),
                    self.env._("ends %s", format_date(self.env, profile.fall_date)),
                )
                for profile in rows.values()
            ],
        }

    @api.model
    def _today_close(self):
        """Return who is within a tenth of the next tier, biggest customers first."""
        domain = self._today_domain(Domain("is_close", "=", True))
        return {
            "key": "close",
            "icon": "fa-arrow-circle-up",
            "title": self.env._("Close to upgrade"),
            "none": self.env._("Nobody is within a tenth of the next tier."),
            "open": self._today_open(PROFILES, "close"),
            "count": self.search_count(domain),
            "rows": [
                self._today_row(
                    profile, profile.next_text, self.env._("%s %%", profile.progress)
                )
                for profile in self.search(
                    domain, order="window_revenue desc, id", limit=ROWS
                )
            ],
        }

    @api.model
    def _today_attention(self):
        """Return good customers who have gone quiet, those worth most first."""
        domain = self._today_domain(Domain("needs_attention", "=", True))
        return {
            "key": "attention",
            "icon": "fa-phone",
            "title": self.env._("Need attention"),
            "none": self.env._("No good customer has gone quiet."),
            "open": self._today_open(PROFILES, "attention"),
            "count": self.search_count(domain),
            "rows": [
                self._today_row(
                    profile,
                    profile.last_text,
                    profile.segment_id.name,
                )
                for profile in self.search(
                    domain, order="lifetime_revenue desc, id", limit=ROWS
                )
            ],
        }

    # ---- what is not configured ----------------------------------------------

    @api.model
    def _today_hints(self):
        """Name what keeps the judgement from being complete, and the way out."""
        hints = []
        for program in self._today_programs():
            if program.compared_count < program.min_customers:
                text = self.env._(
                    "%(program)s: only %(count)s customers bought in the window, too "
                    "few to compare. Scores begin with %(least)s.",
                    program=program.name,
                    count=program.compared_count,
                    least=program.min_customers,
                )
                hints.append({"text": text, "program_id": program.id})
            elif program.is_pending:
                text = self.env._(
                    "%s was changed: customers are judged by the new rules tonight.",
                    program.name,
                )
                hints.append({"text": text, "program_id": program.id})
        return hints

"""The contact policies of one company, as the plan uses them: read once a batch."""

from collections import namedtuple
from functools import cached_property

from odoo.tools import SQL

from ...tools import cadence, caps
from .people import People

Line = namedtuple(
    "Line",
    "id name policy_id policy_name started_on by_engagement active_days warm_days"
    " channel_id channels category purpose_id depth personal interval_days adapts"
    " shortest_days slowest_days keydate responsible user_id team_id leads",
)


class PlanRules:
    """Which policy serves a customer, with which lines, and who is responsible.

    :param policies: the policies to plan by; default: those in force. A draft is
        looked at as if it came into force on ``as_of``.
    """

    def __init__(self, company, as_of, policies=None):
        self.env = company.env
        self.as_of = as_of
        self.company = company
        self.people = People(company)
        if policies is None:
            policies = self.env["retention.contact.policy"].search(
                [("company_id", "=", company.id), ("state", "=", "running")]
            )
        self.policies = policies.sorted(lambda each: (each.sequence, each.id))
        self.lines = {policy.id: self._get_lines(policy) for policy in self.policies}
        self.keydates = self.policies.cadence_ids.keydate_id

    def _get_lines(self, policy):
        leading = policy.cadence_ids.filtered(
            lambda line: line.adapts and line.mode == "personal"
        )[:1]
        return [
            self._get_line(policy, line, line == leading)
            for line in policy.cadence_ids.sorted(lambda each: (each.sequence, each.id))
            if line.keydate_id.active or not line.keydate_id
        ]

    def _get_line(self, policy, line, leads):
        channels = tuple(line._get_channels().filtered("active").ids)
        return Line(
            id=line.id,
            name=line.name,
            policy_id=policy.id,
            policy_name=policy.name,
            started_on=policy.started_on or self.as_of,
            by_engagement=policy.by_engagement,
            active_days=policy.active_days,
            warm_days=policy.warm_days,
            channel_id=line.channel_id.id,
            channels=channels or (line.channel_id.id,),
            category=line.category,
            purpose_id=line.purpose_id.id or None,
            depth=line.depth,
            personal=line.mode == "personal",
            interval_days=line.interval_days,
            adapts=line.adapts,
            shortest_days=line.shortest_days,
            slowest_days=line.slowest_days,
            keydate=line.keydate_id or None,
            responsible=line.responsible,
            user_id=line.user_id.id or None,
            team_id=line.team_id.id or None,
            leads=leads,
        )

    # ---- who is served by what -----------------------------------------------------

    def choose(self, customers):
        """Return ``{customer id: policy id}``: the first policy that fits each."""
        fits = [(policy, self._get_test(policy, customers)) for policy in self.policies]
        chosen = {}
        for customer in customers:
            for policy, test in fits:
                if test(customer):
                    chosen[customer.partner_id] = policy.id
                    break
        return chosen

    def _get_test(self, policy, customers):
        """Return the function that tells whether a customer fits ``policy``."""
        tiers, stages = set(policy.tier_ids.ids), set(policy.stage_ids.ids)
        band, share, key = policy.band, policy.pilot_share, f"policy:{policy.id}"
        among = None
        if not policy._takes_all():
            ids = [customer.partner_id for customer in customers]
            found = self.env.execute_query(policy._population(among=ids).select())
            among = {row[0] for row in found}

        def test(customer):
            return (
                (not tiers or customer.tier_id in tiers)
                and (not band or customer.band == band)
                and (not stages or customer.stage_id in stages)
                and (among is None or customer.partner_id in among)
                and (
                    share >= 100 or caps.in_share(f"{key}:{customer.partner_id}", share)
                )
            )

        return test

    # ---- who does it -----------------------------------------------------------------

    @cached_property
    def _members(self):
        """Members of each team who can be responsible, in a fixed order."""
        rows = self.env.execute_query(
            SQL(
                """SELECT crm_team_id, user_id FROM crm_team_member
                    WHERE active ORDER BY crm_team_id, user_id"""
            )
        )
        members = {}
        for team, user in rows:
            if user in self.people.users:
                members.setdefault(team, []).append(user)
        return members

    @cached_property
    def _owners(self):
        return {policy.id: policy.user_id.id for policy in self.policies}

    def responsible(self, line, customer):
        """Return the id of who carries out ``line`` for a customer, or None."""
        first = {
            "manager": customer.manager_id,
            "salesperson": customer.user_id,
            "lead": self.people.leaders.get(customer.user_id),
            "named": line.user_id,
            "team": None,
        }[line.responsible]
        if line.responsible == "team":
            members = self._members.get(line.team_id, ())
            first = cadence.member(members, line.team_id, customer.partner_id)
        chain = (
            first,
            customer.manager_id,
            customer.user_id,
            self._owners[line.policy_id],
        )
        return self.people.choose(*chain)

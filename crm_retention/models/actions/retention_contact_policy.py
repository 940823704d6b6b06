from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import cadence
from .planner import Planner

SAMPLE = 2_000  # customers who are planned for a preview; of more, a stable sample
LISTED = 5_000  # ids that the list of a preview can hold
MONTH = 30


class RetentionContactPolicy(models.Model):
    """What comes of a policy: planned touches, and a look at them before."""

    _inherit = "retention.contact.policy"

    planned_count = fields.Integer(string="Planned", compute="_compute_planned_count")

    def _compute_planned_count(self):
        counts = self.env["retention.touch"]._read_group(
            [("cadence_id", "in", self.cadence_ids.ids), ("state", "=", "planned")],
            ["cadence_id"],
            ["__count"],
        )
        by_policy = Counter()
        for line, count in counts:
            by_policy[line.policy_id] += count
        for policy in self:
            policy.planned_count = by_policy[policy]

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False or vals.get("state") == "draft":
            self.with_context(active_test=False).cadence_ids._drop_plan()
        if vals.get("active"):
            self._plan_soon()
        return result

    def unlink(self):
        self.with_context(active_test=False).cadence_ids._drop_plan()
        return super().unlink()

    def _start(self):
        result = super()._start()
        self._plan_soon()
        return result

    def _plan_soon(self):
        """Let the job plan everybody anew, from now on by these policies."""
        companies = self.filtered(lambda each: each.state == "running").company_id
        # sudo: runs are written by the job only; policies by managers
        runs = self.env["retention.run"].sudo()
        busy = runs.search(
            [
                ("company_id", "in", companies.ids),
                ("step", "=", "plan"),
                ("state", "=", "todo"),
            ]
        ).company_id
        new = companies - busy
        runs.create(
            [
                {
                    "company_id": company.id,
                    "step": "plan",
                    "kind": "full",
                    "as_of": company._retention_today(),
                    "user_id": self.env.uid,
                    "total": runs._get_expected(company),
                }
                for company in new
                # before the first evaluation there is nobody to plan for
                if runs.search_count([("company_id", "=", company.id)], limit=1)
            ]
        )
        if new:
            runs._wake()

    # ---- before it applies -----------------------------------------------------------

    def _preview(self, as_of=None):
        """Return what this policy would ask for, were it in force on ``as_of``.

        ``customers``: how many it serves; ``ids``: some of them; ``sample``: of how
        many the rest was worked out; ``persons``, ``channels``: contacts a month by
        id (None: nobody); ``contacts``: how many would be planned now; ``refused``:
        how many are not planned, by reason. Numbers are those of all customers.
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: whom a rule concerns is a manager's to know, whoever owns it
        policy = self.sudo()
        company = policy.company_id
        planner = Planner(
            company,
            as_of or company._retention_today(),
            self._get_running(company) | policy,
        )
        ids = self._get_served(planner)
        sample = sorted(ids, key=lambda each: cadence.draw("preview", each))[:SAMPLE]
        _facts, drafts = planner.propose(sorted(sample), adapts=False)
        scale = len(ids) / len(sample) if sample else 1
        return {
            "customers": len(ids),
            "ids": ids[:LISTED],
            "sample": len(sample),
        } | self._sum_up(drafts.values(), scale)

    @api.model
    def _sum_up(self, drafts, scale):
        """Return the figures of :meth:`_preview` that come from the drafts."""
        persons, channels, refused = Counter(), Counter(), Counter()
        contacts = 0
        for draft in drafts:
            if draft.refused:
                refused[draft.refused] += scale
                continue
            contacts += scale
            each = scale * (1 / 12 if draft.occurrence else MONTH / draft.interval)
            channels[draft.channel_id] += each
            if draft.line.personal:
                persons[draft.user_id] += each
        return {
            "contacts": round(contacts),
            "persons": persons,
            "channels": channels,
            "refused": refused,
        }

    @api.model
    def _get_running(self, company):
        # sudo: as in _preview
        return self.sudo().search(
            [("company_id", "=", company.id), ("state", "=", "running")]
        )

    def _get_served(self, planner):
        """Return the ids of the customers whom this policy would serve, in order."""
        customers = planner.read_customers()
        chosen = planner.rules.choose(customers)
        return [
            customer.partner_id
            for customer in customers
            if chosen.get(customer.partner_id) == self.id
        ]

    def action_preview(self):
        """Show whom the policy would reach and how much work it would make."""
        if not self.cadence_ids:
            raise UserError(self.env._("Add a rhythm first: what is to be done?"))
        preview = self.env["retention.policy.preview"]._create_of(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %s", self.name),
            "res_model": preview._name,
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_touches(self):
        """Open what is planned by these policies."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Planned by %s", self[:1].name),
            "res_model": "retention.touch",
            "view_mode": "list,form",
            "domain": [
                ("cadence_id.policy_id", "in", self.ids),
                ("state", "=", "planned"),
            ],
        }

from itertools import product

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import service

KINDS = [
    (service.QUESTION, "Questions"),
    (service.REQUEST, "Requests"),
    (service.COMPLAINT, "Complaints"),
]
CRITERIA = ("team_ids", "tier_id", "band", "kind", "priority")
DAY = {"amount": 24, "unit": "hour", "mode": "elapsed"}
# what a company comes with, by what _default_names calls it
SHIPPED = {
    "all": (
        {"is_fallback": True},
        {
            service.ANSWER: DAY,
            service.CHAT: {"amount": 30, "unit": "second", "mode": "elapsed"},
        },
    ),
    "high": (
        {"band": "high"},
        {
            service.ANSWER: {
                "amount": 20,
                "unit": "minute",
                "mode": "working",
                "latest_hours": 24,
            }
        },
    ),
    "middle": (
        {"band": "middle"},
        {
            service.ANSWER: {
                "amount": 2,
                "unit": "hour",
                "mode": "working",
                "latest_hours": 24,
            }
        },
    ),
    "complaint": (
        {"kind": service.COMPLAINT},
        {
            service.RECEIVED: DAY | {"amount": 4},
            service.CLASSIFIED: DAY | {"amount": 8},
            service.INVESTIGATED: DAY | {"amount": 12},
            service.SOLVE: DAY,
        },
    ),
}


class RetentionServiceTarget(models.Model):
    """Which promises hold for which tickets.

    Of several that fit a ticket the most special one decides, promise by promise;
    two of which neither is the special case are refused. One for everybody, the
    fallback, is always there.
    """

    _name = "retention.service.target"
    _description = "Service Target"
    _order = "is_fallback, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    is_fallback = fields.Boolean(
        string="For Everybody",
        readonly=True,
        help="Holds wherever no other target says something. It cannot be removed.",
    )
    team_ids = fields.Many2many(
        comodel_name="helpdesk.ticket.team",
        string="Teams",
        check_company=True,
        help="Tickets of these teams. Empty: of every team, and without one.",
    )
    band = fields.Selection(
        selection=[("high", "High"), ("middle", "Middle"), ("low", "Low")],
        string="Customers' Band",
        compute="_compute_band",
        store=True,
        readonly=False,
        help="Customers whose tier is of this band. Empty: everybody.",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        ondelete="cascade",
        check_company=True,
        help="Only customers of this very tier.",
    )
    kind = fields.Selection(selection=KINDS, help="Empty: every kind of ticket.")
    priority = fields.Selection(
        selection=[
            ("0", "Low"),
            ("1", "Medium"),
            ("2", "High"),
            ("3", "Very High"),
        ],
        help="Empty: every priority.",
    )
    limit_ids = fields.One2many(
        comodel_name="retention.service.limit",
        inverse_name="target_id",
        string="Promises",
        copy=True,
    )
    scope_text = fields.Char(string="For", compute="_compute_texts")
    limit_text = fields.Char(string="Promised", compute="_compute_texts")

    _fallback_unique = models.UniqueIndex(
        "(company_id) WHERE is_fallback", "A company has one target for everybody."
    )
    _fallback_for_all = models.Constraint(
        """CHECK (is_fallback IS NOT TRUE OR (active AND band IS NULL
            AND tier_id IS NULL AND kind IS NULL AND priority IS NULL))""",
        "The target for everybody holds for all tickets: make another one for some.",
    )

    # ---- computed ----------------------------------------------------------------

    @api.depends("tier_id.band")
    def _compute_band(self):
        for target in self:
            target.band = target.tier_id.band or target.band

    @api.depends("limit_ids.display_name", *CRITERIA)
    @api.depends_context("lang")
    def _compute_texts(self):
        for target in self:
            target.limit_text = "; ".join(target.limit_ids.mapped("display_name"))
            target.scope_text = target._describe_scope()

    def _describe_scope(self):
        """Say for which tickets it holds, in a few words."""
        self.ensure_one()
        words = [
            dict(self._fields[name]._description_selection(self.env))[self[name]]
            for name in ("kind",)
            if self[name]
        ]
        if self.tier_id:
            words.append(self.env._("tier %s", self.tier_id.name))
        elif self.band:
            bands = dict(self._fields["band"]._description_selection(self.env))
            words.append(self.env._("band %s", bands[self.band]))
        if self.priority:
            priorities = dict(self._fields["priority"]._description_selection(self.env))
            words.append(self.env._("priority %s", priorities[self.priority]))
        if self.team_ids:
            words.append(", ".join(self.team_ids.mapped("name")))
        return " · ".join(words) or self.env._("All tickets")

    # ---- constraints -------------------------------------------------------------

    @api.constrains("team_ids", "is_fallback", "limit_ids")
    def _check_fallback(self):
        for target in self.filtered("is_fallback"):
            if target.team_ids:
                raise ValidationError(
                    self.env._(
                        "The target for everybody holds for all tickets: make another "
                        "one for some."
                    )
                )

    def _check_promises(self):
        """Refuse targets that cross each other, and answers due after the solution."""
        for company in self.company_id:
            rules = self._get_rules(company)
            conflict = service.find_conflict(rules)
            if conflict:
                self._refuse_conflict(*conflict)
            self._check_order(company, rules)

    def _refuse_conflict(self, one, other):
        """Say which two targets cross, about what, and what to do."""
        limits = self.env["retention.service.limit"]
        first, second = limits.browse(one.id), limits.browse(other.id)
        parts = dict(limits._fields["part"]._description_selection(self.env))
        raise ValidationError(
            self.env._(
                "“%(first)s” and “%(second)s” both say when “%(promise)s” is due for "
                "the same tickets, and neither is the special case of the other. "
                "Narrow one of them down, or leave that promise out of it.",
                first=first.target_id.name,
                second=second.target_id.name,
                promise=parts[one.part],
            )
        )

    @api.model
    def _check_order(self, company, rules):
        """Refuse a first answer that may come after the solution, in any case."""
        limits = self.env["retention.service.limit"]
        by_part = {
            part: [rule for rule in rules if rule.part == part]
            for part in (service.ANSWER, service.SOLVE)
        }
        for case in self._get_cases(company, rules):
            answer, solve = (service.pick(each, case) for each in by_part.values())
            if not (answer and solve):
                continue
            answer, solve = limits.browse(answer.id), limits.browse(solve.id)
            if answer._prepare_limit().is_longer(solve._prepare_limit()):
                raise ValidationError(
                    self.env._(
                        "The first answer (“%(answer)s”) would be due after the "
                        "solution (“%(solution)s”) for the same tickets: “%(first)s” "
                        "and “%(second)s”. Change one of them.",
                        answer=answer.display_name,
                        solution=solve.display_name,
                        first=answer.target_id.name,
                        second=solve.target_id.name,
                    )
                )

    @api.model
    def _get_cases(self, company, rules):
        """Return one ticket of each sort that these rules tell apart."""
        tiers = self.env["retention.tier"].search([("company_id", "=", company.id)])
        customers = {(None, None), *((tier.id, tier.band) for tier in tiers)}
        customers |= {(None, rule.band) for rule in rules if not rule.tier_id}
        teams = {None}.union(*(rule.teams for rule in rules))
        kinds = {rule.kind or service.QUESTION for rule in rules}
        priorities = {rule.priority or "1" for rule in rules}
        return [
            service.Case(team, tier, band, kind, priority)
            for team, (tier, band), kind, priority in product(
                teams, customers, kinds, priorities
            )
        ]

    @api.model_create_multi
    def create(self, vals_list):
        together = self.with_context(retention_promises_together=True)
        targets = super(RetentionServiceTarget, together).create(vals_list)
        targets = targets.with_env(self.env)
        targets._check_promises()
        return targets

    def write(self, vals):
        if "is_fallback" in vals and any(
            target.is_fallback != bool(vals["is_fallback"]) for target in self
        ):
            self._refuse_fallback()
        together = self.with_context(retention_promises_together=True)
        result = super(RetentionServiceTarget, together).write(vals)
        self._check_promises()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fallback(self):
        if any(target.is_fallback for target in self):
            self._refuse_fallback()

    def _refuse_fallback(self):
        raise UserError(
            self.env._(
                "The target for everybody, with its first answer, cannot be removed. "
                "Change its time instead."
            )
        )

    # ---- asking ------------------------------------------------------------------

    @api.model
    def _get_rules(self, company):
        """Return a ``service.Rule`` for each promise of a company, by limit id."""
        targets = self.search([("company_id", "=", company.id)])
        return [
            service.Rule(
                limit.id,
                limit.part,
                frozenset(target.team_ids.ids),
                target.tier_id.id or None,
                target.band or None,
                target.kind or None,
                target.priority or None,
            )
            for target in targets
            for limit in target.limit_ids
        ]

    # ---- shipped -----------------------------------------------------------------

    @api.model
    def _create_default(self, companies):
        """Give each of ``companies`` without any target the shipped ones."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        rows = []
        for company in companies - have.company_id:
            names = self.with_context(lang=company._retention_lang())._default_names()
            rows += [
                {
                    "company_id": company.id,
                    "sequence": 10 * place,
                    "name": names[key],
                    "limit_ids": [
                        fields.Command.create({"part": part, **values})
                        for part, values in limits.items()
                    ],
                    **target,
                }
                for place, (key, (target, limits)) in enumerate(SHIPPED.items(), 1)
            ]
        self.create(rows)

    @api.model
    def _default_names(self):
        return {
            "all": self.env._("Everybody"),
            "high": self.env._("High-value customers"),
            "middle": self.env._("Middle customers"),
            "complaint": self.env._("Complaints"),
        }

"""What the work cost in some months, by what it was spent on."""

from dataclasses import dataclass

from ..tools import roi
from ..tools.blocks import Target
from .roi_sql import RewardSQL

CONTACTS, POINTS, DISCOUNTS, PRODUCTS = "contacts", "gifts", "orders", "products"


@dataclass
class CostRow:
    """One sort of costs, in company currency.

    ``amount`` is all of it; ``counted`` what the gain is lessened by (a discount has
    lowered the revenue already); ``budget`` None: no budget is made of it.
    """

    key: str
    label: str
    amount: float
    counted: float
    budget: float | None = None
    target: Target | None = None


class CostSheet:
    """The costs of keeping customers; of a pilot, only those entered for it."""

    def __init__(self, scope, first, last, margin=None, program_id=None):
        """:param margin: share of the revenue, None: not known."""
        self.env, self.company = scope.env, scope.company
        self.first, self.last = first, last
        self.margin, self.program_id = margin, program_id
        self.Cost = self.env["retention.cost"]
        self.rewards = RewardSQL(scope, first, last)
        self.points = [] if program_id else self.rewards.points()
        self.rows = self._get_rows()

    @property
    def counted(self) -> float:
        """What the gain is lessened by."""
        return sum(row.counted for row in self.rows)

    @property
    def budget(self) -> float | None:
        """What was planned; None: nothing."""
        planned = [row.budget for row in self.rows if row.budget is not None]
        return sum(planned) if planned else None

    def of_kind(self, kind) -> float:
        """Return what was entered of one kind."""
        return sum(row.amount for row in self.rows if row.key == kind)

    def get_domain(self):
        """Return the condition of the costs that are counted."""
        if self.program_id:
            return [("program_id", "=", self.program_id)]
        return [("purpose", "=", "retention")]

    def _get_rows(self):
        rows = self._get_entered()
        if not self.program_id:
            rows += [*self._get_contacts(), *self._get_gifts(), *self._get_orders()]
        return rows

    def _get_entered(self):
        """Return a row for each kind of which something was entered or planned."""
        days = (self.company, self.first, self.last)
        spent = self.Cost._sum_by(*days, "kind", self.get_domain())
        planned = self.Cost._sum_by(*days, "kind", self.get_domain(), is_budget=True)
        labels = self.Cost._fields["kind"]._description_selection(self.env)
        return [
            CostRow(
                kind,
                label,
                spent.get(kind, 0.0),
                spent.get(kind, 0.0),
                planned.get(kind),
                self._target_costs([("kind", "=", kind)]),
            )
            for kind, label in labels
            if kind in spent or kind in planned
        ]

    def _target_costs(self, domain):
        days = (self.company, self.first, self.last)
        whole = [
            leaf
            for leaf in self.Cost._get_domain(*days)
            if leaf[:1] != ("is_budget",)  # both are shown
        ]
        domain = [*whole, *self.get_domain(), *domain]
        return Target("retention.cost", _plain(domain))

    def _get_contacts(self):
        """Return what contacts cost by the price of each."""
        found = self.Cost._sum_contacts(self.company, self.first, self.last)
        begin, end = self.company._retention_day_bounds(self.first, self.last)
        target = Target(
            "retention.touch",
            _plain(
                [
                    ("company_id", "=", self.company.id),
                    ("state", "=", "done"),
                    ("direction", "=", "out"),
                    ("channel_id", "in", list(found)),
                    ("done_at", ">=", begin),
                    ("done_at", "<", end),
                ]
            ),
        )
        label, total = self.env._("Contacts by their price"), sum(found.values())
        return [CostRow(CONTACTS, label, total, total, None, target)] if found else []

    def worth_of_points(self, band=None, on_orders=None) -> float:
        """Return what spent points cost, in company currency.

        :param band: of customers who held a tier of this band then.
        """
        programs = self.env["retention.points.program"].browse(
            {program for program, *_rest in self.points}
        )
        today = min(self.last, self.company._retention_today())
        own = self.company.currency_id
        worth = {
            program.id: program.currency_id._convert(
                program.point_value, own, self.company, today, round=False
            )
            for program in programs
        }
        return sum(
            worth[program] * float(points)
            for program, held, ordered, points in self.points
            if band in (None, held) and on_orders in (None, ordered)
        )

    def _get_gifts(self):
        """Return the points spent on what is not taken off an order."""
        total = self.worth_of_points(on_orders=False)
        target = Target(
            "retention.points.entry",
            _plain(
                [
                    ("company_id", "=", self.company.id),
                    ("date", ">=", self.first),
                    ("date", "<=", self.last),
                    "|",
                    "|",
                    ("kind", "=", "redeem"),
                    ("reverses_id.kind", "=", "redeem"),
                    ("reverses_id.reverses_id.kind", "=", "redeem"),
                ]
            ),
        )
        label = self.env._("Points spent, but on orders")
        return [CostRow(POINTS, label, total, total, None, target)] if total else []

    def _get_orders(self):
        """Return discounts and products that customers got on orders for points."""
        discounts, products = self.rewards.discounts()
        rows = []
        if discounts:
            lost = roi.lost_to_discounts(discounts, self.margin or 0.0)
            label = self.env._("Rewards taken off orders")
            rows.append(CostRow(DISCOUNTS, label, discounts, lost))
        if products:
            label = self.env._("Products given for points")
            rows.append(CostRow(PRODUCTS, label, products, products))
        return rows


def _plain(domain):
    """Return a domain with its days as text, as a browser reads it.

    >>> from datetime import date
    >>> _plain(["|", ("day", "<", date(2026, 1, 31)), ("kind", "=", "people")])
    ['|', ('day', '<', '2026-01-31'), ('kind', '=', 'people')]
    """
    return [
        leaf
        if isinstance(leaf, str) or not hasattr(leaf[2], "isoformat")
        else (leaf[0], leaf[1], str(leaf[2]))
        for leaf in domain
    ]

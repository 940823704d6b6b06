from collections import defaultdict

from odoo import api, models
from odoo.tools import format_date

from ..tools import liability, months
from ..tools.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Column,
    Note,
    Row,
    Series,
    Table,
    Target,
)
from .points_sql import PointsSQL, get_last_over

AHEAD = 24  # months shown one by one, later ones together
SOON = 3  # months
LATER, NEVER = "later", "never"


class RetentionLiability(models.AbstractModel):
    """What is owed to customers in points, when it expires, and what it costs."""

    _name = "retention.liability"
    _inherit = "retention.analysis"
    _description = "Points Owed"

    _is_live = True

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Owed are all points that customers hold, pending ones too, at today's "
                "worth of a point (in the points program), in company currency. It is "
                "what is owed today, whatever the period."
            ),
            self.env._(
                "Redemption: of the points whose day of expiry lies in the period, and "
                "is over, the share that was spent. Breakage: the share that expired. "
                "What was taken back is deducted before. Points that can still be "
                "spent are not counted: nobody knows yet what becomes of them. With "
                "fewer than %(least)s awards no share is told.",
                least=liability.LEAST,
            ),
            self.env._(
                "The key figure “Points Breakage” counts otherwise: of the points that "
                "left accounts in the period, whenever their day would have come. In a "
                "young or growing program it is lower, because points are spent before "
                "they can expire."
            ),
            self.env._(
                "Expected to be spent: what is owed, less the breakage of the period. "
                "An assumption: that customers go on as they did. Nothing is said "
                "where the points whose time was over are fewer than %(part)s %% of "
                "those held now.",
                part=round(100 * liability.LEAST_PART),
            ),
            self.env._(
                "By month: points at the end are all points given so far, less those "
                "spent, expired and taken back. What customers owe after a return is "
                "deducted there."
            ),
            self.env._(
                "What became of the points of all customers together is counted every "
                "night."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return {
            "title": self.env._("No points yet"),
            "text": self.env._(
                "Once customers collect points, it stands here what is owed to them "
                "and when it expires. Set up a points program first, or choose other "
                "filters."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        source = PointsSQL(scope)
        left, flow = source.left(), source.flow()
        if not left and not flow:
            return []
        worths = self.env["retention.points.report"]._get_worths()
        lives = self._get_lives(source.over())
        return [
            self._make_cards(scope, worths, left, source.debt(), lives, flow),
            *self._make_expiry(scope, worths, left),
            *self._make_lives(scope, lives),
            *self._make_flow(scope, worths, flow),
        ]

    @api.model
    def _get_lives(self, rows):
        """Return ``{month: Life}`` of awards that are over."""
        points, counts = defaultdict(dict), {}
        for month, fate, number, count in rows:
            points[month][fate] = number
            if fate == "given":
                counts[month] = count
        return {
            month: liability.Life.of(points[month], counts.get(month, 0))
            for month in sorted(points)
        }

    # ---- figures ---------------------------------------------------------------------

    def _make_cards(self, scope, worths, left, debt, lives, flow):
        life = liability.total(lives.values())
        worth = sum(row[3] * worths[row[0]] for row in left)
        worth = scope.company.currency_id.round(worth)
        held = sum(row[3] for row in left)
        pending = self._say(sum(row[3] for row in left if row[2]), "integer")
        return Cards(
            [
                Card(
                    self.env._("Points That Customers Hold"),
                    held,
                    note=self.env._("of these pending: %s", pending),
                    target=self._make_target(scope),
                ),
                Card(
                    self.env._("Owed to Customers"),
                    worth,
                    "money",
                    self.env._("if all of it were spent"),
                ),
                self._make_expected(worth, held, life),
                self._make_soon(scope, left),
                *self._make_shares(life),
                self._make_spent(scope, worths, flow),
                *self._make_debt(scope, debt),
            ]
        )

    def _make_soon(self, scope, left):
        end = months.shift(scope.company._retention_today(), SOON)
        last = format_date(self.env, months.last_day(months.shift(end, -1)))
        return Card(
            self.env._("Expire within 3 Months"),
            sum(row[3] for row in left if row[1] and row[1] < end),
            note=self.env._("until %s", last),
            target=self._make_target(scope, [("expires_on", "<", str(end))]),
        )

    def _make_spent(self, scope, worths, flow):
        spent = [(row[0], -row[3]) for row in flow if row[2] == "spent"]
        cost = sum(number * worths[program] for program, number in spent)
        cost = self._say(scope.company.currency_id.round(cost), "money")
        return Card(
            self.env._("Spent in the Period"),
            sum(number for _program, number in spent),
            note=self.env._("cost %s", cost),
        )

    def _make_debt(self, scope, debt):
        owed = sum(row[1] for row in debt)
        if not owed:
            return []
        count = self._say(sum(row[2] for row in debt), "integer")
        return [
            Card(
                self.env._("Owed by Customers"),
                owed,
                note=self.env._("by %s customers: spent, then taken back", count),
                target=self._make_debt_target(scope),
            )
        ]

    def _make_expected(self, worth, held, life):
        value = liability.expected(worth, held, life)
        note = self.env._("assumed: as many expire as did in the period")
        if not life.is_enough():
            note = self._say_few(life)
        elif value is None:
            note = self.env._(
                "too little to tell: the time of %(over)s points was over in the "
                "period, %(held)s are held",
                over=self._say(life.kept, "integer"),
                held=self._say(held, "integer"),
            )
        return Card(self.env._("Expected to Be Spent"), value, "money", note)

    def _make_shares(self, life):
        of_all = self.env._("of points whose time was over in the period")
        note = of_all if life.is_enough() else self._say_few(life)
        shares = (
            (self.env._("Redemption"), life.redemption()),
            (self.env._("Breakage"), life.breakage()),
        )
        return [
            Card(label, value if life.is_enough() else None, "percent", note)
            for label, value in shares
        ]

    def _say_few(self, life):
        return self.env._(
            "too few to tell: the time of %(count)s awards was over in the period, "
            "%(least)s are needed",
            count=life.count,
            least=liability.LEAST,
        )

    # ---- what is owed, by the month in which it expires ------------------------------

    def _make_expiry(self, scope, worths, left):
        if not left:
            return [Note(self.env._("Customers hold no points now."), "info")]
        today = months.first_day(scope.company._retention_today())
        last = months.shift(today, AHEAD)
        sums = defaultdict(lambda: [0, 0, 0.0])
        for program, month, pending, number, _count in left:
            place = month if month and month <= last else LATER if month else NEVER
            sums[place][pending] += number
            sums[place][2] += number * worths[program]
        known = [today, *(each for each in sums if each not in (LATER, NEVER))]
        places = months.span(min(known), max(known))
        places += [each for each in (LATER, NEVER) if each in sums]
        names = {LATER: self.env._("Later"), NEVER: self.env._("Never")}
        labels = [names.get(place) or self._say(place, "month") for place in places]
        rows = [
            self._make_expiry_row(scope, place, label, sums[place], last)
            for place, label in zip(places, labels, strict=True)
        ]
        total = [sum(sums[place][n] for place in places) for n in range(3)]
        rows.append(self._make_expiry_total(scope, total))
        return [
            Chart(
                "expiry_chart",
                self.env._("Points by the month in which they expire"),
                labels,
                [
                    Series(self.env._("Available"), [sums[p][0] for p in places]),
                    Series(self.env._("Pending"), [sums[p][1] for p in places]),
                ],
                unit="integer",
                stacked=True,
            ),
            self._make_expiry_table(rows),
        ]

    def _make_expiry_table(self, rows):
        columns = [
            Column("month", self.env._("Expires in")),
            Column("available", self.env._("Available"), "integer"),
            Column("pending", self.env._("Pending"), "integer"),
            Column("points", self.env._("Points"), "integer"),
            Column("worth", self.env._("Worth"), "money"),
        ]
        title = self.env._("What is owed, by the month in which it expires")
        return Table("expiry", title, columns, rows)

    def _make_expiry_total(self, scope, total):
        available, pending, worth = total
        cells = [Cell(self.env._("Together")), Cell(available), Cell(pending)]
        cells.append(Cell(available + pending))
        return Row([*cells, Cell(scope.company.currency_id.round(worth))], "total")

    def _make_expiry_row(self, scope, place, label, sums, last):
        """Return the row of one month; its points open the awards behind."""
        available, pending, worth = sums
        points = available + pending
        if place == NEVER:
            domain = [("expires_on", "=", False)]
        elif place == LATER:
            domain = [("expires_on", ">", str(months.last_day(last)))]
        else:
            domain = [
                ("expires_on", ">=", str(place)),
                ("expires_on", "<=", str(months.last_day(place))),
            ]
        target = self._make_target(scope, domain) if points else None
        return Row(
            [
                Cell(label),
                Cell(available),
                Cell(pending),
                Cell(points, target=target),
                Cell(scope.company.currency_id.round(worth)),
            ]
        )

    # ---- what became of points whose time is over ------------------------------------

    def _make_lives(self, scope, lives):
        if not lives:
            return []
        columns = [
            Column("month", self.env._("Expired in")),
            Column("given", self.env._("Given"), "integer"),
            Column("spent", self.env._("Spent"), "integer"),
            Column("expired", self.env._("Expired"), "integer"),
            Column("back", self.env._("Taken Back"), "integer"),
            Column("moved", self.env._("Moved Away"), "integer"),
            Column("left", self.env._("Left"), "integer"),
            Column("redemption", self.env._("Redemption"), "percent"),
            Column("breakage", self.env._("Breakage"), "percent"),
        ]
        rows = []
        for month, life in lives.items():
            target = self._make_over_target(scope, month)
            head = Cell(month, kind="month")
            rows.append(Row([head, *self._make_life(life, target)]))
        together = liability.total(lives.values())
        head = Cell(self.env._("Together"))
        rows.append(Row([head, *self._make_life(together)], "total"))
        title = self.env._("What became of points whose time is over")
        return [Table("over", title, columns, rows)]

    def _make_life(self, life, target=None):
        numbers = [Cell(life.given, target=target)]
        numbers += [
            Cell(value)
            for value in (
                life.spent,
                life.expired,
                life.taken_back,
                life.moved,
                life.left,
            )
        ]
        if not life.is_enough():
            few = self._say_few(life)
            return numbers + [
                Cell(None, text=self.env._("too few"), title=few) for _n in range(2)
            ]
        return [*numbers, Cell(life.redemption()), Cell(life.breakage())]

    # ---- month by month --------------------------------------------------------------

    def _make_flow(self, scope, worths, flow):
        sums, costs, balance = (
            defaultdict(lambda: defaultdict(int)),
            defaultdict(float),
            0,
        )
        for program, month, kind, number in flow:
            if month is None:
                balance += number
                continue
            sums[month][kind] += number
            if kind == "spent":
                costs[month] -= number * worths[program]
        money = scope.company.currency_id.round
        known = [month for month in scope.months if month <= scope.as_of]
        kinds = [
            kind
            for kind in self._get_kinds()
            # from account to account: 0 for all, but not for some customers
            if kind != "moved" or any(sums[month][kind] for month in known)
        ]
        before = self.env._("Before %s", format_date(self.env, scope.first))
        rows = [
            Row([Cell(before), *(Cell() for _kind in kinds), Cell(balance), Cell()])
        ]
        for month in known:
            balance += sum(sums[month].values())
            cells = [Cell(self._name_month(scope, month))]
            cells += [Cell(sums[month][kind]) for kind in kinds]
            rows.append(Row([*cells, Cell(balance), Cell(money(costs[month]))]))
        total = [Cell(sum(sums[month][kind] for month in known)) for kind in kinds]
        total = [Cell(self.env._("Together")), *total, Cell(balance)]
        rows.append(Row([*total, Cell(money(sum(costs.values())))], "total"))
        return [
            self._make_flow_chart(scope, known, kinds, sums),
            self._make_flow_table(kinds, rows),
        ]

    def _get_kinds(self):
        return {
            "given": self.env._("Given"),
            "spent": self.env._("Spent"),
            "expired": self.env._("Expired"),
            "back": self.env._("Taken Back"),
            "moved": self.env._("Moved between Accounts"),
        }

    def _name_month(self, scope, month):
        name = self._say(month, "month")
        if months.is_over(month, scope.as_of):
            return name
        return self.env._("%(month)s (so far)", month=name)

    def _make_flow_chart(self, scope, known, kinds, sums):
        names = self._get_kinds()
        return Chart(
            "flow_chart",
            self.env._("Points by month"),
            [self._name_month(scope, month) for month in known],
            [
                Series(names[kind], [sums[month][kind] for month in known])
                for kind in kinds
            ],
            unit="integer",
            stacked=True,
        )

    def _make_flow_table(self, kinds, rows):
        names = self._get_kinds()
        columns = [
            Column("month", self.env._("Month")),
            *(Column(kind, names[kind], "integer") for kind in kinds),
            Column("balance", self.env._("Points at the End"), "integer"),
            Column("cost", self.env._("Cost of Spent Points"), "money"),
        ]
        return Table("flow", self.env._("Points by month"), columns, rows)

    # ---- records behind --------------------------------------------------------------

    def _make_target(self, scope, domain=()):
        """Return the awards of which something is left."""
        domain = [("fate", "=", "given"), ("remaining", ">", 0), *domain]
        return Target("retention.points.report", self._among(scope) + domain)

    def _make_over_target(self, scope, month):
        last = get_last_over(scope)
        domain = [
            ("fate", "=", "given"),
            ("expires_on", ">=", str(max(month, scope.first))),
            ("expires_on", "<=", str(min(months.last_day(month), last))),
        ]
        return Target("retention.points.report", self._among(scope) + domain)

    def _make_debt_target(self, scope):
        domain = [*self._among(scope), ("debt", ">", 0)]
        return Target("retention.points.account", domain)

    def _among(self, scope):
        """Return the condition on rows with a customer, for the lists behind."""
        company = [("company_id", "=", scope.company.id)]
        if scope.domain.is_true():
            return company
        profiles = list(scope.profile_domain())
        return [
            *company,
            ("partner_id", "any", [("retention_profile_id", "any", profiles)]),
        ]

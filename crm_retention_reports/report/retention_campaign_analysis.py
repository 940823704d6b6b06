from collections import namedtuple

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_retention.tools import pilot

from ..tools import frequency
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
from .ranges import say_range, share_cell

SHOWN = 12  # mailings in the chart
FIGURES = ("sent", "delivered", "opened", "clicked", "replied", "buyers")
# figures of one mailing; ``meant`` and ``held`` are pilot.Group, None where its days
# are not over
Campaign = namedtuple("Campaign", ("id", "day", *FIGURES, "meant", "held"))


class RetentionCampaignAnalysis(models.AbstractModel):
    """What became of each mass mailing, against the customers kept for comparison."""

    _name = "retention.campaign.analysis"
    _inherit = "retention.analysis"
    _description = "Campaigns"

    @api.model
    def _get_help(self):
        days = self.env.company.retention_conversion_days
        return [
            self.env._(
                "Sent, delivered, opened, clicked and replied as Odoo counts them, of "
                "customers you may see. Opens are a rough figure: some mail programs "
                "open everything, some nothing."
            ),
            self.env._(
                "Bought: a purchase on the day of the mailing or in the %(days)s days "
                "after. Many of them would have bought anyway.",
                days=days,
            ),
            self.env._(
                "The effect compares all for whom a promotion was meant with the "
                "customers whom chance keeps without promotions (Settings, Comparison "
                "Group), over the same days. Whom a contact limit left out counts with "
                "those for whom it was meant: among the others nobody knows whom it "
                "would have left out."
            ),
            self.env._(
                "The range holds the true difference in 95 of 100 cases (Newcombe "
                "1998 for shares, a normal distribution for revenue)."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return super()._get_empty(scope) | {
            "title": self.env._("No mailings in this period"),
            "text": self.env._(
                "Mass mailings and SMS to customers appear the night after they were "
                "sent. Choose another period or other filters."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        found = self._count(scope)
        if not found:
            return []
        # sudo: how a mailing is called that customers of the reader were meant to get
        mailings = self.env["mailing.mailing"].sudo().browse(each.id for each in found)
        result = [self._make_cards(scope, found)]
        result += self._make_whole(scope, found)
        result += self._make_chart(found, mailings)
        result.append(self._make_table(scope, found, mailings))
        return result

    # ---- counting ------------------------------------------------------------------

    def _where(self, scope):
        return SQL(
            "reach.company_id = %s AND reach.day BETWEEN %s AND %s AND %s",
            scope.company.id,
            scope.first,
            scope.as_of,
            scope.among_profiles(SQL("reach.profile_id")),
        )

    def _count(self, scope):
        """Return a :class:`Campaign` for each mailing, the latest first."""
        rows = scope.rows(
            SQL(
                """
                SELECT mailing_id, min(day),
                       count(*) FILTER (WHERE is_sent),
                       count(*) FILTER (WHERE state = 'delivered'),
                       count(*) FILTER (WHERE opened), count(*) FILTER (WHERE clicked),
                       count(*) FILTER (WHERE replied),
                       count(*) FILTER (WHERE is_sent AND orders > 0),
                       %(meant)s, %(held)s
                  FROM (SELECT reach.*,
                               reach.state IN ('delivered', 'bounced') AS is_sent,
                               reach.state = 'held_out' AS is_held,
                               mailing.retention_category = 'promotion'
                                 AND reach.day + reach.within_days < %(today)s
                                 AS is_over
                          FROM retention_mailing_reach reach
                          JOIN mailing_mailing mailing ON mailing.id = reach.mailing_id
                         WHERE %(where)s) reach
                 GROUP BY mailing_id
                 ORDER BY 2 DESC, 1 DESC
                """,
                meant=self._group_of(SQL("is_over AND NOT is_held")),
                held=self._group_of(SQL("is_over AND is_held")),
                today=scope.company._retention_today(),
                where=self._where(scope),
            )
        )
        return [
            Campaign(*row[:8], pilot.Group(*row[8:12]), pilot.Group(*row[12:]))
            for row in rows
        ]

    def _group_of(self, condition):
        """Return the columns of a ``pilot.Group`` of the rows of a condition."""
        return SQL(
            """count(*) FILTER (WHERE %(of)s),
               count(*) FILTER (WHERE %(of)s AND orders > 0),
               COALESCE(sum(revenue) FILTER (WHERE %(of)s), 0)::float8,
               COALESCE(sum(revenue * revenue) FILTER (WHERE %(of)s), 0)::float8""",
            of=condition,
        )

    def _count_customers(self, scope, ids):
        """Return (meant, kept) of these mailings together, each customer once.

        Bought means after any of them. Revenue is left out: days of mailings overlap.
        """
        rows = scope.rows(
            SQL(
                """
                SELECT is_held, count(*), count(*) FILTER (WHERE bought)
                  FROM (SELECT bool_or(reach.state = 'held_out') AS is_held,
                               bool_or(reach.orders > 0) AS bought
                          FROM retention_mailing_reach reach
                         WHERE %s AND reach.mailing_id = ANY(%s)
                           AND reach.day + reach.within_days < %s
                         GROUP BY reach.profile_id) customer
                 GROUP BY is_held
                """,
                self._where(scope),
                ids,
                scope.company._retention_today(),
            )
        )
        groups = {held: pilot.Group(*counts) for held, *counts in rows}
        nobody = pilot.Group(0, 0)
        return groups.get(False, nobody), groups.get(True, nobody)

    def _count_by_link(self, scope, mailings):
        """Return ``{mailing id: orders that came through its links}``, as Odoo says."""
        rows = scope.rows(
            SQL(
                """
                SELECT mailing.id, count(*)
                  FROM mailing_mailing mailing
                  JOIN sale_order sale ON sale.source_id = mailing.source_id
                  JOIN res_partner person ON person.id = sale.partner_id
                 WHERE mailing.id = ANY(%s) AND sale.state = 'sale'
                   AND sale.company_id = %s AND %s
                 GROUP BY mailing.id
                """,
                mailings.ids,
                scope.company.id,
                scope.among(SQL("person.commercial_partner_id")),
            )
        )
        return dict(rows)

    # ---- showing -------------------------------------------------------------------

    def _target(self, scope, ids, *extra):
        domain = [
            ("profile_id", "any", list(scope.profile_domain())),
            ("day", ">=", str(scope.first)),
            ("day", "<=", str(scope.as_of)),
            ("mailing_id", "in", ids),
            *extra,
        ]
        return Target("retention.mailing.reach", domain)

    def _make_cards(self, scope, found):
        ids = [each.id for each in found]
        sent, delivered, clicked, buyers = (
            sum(getattr(each, name) for each in found)
            for name in ("sent", "delivered", "clicked", "buyers")
        )
        is_sent = ("state", "in", ["delivered", "bounced"])
        return Cards(
            [
                Card(self.env._("Mailings"), len(found)),
                Card(
                    self.env._("Sent to customers"),
                    sent,
                    target=self._target(scope, ids, is_sent),
                ),
                Card(
                    self.env._("Clicked"),
                    100 * clicked / delivered if delivered else None,
                    "percent",
                    note=self.env._("of those delivered"),
                    target=self._target(scope, ids, ("clicked", "=", True)),
                ),
                Card(
                    self.env._("Bought after it"),
                    100 * buyers / sent if sent else None,
                    "percent",
                    note=self.env._("Many would have bought anyway."),
                    target=self._target(scope, ids, is_sent, ("orders", ">", 0)),
                ),
            ]
        )

    def _make_whole(self, scope, found):
        """Return what promotions brought as a whole, or why it cannot be told."""
        compared = [each.id for each in found if each.held.customers]
        if not compared:
            return [self._say_none(scope)]
        meant, held = self._count_customers(scope, compared)
        if min(meant.customers, held.customers) < frequency.FEWEST:
            return [self._say_few(meant, held)]
        found = pilot.share_difference(meant, held)
        label, tone = self._judge(found)
        is_held = ("state", "=", "held_out")
        cards = [
            Card(
                self.env._("Bought, promotion meant for them"),
                100 * meant.buyers / meant.customers,
                "percent",
                note=self.env._("of %(count)s customers", count=meant.customers),
                target=self._target(scope, compared, ("state", "!=", "held_out")),
            ),
            Card(
                self.env._("Bought, kept for comparison"),
                100 * held.buyers / held.customers,
                "percent",
                note=self.env._("of %(count)s customers", count=held.customers),
                target=self._target(scope, compared, is_held),
            ),
            Card(
                self.env._("Effect of promotions"),
                found.value,
                "number",
                note=self._say_range(found, label),
                tone=tone,
                text=self.env._(
                    "%(value)s points", value=self._say_signed(found.value)
                ),
            ),
        ]
        title = self.env._("What promotions brought, against the comparison group")
        return [Cards(cards, "effect", title)]

    def _say_none(self, scope):
        text = (
            self.env._(
                "Whether promotions bring anything cannot be told yet: no promotion "
                "was compared with customers who got none for long enough."
            )
            if scope.company.retention_holdout_share
            else self.env._(
                "Whether promotions bring anything cannot be told from this data: "
                "nobody is kept without them. Set a share of customers under "
                "Settings, Comparison Group."
            )
        )
        return Note(text, "warning", name="no_comparison")

    def _say_few(self, meant, held):
        return Note(
            self.env._(
                "Too few customers to tell the effect of promotions: %(meant)s for "
                "whom they were meant, %(held)s kept for comparison; at least "
                "%(fewest)s each are needed.",
                meant=meant.customers,
                held=held.customers,
                fewest=frequency.FEWEST,
            ),
            "warning",
            name="few",
        )

    def _judge(self, difference):
        """Return what a difference says in words, and its tone."""
        if difference.low > 0:
            return self.env._("surely more bought"), "good"
        if difference.high < 0:
            return self.env._("surely fewer bought"), "bad"
        return self.env._("not significant: may be chance"), "warning"

    def _say_range(self, difference, label):
        return self.env._(
            "in truth %(low)s to %(high)s: %(verdict)s",
            low=self._say_signed(difference.low),
            high=self._say_signed(difference.high),
            verdict=label,
        )

    def _say_signed(self, value):
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self._say(abs(value), "number", short=True)

    def _is_told(self, campaign):
        groups = (campaign.meant.customers, campaign.held.customers)
        return min(groups) >= frequency.FEWEST

    def _make_chart(self, found, mailings):
        """Return the chart of the effects of the last mailings, where there are any."""
        told = [each for each in found if self._is_told(each)][:SHOWN][::-1]
        if not told:
            return []
        effects = [pilot.share_difference(each.meant, each.held) for each in told]
        names = {mailing.id: mailing.subject for mailing in mailings}
        series = Series(
            self.env._("More bought (points)"),
            [each.value for each in effects],
            [each.low for each in effects],
            [each.high for each in effects],
            "point",
        )
        return [
            Chart(
                "effects",
                self.env._("Effect of each promotion on the share who bought"),
                [names[each.id] for each in told],
                [series],
                bounds=[(0, self.env._("no effect"))],
                axis=self.env._("Points"),
            )
        ]

    def _make_table(self, scope, found, mailings):
        columns = [
            Column("mailing", self.env._("Mailing")),
            Column("day", self.env._("Sent on"), "date"),
            Column("sent", self.env._("Sent"), "integer"),
            Column("delivered", self.env._("Delivered"), "percent"),
            Column("opened", self.env._("Opened"), "percent"),
            Column("clicked", self.env._("Clicked"), "percent"),
            Column("replied", self.env._("Replied"), "percent"),
            Column("orders", self.env._("Orders through Its Links"), "integer"),
            Column("bought", self.env._("Bought"), "percent"),
            Column("held", self.env._("Kept for Comparison"), "integer"),
            Column("held_bought", self.env._("Of Them Bought"), "percent"),
            Column("effect", self.env._("Effect (Points)"), "number"),
            Column("range", self.env._("Range")),
            Column("verdict", self.env._("What It Says")),
            Column("revenue", self.env._("Revenue a Customer"), "money"),
            Column("revenue_range", self.env._("Its Range")),
        ]
        by_link = self._count_by_link(scope, mailings)
        rows = [
            Row(self._make_cells(scope, each, mailing, by_link.get(each.id, 0)))
            for each, mailing in zip(found, mailings, strict=True)
        ]
        notes = [
            self.env._(
                "Effect: how many more of 100 customers bought than of those kept for "
                "comparison; revenue likewise, on average. Looked at in many mailings, "
                "1 in 20 seems to work, or to harm, by chance alone."
            )
        ]
        return Table("mailings", self.env._("Mailings"), columns, rows, notes=notes)

    def _make_cells(self, scope, each, mailing, by_link):
        is_sent = ("state", "in", ["delivered", "bounced"])
        target = self._target(scope, [each.id])
        bought = self._target(scope, [each.id], is_sent, ("orders", ">", 0))
        held = self._target(scope, [each.id], ("state", "=", "held_out"))
        return [
            Cell(mailing.subject, target=target),
            Cell(each.day),
            Cell(each.sent, target=self._target(scope, [each.id], is_sent)),
            share_cell(self, each.delivered, each.sent),
            share_cell(self, each.opened, each.delivered),
            share_cell(self, each.clicked, each.delivered),
            share_cell(self, each.replied, each.delivered),
            Cell(by_link),
            share_cell(self, each.buyers, each.sent, bought),
            Cell(each.held.customers, target=each.held.customers and held or None),
            share_cell(self, each.held.buyers, each.held.customers),
            *self._make_effect(scope, each, mailing),
        ]

    def _make_effect(self, scope, each, mailing):
        """Return the cells of the effect: of too few, or too soon, only the words."""
        if not self._is_told(each):
            text = self._say_untold(scope, each, mailing)
            return [Cell(), Cell(), Cell(text), Cell(), Cell()]
        found = pilot.share_difference(each.meant, each.held)
        label, tone = self._judge(found)
        money = pilot.revenue_difference(each.meant, each.held)
        return [
            Cell(found.value, state=tone if tone != "warning" else "same"),
            Cell(say_range(self, found.low, found.high, "number")),
            Cell(label),
            Cell(money.value),
            Cell(say_range(self, money.low, money.high, "money")),
        ]

    def _say_untold(self, scope, each, mailing):
        if mailing.retention_category != "promotion":
            return self.env._("no promotion: everybody gets it")
        days = scope.company.retention_conversion_days
        if not each.meant.customers and (scope.as_of - each.day).days <= days:
            return self.env._("the days after it are not over")
        if not each.held.customers:
            return self.env._("cannot be told: nobody was kept for comparison")
        return self.env._("too few to tell")

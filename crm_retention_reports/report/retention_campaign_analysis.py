from datetime import timedelta

from odoo import api, models

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
from .campaign_sql import CampaignSQL
from .ranges import say_range, share_cell

SHOWN = 12  # mailings in the chart


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
        found = CampaignSQL(scope).campaigns()
        if not found:
            return []
        # sudo: how a mailing is called that customers of the reader were meant to get
        mailings = self.env["mailing.mailing"].sudo().browse(each.id for each in found)
        result = [self._make_cards(scope, found)]
        result += self._make_whole(scope, found)
        result += self._make_chart(found, mailings)
        result.append(self._make_table(scope, found, mailings))
        return result + self._make_effects(scope, found, mailings)

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
        sent, delivered, clicked, followed, buyers = (
            sum(getattr(each, name) for each in found)
            for name in ("sent", "delivered", "clicked", "followed", "buyers")
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
                    100 * buyers / followed if followed else None,
                    "percent",
                    note=self.env._("Many would have bought anyway."),
                    target=self._target(scope, ids, *self._bought(scope)),
                ),
            ]
        )

    def _bought(self, scope):
        """Return the conditions on who bought in the days after, if they are over."""
        today = scope.company._retention_today()
        over = today - timedelta(days=scope.company.retention_conversion_days)
        return (
            ("state", "in", ["delivered", "bounced"]),
            ("orders", ">", 0),
            ("day", "<", str(over)),
        )

    def _make_whole(self, scope, found):
        """Return what promotions brought as a whole, or why it cannot be told."""
        compared = [each.id for each in found if each.held.customers]
        if not compared:
            return [self._say_none(scope)]
        meant, held, both = CampaignSQL(scope).customers(compared)
        changed = [self._say_changed(both)] if both else []
        if min(meant.customers, held.customers) < frequency.FEWEST:
            return [self._say_few(meant, held), *changed]
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
        return [Cards(cards, "effect", title), *changed]

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

    def _say_changed(self, both):
        return Note(
            self.env._(
                "The share of customers kept for comparison was changed in this "
                "period: %(count)s customers who got some promotions and were kept "
                "from others are left out, and the groups may differ. Look at each "
                "promotion by itself.",
                count=both,
            ),
            "warning",
            name="changed",
        )

    def _judge(self, difference):
        """Return what a difference says in words, and its tone."""
        if difference.low > 0:
            return self.env._("surely more bought"), "good"
        if difference.high < 0:
            return self.env._("surely fewer bought"), "bad"
        return self.env._("not significant, may be chance"), "warning"

    def _say_range(self, difference, label):
        return self.env._(
            "in truth %(low)s to %(high)s; %(verdict)s",
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
                self.env._("More customers of 100 who bought, by promotion"),
                [names[each.id] for each in told],
                [series],
                bounds=[(0, self.env._("no effect"))],
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
            Column("bought", self.env._("Bought"), "percent"),
            Column("orders", self.env._("Orders through Its Links"), "integer"),
        ]
        by_link = CampaignSQL(scope).orders_by_link(mailings.ids)
        rows = [
            Row(self._make_cells(scope, each, mailing, by_link.get(each.id, 0)))
            for each, mailing in zip(found, mailings, strict=True)
        ]
        return Table("mailings", self.env._("Mailings"), columns, rows)

    def _make_cells(self, scope, each, mailing, by_link):
        is_sent = ("state", "in", ["delivered", "bounced"])
        bought = self._target(scope, [each.id], *self._bought(scope))
        soon = self.env._("the days after it are not over")
        return [
            Cell(mailing.subject, target=self._target(scope, [each.id])),
            Cell(each.day),
            Cell(each.sent, target=self._target(scope, [each.id], is_sent)),
            share_cell(self, each.delivered, each.sent),
            share_cell(self, each.opened, each.delivered),
            share_cell(self, each.clicked, each.delivered),
            share_cell(self, each.replied, each.delivered),
            share_cell(self, each.buyers, each.followed, bought)
            if each.followed or not each.sent
            else Cell(state="open", title=soon),
            Cell(
                by_link, target=by_link and self._target_orders(scope, mailing) or None
            ),
        ]

    def _target_orders(self, scope, mailing):
        """Return the orders behind a figure, for who may read all of them."""
        if not self.env.user.has_group("sales_team.group_sale_salesman_all_leads"):
            return None
        mine = [("retention_profile_id", "any", list(scope.profile_domain()))]
        domain = [
            ("source_id", "=", mailing.source_id.id),
            ("state", "=", "sale"),
            ("company_id", "=", scope.company.id),
            ("partner_id.commercial_partner_id", "any", mine),
        ]
        return Target("sale.order", domain)

    def _make_effects(self, scope, found, mailings):
        """Return the table of the effects of promotions, where there were any."""
        columns = [
            Column("mailing", self.env._("Promotion")),
            Column("meant", self.env._("Meant for"), "integer"),
            Column("bought", self.env._("Bought"), "percent"),
            Column("held", self.env._("Kept for Comparison"), "integer"),
            Column("held_bought", self.env._("Of Them Bought"), "percent"),
            Column("effect", self.env._("Effect (Points)"), "number"),
            Column("range", self.env._("Range")),
            Column("verdict", self.env._("What It Says")),
            Column("revenue", self.env._("More Revenue a Customer"), "money"),
            Column("revenue_range", self.env._("Its Range")),
        ]
        rows = [
            Row(self._make_effect(scope, each, mailing))
            for each, mailing in zip(found, mailings, strict=True)
            if mailing.retention_category == "promotion"
        ]
        if not rows:
            return []
        notes = [
            self.env._(
                "Effect: how many more of 100 customers bought than of those kept for "
                "comparison; revenue likewise, on average. Looked at in many mailings, "
                "1 in 20 seems to work, or to harm, by chance alone."
            )
        ]
        title = self.env._("Effect of each promotion, in figures")
        return [Table("effects_table", title, columns, rows, notes=notes)]

    def _make_effect(self, scope, each, mailing):
        """Return the cells of the effect: of too few, or too soon, only the words."""
        meant, held = each.meant, each.held
        of_meant, of_held = (
            self._target(scope, [each.id], ("state", sign, "held_out"))
            if group.customers
            else None
            for group, sign in ((meant, "!="), (held, "="))
        )
        cells = [
            Cell(mailing.subject, target=self._target(scope, [each.id])),
            Cell(meant.customers or None, target=of_meant),
            share_cell(self, meant.buyers, meant.customers),
            Cell(held.customers if meant.customers else None, target=of_held),
            share_cell(self, held.buyers, held.customers),
        ]
        if not self._is_told(each):
            text = self._say_untold(scope, each)
            return [*cells, Cell(), Cell(), Cell(text), Cell(), Cell()]
        found = pilot.share_difference(meant, held)
        label, tone = self._judge(found)
        money = pilot.revenue_difference(meant, held)
        return [
            *cells,
            Cell(
                found.value,
                state=tone if tone != "warning" else "same",
                text=self._say_signed(found.value),
            ),
            Cell(self._say_points(found)),
            Cell(label),
            Cell(money.value),
            Cell(say_range(self, money.low, money.high, "money")),
        ]

    def _say_points(self, difference):
        return self.env._(
            "%(low)s to %(high)s",
            low=self._say_signed(difference.low),
            high=self._say_signed(difference.high),
        )

    def _say_untold(self, scope, each):
        days = scope.company.retention_conversion_days
        if not each.meant.customers and (scope.as_of - each.day).days <= days:
            return self.env._("the days after it are not over")
        if not each.held.customers:
            return self.env._("cannot be told: nobody was kept for comparison")
        return self.env._("too few to tell")

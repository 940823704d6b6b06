from collections import Counter, defaultdict

from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import frequency, months
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
    share,
)
from .channel_division import make_division
from .ranges import share_cell

FIGURES = ("touches", "answers", "conversions", "orders", "notices", "incoming")
SHOWN_CHANNELS = 6  # in the chart by month; the rest is one


class RetentionChannelAnalysis(models.AbstractModel):
    """What each channel brought: contacts, answers, purchases after, and its cost."""

    _name = "retention.channel.analysis"
    _inherit = "retention.analysis"
    _description = "Channels"

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "A contact is begun by us and took place or was tried: personal ones, "
                "mailings and notifications. Messages about orders, and what customers "
                "begin, are counted apart. By whole months."
            ),
            self.env._(
                "Answered: the customer answered, declined, complained, bought at "
                "once, clicked or replied. Opening a mailing is no answer."
            ),
            self.env._(
                "A purchase counts for the last contact before it that got through, if "
                "that was at most %(days)s days ago (see Settings): so it counts once. "
                "That it came after the contact does not say that it came of it.",
                days=self.env.company.retention_conversion_days,
            ),
            self.env._(
                "Costs are those entered for a channel, and the price of each contact. "
                "Where you see only some of the customers, they bear their share by "
                "the number of contacts."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return super()._get_empty(scope) | {
            "title": self.env._("No contacts in this period"),
            "text": self.env._(
                "Contacts are taken in every night from mails, calls, meetings, chats "
                "and mailings. Choose another period or other filters."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        counted = self._count(scope)
        if not counted:
            return []
        totals = defaultdict(Counter)
        for (channel, _month), row in counted.items():
            totals[channel].update(row)
        used = [*totals]
        costs, budgets = self._get_costs(scope, totals), self._get_budgets(scope)
        channels = self.env["retention.channel"].with_context(active_test=False)
        channels = channels.search([("id", "in", [*used, *costs, *budgets])])
        result = [
            self._make_cards(scope, totals, costs),
            self._make_answers(channels, totals),
            self._make_table(scope, channels, totals, costs, budgets),
        ]
        if not costs and self.env["retention.cost"].has_access("create"):
            result.append(self._say_no_costs())
        if costs and self._sees_all():
            result.append(make_division(self, channels, totals, costs))
        channels = channels.filtered(lambda each: each.id in used)
        result.append(self._make_months(scope, channels, counted))
        return result

    # ---- counting ------------------------------------------------------------------

    def _days(self, scope):
        """Return the first and the last day that count: whole months so far."""
        first = months.first_day(scope.first)
        return first, min(months.last_day(scope.last), scope.yesterday)

    def _count(self, scope):
        """Return ``{(channel id, month): {figure: number}}``."""
        first, last = self._days(scope)
        names = (*FIGURES, "revenue")
        sums = [SQL("sum(%s)::float8", SQL.identifier(name)) for name in names]
        rows = scope.rows(
            SQL(
                """
                SELECT channel_id, month, %s FROM retention_month_contact
                 WHERE company_id = %s AND month BETWEEN %s AND %s AND %s
                 GROUP BY channel_id, month
                """,
                SQL(", ").join(sums),
                scope.company.id,
                first,
                last,
                scope.among_profiles(SQL("profile_id")),
            )
        )
        return {
            (channel, month): dict(zip(names, figures, strict=True))
            for channel, month, *figures in rows
        }

    def _get_costs(self, scope, totals):
        """Return ``{channel id: cost}`` of the contacts counted, as far as known.

        Costs of a channel as a whole are shared by all contacts of the company, those
        of each contact are its own. What led to no contact at all is nobody's share:
        it is told only to who looks at the whole company.
        """
        first, last = self._days(scope)
        Cost = self.env["retention.cost"]
        whole = Cost._sum_by(scope.company, first, last, "channel_id")
        among = scope.among(SQL("touch.partner_id"))
        result = Counter(Cost._sum_contacts(scope.company, first, last, among))
        everybody = self._count_everybody(scope) if whole else {}
        for channel, amount in whole.items():
            own = totals.get(channel)
            if channel and own and everybody.get(channel):
                part = (own["touches"] + own["notices"]) / everybody[channel]
                result[channel] += amount * part
            elif channel and not everybody.get(channel) and self._is_whole(scope):
                result[channel] += amount
        return {channel: cost for channel, cost in result.items() if cost}

    def _count_everybody(self, scope):
        """Return the contacts of the whole company: only to share costs by them."""
        first, last = self._days(scope)
        rows = scope.rows(
            SQL(
                """
                SELECT channel_id, sum(touches + notices)::float8
                  FROM retention_month_contact
                 WHERE company_id = %s AND month BETWEEN %s AND %s
                 GROUP BY channel_id
                """,
                scope.company.id,
                first,
                last,
            )
        )
        return dict(rows)

    def _get_budgets(self, scope):
        """Return ``{channel id: budget}``; of the company, so only for who sees it."""
        if not self._is_whole(scope):
            return {}
        first, _last = self._days(scope)
        last = months.last_day(scope.last)
        found = self.env["retention.cost"]._sum_by(
            scope.company, first, last, "channel_id", is_budget=True
        )
        return {channel: amount for channel, amount in found.items() if channel}

    def _is_whole(self, scope):
        """Tell whether the figures are those of the whole company."""
        return scope.domain.is_true() and self._sees_all()

    def _sees_all(self):
        groups = ("group_retention_manager", "group_retention_auditor")
        return any(self.env.user.has_group(f"crm_retention.{name}") for name in groups)

    # ---- showing -------------------------------------------------------------------

    def _target(self, scope, channel=None, extra=()):
        first, last = self._days(scope)
        domain = [
            ("profile_id", "any", list(scope.profile_domain())),
            ("month", ">=", str(first)),
            ("month", "<=", str(last)),
            *([("channel_id", "=", channel.id)] if channel else []),
            *extra,
        ]
        return Target("retention.month.contact", domain)

    def _make_cards(self, scope, totals, costs):
        whole = sum(totals.values(), Counter())
        answered = frequency.share(whole["answers"], whole["touches"])
        after = frequency.share(whole["conversions"], whole["touches"])
        cards = [
            Card(
                self.env._("Contacts"),
                whole["touches"],
                target=self._target(scope, extra=[("touches", ">", 0)]),
            ),
            Card(
                self.env._("Answered"),
                answered and answered.value,
                "percent",
                target=self._target(scope, extra=[("answers", ">", 0)]),
            ),
            Card(
                self.env._("Followed by a purchase"),
                after and after.value,
                "percent",
                note=self.env._("After it is not because of it."),
                target=self._target(scope, extra=[("conversions", ">", 0)]),
            ),
            Card(
                self.env._("Begun by customers"),
                whole["incoming"],
                target=self._target(scope, extra=[("incoming", ">", 0)]),
            ),
        ]
        if costs:
            cards.append(Card(self.env._("Cost"), sum(costs.values()), "money"))
        return Cards(cards)

    def _make_answers(self, channels, totals):
        """Return the chart of the shares answered and followed by a purchase."""
        shown = [
            channel
            for channel in channels
            if totals[channel.id]["touches"] >= frequency.FEWEST
        ]
        series = []
        for label, name in (
            (self.env._("Answered"), "answers"),
            (self.env._("Followed by a purchase"), "conversions"),
        ):
            shares = [
                frequency.share(totals[each.id][name], totals[each.id]["touches"])
                for each in shown
            ]
            series.append(
                Series(
                    label,
                    [each.value for each in shares],
                    [each.low for each in shares],
                    [each.high for each in shares],
                    "point",
                )
            )
        return Chart(
            "answers",
            self.env._("Of 100 contacts by each channel"),
            [channel.name for channel in shown],
            series,
            unit="percent",
            notes=[
                self.env._(
                    "The lines show in which range the true share lies, in 95 of 100 "
                    "cases. Channels with fewer than %(fewest)s contacts are left out.",
                    fewest=frequency.FEWEST,
                )
            ],
        )

    def _make_table(self, scope, channels, totals, costs, budgets):
        columns = [
            Column("channel", self.env._("Channel")),
            Column("touches", self.env._("Contacts"), "integer"),
            Column("answers", self.env._("Answers"), "integer"),
            Column("answered", self.env._("Answered"), "percent"),
            Column("orders", self.env._("Purchases after"), "integer"),
            Column("bought", self.env._("Followed by a Purchase"), "percent"),
            Column("revenue", self.env._("Revenue after"), "money"),
            Column("incoming", self.env._("From Customers"), "integer"),
        ]
        if costs:
            columns += [
                Column("cost", self.env._("Cost"), "money"),
                Column("per_answer", self.env._("Cost per Answer"), "money"),
                Column("per_order", self.env._("Cost per Purchase"), "money"),
            ]
        if budgets:
            columns += [
                Column("budget", self.env._("Budget"), "money"),
                Column("used", self.env._("Budget Used"), "percent"),
            ]
        names = {column.name for column in columns}
        rows = [
            self._make_row(scope, channel, totals[channel.id], costs, budgets, names)
            for channel in channels
        ]
        rows.append(self._make_total(scope, totals, costs, budgets, names))
        title = self.env._("Channels")
        return Table("channels", title, columns, rows, notes=[self._say_open(scope)])

    def _make_row(self, scope, channel, figures, costs, budgets, names):
        target = self._target(scope, channel)
        cells = [Cell(channel.name, target=target)]
        cells += self._make_figures(
            figures, costs.get(channel.id), budgets.get(channel.id), names
        )
        return Row(cells)

    def _make_total(self, scope, totals, costs, budgets, names):
        whole = sum(totals.values(), Counter())
        cost = sum(costs.values()) if costs else None
        planned = sum(budgets.values()) or None
        cells = [Cell(self.env._("All channels"), target=self._target(scope))]
        # of the budgets only what they were meant for is used
        spent = sum(costs.get(channel, 0) for channel in budgets)
        cells += self._make_figures(whole, cost, planned, names, spent)
        return Row(cells, "total")

    def _make_figures(self, figures, cost, planned, names, spent=None):
        """Return the cells of one channel but the first; costs only where known.

        :param spent: the cost that counts against the budget, where not all does.
        """
        touches = int(figures["touches"])
        answers, orders = int(figures["answers"]), int(figures["orders"])
        cells = [
            Cell(touches),
            Cell(answers),
            share_cell(self, answers, touches),
            Cell(orders),
            share_cell(self, int(figures["conversions"]), touches),
            Cell(figures["revenue"]),
            Cell(int(figures["incoming"])),
        ]
        if "cost" in names:
            per_answer = cost / answers if cost and answers else None
            per_order = cost / orders if cost and orders else None
            cells += [Cell(cost), Cell(per_answer), Cell(per_order)]
        if "budget" in names:
            used = share((cost if spent is None else spent) or 0, planned)
            state = "bad" if used and used > 100 else ""
            cells += [Cell(planned), Cell(used, state=state)]
        return cells

    def _say_open(self, scope):
        return self.env._(
            "What customers contacted in the last %(days)s days buy is not yet all in.",
            days=scope.company.retention_conversion_days,
        )

    def _say_no_costs(self):
        return Note(
            self.env._(
                "No costs have been entered for a channel, so there is no cost per "
                "answer or purchase. Enter them in the list of costs."
            ),
            "info",
        )

    def _make_months(self, scope, channels, counted):
        """Return the chart of contacts by month, a colour a channel."""
        first, last = self._days(scope)
        span = months.known(
            months.span(first, last), [month for _channel, month in counted]
        )
        ranked = channels.sorted(
            lambda each: (
                -sum(
                    counted.get((each.id, month), {}).get("touches", 0)
                    for month in span
                )
            )
        )
        groups = [(each.name, each) for each in ranked[:SHOWN_CHANNELS]]
        if ranked[SHOWN_CHANNELS:]:
            groups.append((self.env._("Others"), ranked[SHOWN_CHANNELS:]))
        series = [
            Series(
                name,
                [
                    sum(
                        counted.get((each.id, month), {}).get("touches", 0)
                        for each in group
                    )
                    for month in span
                ],
            )
            for name, group in groups
        ]
        labels = [format_date(self.env, month, date_format="MMM yy") for month in span]
        if not months.is_over(span[-1], scope.yesterday):
            labels[-1] = self.env._("%(month)s (so far)", month=labels[-1])
        title = self.env._("Contacts by month")
        return Chart("months", title, labels, series, unit="integer", stacked=True)

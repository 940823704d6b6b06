from odoo import api, models
from odoo.fields import Domain

from odoo.addons.crm_retention.models.host.helpdesk_ticket_service import KINDS
from odoo.addons.crm_retention.tools import satisfaction

from ..tools import months
from ..tools.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Column,
    Row,
    Series,
    Table,
    Target,
    share,
)
from .people import get_visible_people
from .service_sql import ServiceSQL, add

MODELS = {
    "team": "helpdesk.ticket.team",
    "user": "res.users",
    "tier": "retention.tier",
    "segment": "retention.segment",
    "cause": "retention.complaint.cause",
}
FIELDS = {each: f"{each}_id" for each in MODELS} | {"kind": "kind"}
OTHERS = -1  # people whose own figures the reader may not see


class RetentionServiceAnalysis(models.AbstractModel):
    """Whether promises to customers were kept, where not, why, and what it did."""

    _name = "retention.service.analysis"
    _inherit = "retention.analysis"
    _description = "Service"

    _is_live = True

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "by",
                "label": self.env._("By"),
                "choices": [
                    ("team", self.env._("Service team")),
                    ("user", self.env._("Person")),
                    ("tier", self.env._("Tier")),
                    ("segment", self.env._("Segment")),
                    ("kind", self.env._("Kind")),
                    ("cause", self.env._("Cause")),
                ],
            }
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Tickets received in the period, duplicates left out. In time: of the "
                "promises that were kept or whose time is over, the share kept in "
                "time; once missed a promise stays missed."
            ),
            self.env._(
                "Minutes over: of what was done late, by how much, counted as the "
                "promise is (in working time or day and night). What is still waiting "
                "is not in it yet."
            ),
            self.env._(
                "Satisfied: of the customers who answered after their ticket was "
                "closed, the share that answered 4 or 5 of 5. Behind every share "
                "stands the range in which it lies with 95 %% certainty (adjusted "
                "Wald); with fewer than %(least)s it is said to be too small.",
                least=satisfaction.LEAST,
            ),
            self.env._(
                "Tier: held when the promise was made. Person: who is responsible for "
                "the ticket today. Whose own figures you may not see stands together "
                "as Others."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return {
            "title": self.env._("No tickets in this choice"),
            "text": self.env._(
                "Tickets of these customers that are received in the period are "
                "counted here at once. Choose another period or other filters."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        sql = ServiceSQL(scope)
        sums = sql.count(scope.options["by"])
        if not sums["month"]:
            return []
        return [
            self._make_cards(scope, add(sums["month"].values())),
            self._make_line(scope, sums["month"]),
            self._make_table(scope, sums["choice"]),
            *self._make_promises(sql.by_promise()),
            *self._make_causes(scope, sums["cause"]),
            *self._make_waits(sums["wait"]),
        ]

    # ---- figures ---------------------------------------------------------------------

    def _make_cards(self, scope, sums):
        before = add(ServiceSQL(scope.before()).count()["month"].values())
        cards = [
            Card(
                self.env._("Tickets"),
                sums["tickets"],
                note=self.env._(
                    "%(count)s of them complaints", count=sums["complaints"]
                ),
                target=self._target(scope),
            ),
            self._make_share_card(
                self.env._("Answered in Time"),
                sums,
                before,
                "answer_kept",
                "answer_due",
            ),
            self._make_share_card(
                self.env._("Solved in Time"), sums, before, "solve_kept", "solve_due"
            ),
            self._make_share_card(
                self.env._("Reopened"), sums, before, "reopened", "tickets"
            ),
            self._make_share_card(
                self.env._("Satisfied"), sums, before, "good", "asked"
            ),
        ]
        return Cards(cards)

    def _make_share_card(self, label, sums, before, hits, whole):
        figure = satisfaction.share(sums[hits], sums[whole])
        earlier = share(before[hits], before[whole])
        note = [self._say_certainty(figure)]
        if earlier is not None:
            note.append(self.env._("Period before: %s %%", round(earlier)))
        return Card(
            label, figure and figure.score, "percent", " · ".join(filter(None, note))
        )

    def _say_certainty(self, figure):
        if not figure:
            return self.env._("None yet")
        values = {
            "low": round(figure.low),
            "high": round(figure.high),
            "count": figure.answers,
        }
        if figure.is_small:
            return self.env._("too few: %(count)s", **values)
        return self.env._("%(low)s to %(high)s %%, of %(count)s", **values)

    def _make_line(self, scope, sums):
        today = scope.company._retention_today()
        begun = [month for month in scope.months if month <= today]
        span = months.known(begun, sums)
        labels = [self._say(month, "month") for month in span]
        series = []
        for name, hits, whole in (
            (self.env._("Answered in time"), "answer_kept", "answer_due"),
            (self.env._("Solved in time"), "solve_kept", "solve_due"),
        ):
            found = [
                satisfaction.share(sums[month][hits], sums[month][whole])
                if month in sums
                else None
                for month in span
            ]
            series.append(
                Series(
                    name,
                    [each and each.score for each in found],
                    [each and each.low for each in found],
                    [each and each.high for each in found],
                    look="line",
                )
            )
        title = self.env._("Promises kept in time, by month received (%)")
        notes = [self.env._("The range is that of 95 % certainty.")]
        return Chart("kept", title, labels, series, unit="percent", notes=notes)

    # ---- by team, person, tier, segment, kind or cause -------------------------------

    def _make_table(self, scope, sums):
        by = scope.options["by"]
        if by == "user":
            sums = self._hide_others(sums)
        label = dict(self._get_choices()[0]["choices"])[by]
        columns = [
            Column("who", label),
            Column("tickets", self.env._("Tickets"), "integer"),
            Column("answered", self.env._("Answered in Time"), "percent"),
            Column("answer_late", self.env._("Answered Late"), "integer"),
            Column("answer_over", self.env._("Answer Late by, Each"), "minutes"),
            Column("solved", self.env._("Solved in Time"), "percent"),
            Column("solve_late", self.env._("Solved Late"), "integer"),
            Column("solve_over", self.env._("Solution Late by, Each"), "minutes"),
            Column("reopened", self.env._("Reopened"), "percent"),
            Column("satisfied", self.env._("Satisfied"), "percent"),
        ]
        rows = [
            Row(self._make_row(name, sums[key], self._target(scope, by, key)))
            for key, name in self._name_keys(by, sums)
        ]
        whole = self._make_row(
            self.env._("Together"), add(sums.values()), self._target(scope)
        )
        rows.append(Row(whole, "total"))
        title = self.env._("Where promises are kept, and where not")
        notes = [
            self.env._(
                "In no order of merit: look at the ranges (point at a figure) before "
                "comparing."
            )
        ]
        return Table("kept_by", title, columns, rows, notes)

    def _make_row(self, name, sums, target):
        return [
            Cell(name),
            Cell(sums["tickets"], target=target),
            self._make_share(sums["answer_kept"], sums["answer_due"]),
            self._make_late(sums, "answer", target, "late_answer_count"),
            Cell(_mean(sums["answer_over"], sums["answer_late"])),
            self._make_share(sums["solve_kept"], sums["solve_due"]),
            self._make_late(sums, "solve", target, "late_count"),
            Cell(_mean(sums["solve_over"], sums["solve_late"])),
            self._make_share(sums["reopened"], sums["tickets"]),
            self._make_share(sums["good"], sums["asked"]),
        ]

    def _make_late(self, sums, part, target, name):
        """Return the cell of the tickets late in one part; they open."""
        late = sums[f"{part}_due"] - sums[f"{part}_kept"]
        if late and target:
            domain = [*target.domain, (name, ">", 0)]
            return Cell(late, target=Target(target.model, domain))
        return Cell(late)

    def _make_share(self, hits, whole):
        """Return the cell of a share; behind it stands how sure it is."""
        figure = satisfaction.share(hits, whole)
        if not figure:
            return Cell()
        cell = Cell(figure.score, title=self._say_certainty(figure))
        if figure.is_small:
            cell.text = self.env._(
                "%(share)s %% (of %(count)s)", share=round(figure.score), count=whole
            )
        return cell

    def _hide_others(self, sums):
        """Put together the people whose own figures the reader may not see."""
        if self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user_team"):
            return sums  # they are in his tickets, see the rules
        visible = get_visible_people(self.env)
        if visible is None:
            return sums
        shown = {key: each for key, each in sums.items() if not key or key in visible}
        others = [each for key, each in sums.items() if key not in shown]
        return shown | ({OTHERS: add(others)} if others else {})

    def _name_keys(self, by, sums):
        """Return [(key, name)] in the order of names, tiers in their own order."""
        if by == "kind":
            kinds = self.env["retention.service.report"]._fields["kind"]
            names = dict(kinds._description_selection(self.env))
            return [(key, names[key]) for key, _name in KINDS if key in sums]
        # sudo: the names of what the figures are about
        records = self.env[MODELS[by]].sudo().with_context(active_test=False)
        found = records.browse([key for key in sums if key and key != OTHERS])
        found = found.exists()
        found = found.sorted() if by == "tier" else found.sorted("display_name")
        named = [(each.id, each.display_name) for each in found]
        if OTHERS in sums:
            named.append((OTHERS, self.env._("Others")))
        if None in sums:
            named.append((None, self.env._("None")))
        return named

    def _target(self, scope, by=None, key=None):
        """Return the tickets behind a figure, for who may read tickets."""
        if key == OTHERS or not self.env["retention.service.report"].has_access("read"):
            return None
        sql = ServiceSQL(scope)
        domain = (
            Domain("company_id", "=", scope.company.id)
            & Domain("received_on", ">=", str(sql.begin))
            & Domain("received_on", "<", str(sql.end))
        )
        if not scope.domain.is_true():
            domain &= Domain("profile_id", "any", scope.profile_domain())
        if by:
            domain &= Domain(FIELDS[by], "=", key or False)
        return Target("retention.service.report", list(domain))


def _mean(total, count):
    return total / count if count else None

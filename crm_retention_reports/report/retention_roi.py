from odoo import api, models
from odoo.tools import format_date

from ..tools import costs, roi
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
from .roi_costs import CostSheet
from .roi_groups import (
    BEFORE,
    FEW,
    HOLDOUT,
    NONE,
    PILOT,
    SHORT,
    UNUSED,
    Comparisons,
)
from .roi_sql import MarginSQL

MARGIN_MONTHS = 3  # of whose documents the margin is taken
LARGE = 10_000  # from here on cents say nothing
KNOWN_LEAST = 0.5  # of the revenue must have a product cost


class RetentionRoi(models.AbstractModel):
    """What the work cost, and what it brought: by comparison, each with its range."""

    _name = "retention.roi"
    _inherit = "retention.analysis"
    _description = "Return on Investment"

    # costs are for those who see all of the company
    _group = (
        "crm_retention.group_retention_manager,crm_retention.group_retention_auditor"
    )

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "method",
                "label": self.env._("Gain Measured by"),
                "choices": [
                    ("best", self.env._("The most trusted")),
                    (HOLDOUT, self.env._("Comparison group")),
                    (PILOT, self.env._("Pilot")),
                    (BEFORE, self.env._("Before and after")),
                ],
            }
        ]

    @api.model
    def _get_empty(self, scope):
        return {
            "title": self.env._("No costs yet, and no whole month to look at"),
            "text": self.env._(
                "Enter what systems, people and campaigns cost. The gain is measured "
                "from purchases, every night, once a month is over."
            ),
            "button": self.env._("Enter Costs"),
            "action": "crm_retention_reports.retention_cost_action",
        }

    # ---- the whole -----------------------------------------------------------------

    @api.model
    def _get_blocks(self, scope):
        terms = self._get_terms(scope)
        days = costs.whole_months(scope.first, scope.as_of)
        if not days:
            return []
        found = Comparisons(scope, *days, terms).measure()
        chosen = self._choose(scope, found)
        if chosen and chosen.effect:
            days = (chosen.first, chosen.last)
        margin, margin_text = self._get_margin(scope, *days, terms)
        program = chosen and chosen.effect and chosen.program_id
        sheet = CostSheet(scope, *days, margin, program)
        if not sheet.rows and not any(each.treated.n for each in found):
            return []
        return [
            *self._get_head(scope, chosen, sheet, days, margin, margin_text),
            *self._compare(scope, found, terms),
            *self._get_money(scope, chosen, sheet, days, margin, terms),
        ]

    @api.model
    def _get_terms(self, scope):
        """Return the assumptions in force, or those one would start from."""
        model = self.env["retention.assumption"]
        return model._get_latest(scope.company) or model.new(
            {"company_id": scope.company.id}
        )

    @api.model
    def _choose(self, scope, found):
        """Return the comparison that the return is made of, or None."""
        method = scope.options.get("method", "best")
        fit = [each for each in found if method in ("best", each.method)]
        measured = [each for each in fit if each.effect]
        return (measured or fit or [None])[0]

    @api.model
    def _get_margin(self, scope, first, last, terms):
        """Return (share of the revenue that is left or None, where it is from)."""
        if terms.margin_basis == "assumed":
            text = self.env._(
                "Assumed margin: %(share)s of the price before discounts.",
                share=self._say(terms.margin, "percent"),
            )
            return terms.margin / 100, text
        since = max(first, costs.months.shift(last, 1 - MARGIN_MONTHS))
        revenue, known, cost = MarginSQL(scope, since, last).rate()
        share = known / revenue if revenue > 0 else 0
        margin = roi.margin_of(known, cost) if share >= KNOWN_LEAST else None
        if margin is None:
            return None, self.env._(
                "What products cost is known of %(share)s of the revenue only: there "
                "is no margin, and so no return. Save an assumed margin.",
                share=self._say(100 * share, "percent"),
            )
        return margin, self.env._(
            "Margin: %(margin)s, by what products cost today; known of %(share)s of "
            "the revenue from %(first)s to %(last)s.",
            margin=self._say(100 * margin, "percent"),
            share=self._say(100 * share, "percent"),
            first=format_date(self.env, since),
            last=format_date(self.env, last),
        )

    @api.model
    def _is_filtered(self, scope):
        return not scope.domain.is_true()

    @api.model
    def _get_return(self, scope, chosen, sheet, margin):
        """Return (gain on margin, net, percent) as ranges; None where not known."""
        if not chosen or not chosen.effect or margin is None:
            return None, None, None
        gain = chosen.gain.times(margin)
        # a pilot without costs of its own, and some customers of all, have no return
        if self._is_filtered(scope) or (chosen.program_id and not sheet.counted):
            return gain, None, None
        return gain, gain.less(sheet.counted), roi.returned(gain, sheet.counted)

    # ---- the figures on top --------------------------------------------------------

    @api.model
    def _get_head(self, scope, chosen, sheet, days, margin, margin_text):
        gain, net, percent = self._get_return(scope, chosen, sheet, margin)
        cards = [self._make_cost_card(sheet)]
        if chosen and chosen.effect:
            label = self.env._("Gain on Margin")
            if gain is None:
                label, gain = self.env._("Gain in Revenue"), chosen.gain
            cards.insert(0, self._make_card(label, gain, "money", chosen))
        if net:
            cards.append(self._make_card(self.env._("Net"), net, "money"))
        if percent:
            label = self.env._("Return on Investment")
            cards.append(self._make_card(label, percent, "percent"))
        blocks = [
            Note(
                self.env._(
                    "Whole months only: %(first)s to %(last)s.",
                    first=format_date(self.env, days[0]),
                    last=format_date(self.env, days[1]),
                )
            ),
            Cards(cards, name="return"),
        ]
        blocks += self._get_warnings(scope, chosen, sheet)
        blocks.append(Note(margin_text))
        chart = self._draw_waterfall(gain, net, sheet)
        return blocks + ([chart] if chart else [])

    @api.model
    def _make_cost_card(self, sheet):
        note = ""
        if sheet.budget is not None:
            note = self.env._(
                "Budget: %(amount)s", amount=self._say(sheet.budget, "money")
            )
        target = sheet._target_costs([])
        label = self.env._("Costs")
        return Card(label, round(sheet.counted, 2), "money", note, target=target)

    @api.model
    def _make_card(self, label, found, kind, chosen=None):
        """Return a figure that is never seen without its range, nor a chance one."""
        value, low, high = self._say_all((found.value, found.low, found.high), kind)
        said = {"low": low, "high": high, "verdict": self._tell(found)}
        if chosen:
            note = self.env._(
                "%(method)s, %(low)s to %(high)s: %(verdict)s",
                method=chosen.name,
                **said,
            )
        else:
            note = self.env._("%(low)s to %(high)s: %(verdict)s", **said)
        tone = {"more": "good", "less": "bad"}.get(roi.verdict(found), "warning")
        text = value if found.is_sure else self.env._("Not significant")
        return Card(label, _cents(found.value), kind, note, tone, text)

    @api.model
    def _say_all(self, values, kind):
        """Return amounts written alike: where one is large, all without cents."""
        short = kind == "money" and max(map(abs, values)) >= LARGE
        return [self._say(_cents(value), kind, short) for value in values]

    @api.model
    def _tell(self, found):
        """Say what a range says."""
        words = {
            "more": self.env._("significantly more"),
            "less": self.env._("significantly less"),
            "chance": self.env._("not significant, may be chance"),
        }
        return words[roi.verdict(found)]

    @api.model
    def _get_warnings(self, scope, chosen, sheet):
        found = [self._warn_of_method(chosen, sheet)]
        if self._is_filtered(scope):
            found.append(
                self.env._(
                    "Costs are those of all customers: with a filter there is a gain, "
                    "but no return."
                )
            )
        return [Note(text, "warning") for text in found if text]

    @api.model
    def _warn_of_method(self, chosen, sheet):
        """Say what the way in which the gain is measured cannot tell."""
        if not chosen or not chosen.effect:
            return self.env._(
                "What the work brought cannot be told by this method: see why below. "
                "The costs are those of the whole months."
            )
        if chosen.method == BEFORE:
            return self.env._(
                "Before and after says that purchases changed, not why: prices, season "
                "and market are in it. A comparison group in Settings tells what "
                "promotions bring."
            )
        if chosen.method == HOLDOUT:
            return self.env._(
                "The comparison group gets everything but promotions: the gain is that "
                "of promotions alone, the costs are those of all the work."
            )
        if not sheet.counted:
            return self.env._(
                "No costs were entered for the program of this pilot: there is no "
                "return of it."
            )
        return ""

    @api.model
    def _draw_waterfall(self, gain, net, sheet):
        if not net:
            return None
        parts = [row for row in sheet.rows if row.counted]
        labels = [
            self.env._("Gain"),
            *(row.label for row in parts),
            self.env._("Net"),
        ]
        values = [gain.value, *(-row.counted for row in parts), net.value]
        ends = [
            (gain.low, gain.high),
            *[(None, None)] * len(parts),
            (net.low, net.high),
        ]
        step = Series(
            self.env._("Amount"),
            [round(value, 2) for value in values],
            [low for low, _high in ends],
            [high for _low, high in ends],
            "step",
        )
        return Chart(
            "waterfall",
            self.env._("From the gain on margin to what is left"),
            labels,
            [step],
            "money",
            totals=[0, len(labels) - 1],
            notes=[self._tell_ends(gain, net)],
        )

    @api.model
    def _tell_ends(self, gain, net):
        ends = (gain.low, gain.high, net.low, net.high)
        low, high, net_low, net_high = self._say_all(ends, "money")
        return self.env._(
            "The gain lies between %(low)s and %(high)s in 95 of 100 cases; what is "
            "left, between %(net_low)s and %(net_high)s.",
            low=low,
            high=high,
            net_low=net_low,
            net_high=net_high,
        )

    # ---- the comparisons -----------------------------------------------------------

    @api.model
    def _compare(self, scope, found, terms):
        columns = [
            Column("method", self.env._("Measured by")),
            Column("verdict", self.env._("What It Says")),
            Column("value", self.env._("Difference Each"), "money"),
            Column("low", self.env._("At Least"), "money"),
            Column("high", self.env._("At Most"), "money"),
            Column("customers", self.env._("Customers"), "integer"),
            Column("rest", self.env._("Compared With"), "integer"),
            Column("mean", self.env._("Revenue Each"), "money"),
            Column("mean_rest", self.env._("Of the Others"), "money"),
            Column("first", self.env._("From"), "month"),
            Column("last", self.env._("To"), "month"),
            Column("trust", self.env._("Trust")),
        ]
        rows = [self._make_row(scope, each, terms) for each in found]
        title = self.env._("Revenue of a customer against the others")
        notes = [
            self.env._(
                "The difference lies between “At Least” and “At Most” in 95 of 100 "
                "cases. Not significant: it may be 0, and what is seen is chance."
            )
        ]
        table = Table("comparisons", title, columns, rows, notes)
        measured = [each for each in found if each.effect]
        return [*self._draw_effects(measured), table]

    @api.model
    def _make_row(self, scope, found, terms):
        trust = self.env._("High: chance chose who")
        if found.method == BEFORE:
            trust = self.env._("Low: other causes are in it")
        sides = (True, False) if found.first else ()
        targets = [
            Target(
                "retention.profile",
                [*scope.profile_domain(), ("compared_as", "=", found.get_token(side))],
            )
            for side in sides
        ] or [None, None]
        effect = found.effect
        ends = (effect.value, effect.low, effect.high) if effect else (None,) * 3
        return Row(
            [
                Cell(found.name),
                Cell(self._say_verdict(found, terms)),
                *(Cell(_cents(end)) for end in ends),
                Cell(found.treated.n if found.first else None, target=targets[0]),
                Cell(found.rest.n if found.first else None, target=targets[1]),
                Cell(_cents(found.treated.mean)),
                Cell(_cents(found.rest.mean)),
                Cell(found.first),
                Cell(found.last),
                Cell(trust),
            ]
        )

    @api.model
    def _say_verdict(self, found, terms):
        if found.effect:
            return self._tell(found.effect)
        return {
            NONE: self.env._("none kept: see Settings"),
            UNUSED: self.env._("no promotion kept back so far"),
            SHORT: self.env._("no whole month in the period"),
            FEW: self.env._(
                "too few customers: below %(count)s in a group", count=terms.least
            ),
        }[found.missing]

    @api.model
    def _draw_effects(self, measured):
        if not measured:
            return []
        points = Series(
            self.env._("Difference Each"),
            *(
                [_cents(getattr(each.effect, end)) for each in measured]
                for end in ("value", "low", "high")
            ),
            "point",
        )
        title = self.env._("How much more a customer bought for, with its range")
        labels = [each.name for each in measured]
        bounds = [(0, self.env._("No effect"))]
        return [Chart("effects", title, labels, [points], "money", bounds=bounds)]


def _cents(value):
    return None if value is None else round(value, 2)

from odoo import api, models
from odoo.tools import SQL

from ..tools import frequency
from ..tools.blocks import Cell, Chart, Column, Note, Row, Series, Table, Target
from .frequency_sql import BEFORE, FrequencySQL
from .ranges import say_range, share_cell

MOST_LISTED = 1000  # customers behind one number; more would be too long a list
OUTCOMES = ("lost", "complained", "objected")


class RetentionFrequency(models.AbstractModel):
    """How often customers are contacted: what goes with it, and what comes of it."""

    _name = "retention.frequency"
    _inherit = "retention.analysis"
    _description = "Contact Frequency"

    @api.model
    def _get_choices(self):
        channels = self.env["retention.channel"].search([("active", "=", True)])
        return [
            {
                "name": "channel",
                "label": self.env._("Contacts"),
                "choices": [
                    ("all", self.env._("All contacts")),
                    ("personal", self.env._("Personal ones only")),
                    ("mailings", self.env._("Mailings only")),
                    *((f"channel_{each.id}", each.name) for each in channels),
                ],
            },
            {
                "name": "follow",
                "label": self.env._("Lost if no purchase for"),
                "choices": [
                    ("3", self.env._("3 months")),
                    ("6", self.env._("6 months")),
                    ("1", self.env._("1 month")),
                ],
            },
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Customers who bought in the %(months)s months before the last ones "
                "of the period. Contacts of ours, personal ones and mailings, are "
                "counted until then; a customer counts as lost who bought nothing in "
                "the months after. Complaints and opt-outs are those of the whole "
                "period.",
                months=BEFORE,
            ),
            self.env._(
                "Ranges hold the true share in 95 of 100 cases (Wilson 1927). Shares "
                "of fewer than %(fewest)s customers are not shown.",
                fewest=frequency.FEWEST,
            ),
            self.env._(
                "What one more contact brings: chance makes the intervals of some "
                "customers a step shorter or longer. The difference in their revenue, "
                "divided by the difference in their contacts (Wald's estimator, within "
                "each line of a policy and each share of chance, less what their "
                "revenue before explains: CUPED). At least %(fewest)s customers each "
                "way are needed, and a difference in contacts that is no chance "
                "itself.",
                fewest=frequency.FEWEST_ARM,
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return super()._get_empty(scope) | {
            "title": self.env._("Not enough months yet"),
            "text": self.env._(
                "Contacts are counted in the first months of the period, and in the "
                "last ones whether customers still buy. Choose a longer period, other "
                "filters, or a shorter time for being lost."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        sql = FrequencySQL(scope, int(scope.options.get("follow") or 3))
        if not sql.is_long_enough:
            return []
        levels = sql.levels(*self._get_contacts(scope))
        arms = sql.arms()
        if not levels and not arms:
            return []
        result = []
        if levels:
            whole = sql.totals(levels)
            result += [
                self._warn(),
                self._make_chart(whole),
                self._make_table(whole),
                *self._make_tiers(levels),
            ]
        return result + self._make_experiment(scope, arms)

    @api.model
    def _get_contacts(self, scope):
        """Return which contacts count: (how many, of them answered, condition) as SQL.

        Of rows of ``retention_month_contact``.
        """
        chosen = scope.options.get("channel") or "all"
        touches, answers = SQL("contact.touches"), SQL("contact.answers")
        bulk, bulk_answers = SQL("contact.mailings"), SQL("contact.mailing_answers")
        if chosen == "all":
            return touches, answers, SQL("TRUE")
        if chosen == "mailings":
            return bulk, bulk_answers, SQL("TRUE")
        if chosen == "personal":
            return (
                SQL("(%s - %s)", touches, bulk),
                SQL("(%s - %s)", answers, bulk_answers),
                SQL("TRUE"),
            )
        channel = int(chosen.removeprefix("channel_"))
        return touches, answers, SQL("contact.channel_id = %s", channel)

    # ---- what goes with it -----------------------------------------------------------

    def _warn(self):
        return Note(
            self.env._(
                "Association, not effect: engaged customers are contacted more and "
                "buy more whatever contacts do. In a simulation where 4 contacts a "
                "month were best, a picture like this pointed to 14. Do not set a "
                "policy by it; what contacts really bring is said at the end, as far "
                "as it was left to chance who got how many."
            ),
            "warning",
            name="association",
        )

    def _get_name(self, place):
        """Return a level of contacts a month in words."""
        edges = frequency.EDGES
        if not place:
            return self.env._("none")
        if place == len(edges):
            return self.env._("over %(low)s", low=f"{edges[-1]:g}")
        low, high = f"{edges[place - 1]:g}", f"{edges[place]:g}"
        if place == 1:
            return self.env._("up to %(high)s", high=high)
        return self.env._("over %(low)s to %(high)s", low=low, high=high)

    def _get_label(self, name):
        return {
            "lost": self.env._("Lost"),
            "complained": self.env._("Complained"),
            "objected": self.env._("Opted out"),
        }[name]

    def _make_chart(self, whole):
        places = [
            place for place in sorted(whole) if whole[place].n >= frequency.FEWEST
        ]
        series = []
        for name in OUTCOMES:
            shares = [
                frequency.share(getattr(whole[place], name), whole[place].n)
                for place in places
            ]
            series.append(
                Series(
                    self._get_label(name),
                    [each.value for each in shares],
                    [each.low for each in shares],
                    [each.high for each in shares],
                    "point",
                )
            )
        return Chart(
            "association",
            self.env._("Association: of 100 customers by contacts a month"),
            [self._get_name(place) for place in places],
            series,
            unit="percent",
            axis=self.env._("Contacts a month"),
        )

    def _make_table(self, whole):
        columns = [
            Column("level", self.env._("Contacts a Month")),
            Column("n", self.env._("Customers"), "integer"),
            Column("touches", self.env._("Contacts"), "integer"),
            Column("answered", self.env._("Answered"), "percent"),
            Column("lost", self.env._("Lost"), "percent"),
            Column("lost_range", self.env._("Lost: Range")),
            Column("complained", self.env._("Complained"), "percent"),
            Column("complained_range", self.env._("Complained: Range")),
            Column("objected", self.env._("Opted Out"), "percent"),
            Column("objected_range", self.env._("Opted Out: Range")),
        ]
        rows = []
        for place in sorted(whole):
            counted = whole[place]
            target = self._target(counted)
            cells = [
                Cell(self._get_name(place), target=target),
                Cell(counted.n, target=target),
                Cell(counted.touches),
                share_cell(self, counted.answers, counted.touches),
            ]
            for name in OUTCOMES:
                cells += self._make_pair(getattr(counted, name), counted.n)
            rows.append(Row(cells))
        title = self.env._("Association, in figures")
        return Table("levels", title, columns, rows)

    def _make_pair(self, hits, n):
        """Return the cells of a share and of its range."""
        if n < frequency.FEWEST:
            return [share_cell(self, hits, n), Cell()]
        found = frequency.share(hits, n)
        text = say_range(self, found.low, found.high)
        return [share_cell(self, hits, n), Cell(text)]

    def _target(self, counted):
        if len(counted.profiles) > MOST_LISTED:
            return None
        return Target("retention.profile", [("id", "in", sorted(counted.profiles))])

    def _make_tiers(self, levels):
        """Return the table of those lost by tier and contacts, if there are tiers."""
        known = {tier for tier, _place in levels if tier}
        if len(known) < 2:
            return []
        tiers = self.env["retention.tier"].with_context(active_test=False)
        tiers = tiers.search([("id", "in", list(known))])
        places = sorted({place for _tier, place in levels})
        columns = [
            Column("tier", self.env._("Tier")),
            *(
                Column(f"level_{each}", self._get_name(each), "percent")
                for each in places
            ),
        ]
        rows = []
        for tier in tiers:
            found = [levels.get((tier.id, place)) for place in places]
            cells = [
                share_cell(self, each.lost, each.n, self._target(each), shaded=True)
                if each
                else Cell()
                for each in found
            ]
            rows.append(Row([Cell(tier.display_name), *cells]))
        title = self.env._("Association: lost, by tier and contacts a month")
        return [Table("tiers", title, columns, rows, look="heat")]

    # ---- what comes of it ------------------------------------------------------------

    def _make_experiment(self, scope, arms):
        """Return what one more contact brings, or that it cannot be told."""
        found = [
            (days, frequency.marginal(round(frequency.monthly(days), 2), arms[days]))
            for days in sorted(arms, reverse=True)
        ]
        effects = [each for _days, each in found if isinstance(each, frequency.Effect)]
        if not effects:
            return [self._say_unknown(scope, bool(found)), *self._make_levels(found)]
        return [
            self._say_suggestion([each for _days, each in found]),
            self._make_effects(effects),
            *self._make_levels(found),
        ]

    def _say_unknown(self, scope, is_on):
        if is_on:
            text = self.env._(
                "What contacts bring cannot be told from this data: chance has not yet "
                "moved the intervals of enough customers for long enough (see below)."
            )
        elif scope.company.retention_jitter_share:
            text = self.env._(
                "What contacts bring cannot be told from this data yet: chance moves "
                "intervals, but a whole month after it has not passed."
            )
        else:
            text = self.env._(
                "What contacts bring cannot be told from this data: chance has decided "
                "nothing. Let it move some intervals under Settings, Learning by "
                "Chance, and look again after a few months."
            )
        return Note(
            text,
            "info",
            name="unknown",
            title=self.env._("What one more contact brings"),
        )

    def _say_suggestion(self, found):
        """Return the range that the effects suggest, in words."""
        title = self.env._("What one more contact brings")
        between = frequency.suggest(found)
        if between is None:
            text = self.env._(
                "Chance moved the intervals, but whether more or fewer contacts are "
                "better cannot be told from it yet: every range holds zero, or they "
                "contradict each other."
            )
            return Note(text, "warning", name="suggestion", title=title)
        low, high = (
            None if bound is None else self._say(bound, "number") for bound in between
        )
        if high is None:
            text = self.env._(
                "At %(low)s contacts a month one more still surely brings more: try "
                "more than that. Where it stops paying cannot be told yet.",
                low=low,
            )
        elif low is None:
            text = self.env._(
                "At %(high)s contacts a month one more surely brings less: try fewer "
                "than that. Where they pay cannot be told yet.",
                high=high,
            )
        else:
            text = self.env._(
                "Suggested: between %(low)s and %(high)s contacts a month. At "
                "%(low)s one more still surely brings more, at %(high)s surely less.",
                low=low,
                high=high,
            )
        return Note(text, "info", name="suggestion", title=title)

    def _make_effects(self, effects):
        series = Series(
            self.env._("Revenue of one more contact, a customer and month"),
            [each.value for each in effects],
            [each.low for each in effects],
            [each.high for each in effects],
            "point",
        )
        return Chart(
            "effects",
            self.env._("Effect of one more contact a month, by chance's decision"),
            [self._say(each.level, "number") for each in effects],
            [series],
            unit="money",
            bounds=[(0, self.env._("no effect"))],
            axis=self.env._("Contacts a month by the policy"),
        )

    def _make_levels(self, found):
        """Return the policies in force with what is known of each level."""
        if not found:
            return []
        columns = [
            Column("interval", self.env._("Policy in Force")),
            Column("level", self.env._("Contacts a Month"), "number"),
            Column("more", self.env._("Customers with More"), "integer"),
            Column("same", self.env._("As Decided"), "integer"),
            Column("fewer", self.env._("Customers with Fewer"), "integer"),
            Column("moved", self.env._("Difference in Contacts"), "number"),
            Column("effect", self.env._("One More Contact Brings"), "money"),
            Column("range", self.env._("Range")),
            Column("verdict", self.env._("What It Says")),
        ]
        rows = [self._make_level(days, each) for days, each in found]
        notes = [
            self.env._(
                "Revenue a customer and month, without taxes. What a contact costs is "
                "not taken off, and revenue is not profit."
            )
        ]
        title = self.env._("Effect by the policies in force")
        return [Table("effects_table", title, columns, rows, notes=notes)]

    def _make_level(self, days, found):
        cells = [
            Cell(self.env._("every %(days)s days", days=days)),
            Cell(found.level),
            *(Cell(count) for count in found.n),
        ]
        if isinstance(found, frequency.Unclear):
            text = (
                self.env._(
                    "cannot be told: fewer than %(fewest)s customers each way",
                    fewest=frequency.FEWEST_ARM,
                )
                if found.cause == "few"
                else self.env._("cannot be told: contacts hardly differ")
            )
            return Row([*cells, Cell(), Cell(), Cell(), Cell(text)])
        words = {
            1: self.env._("▲ more contacts bring more"),
            0: self.env._("= cannot be told: the range holds zero"),
            -1: self.env._("▼ more contacts bring less"),
        }
        states = {1: "good", 0: "same", -1: "bad"}
        return Row(
            [
                *cells,
                Cell(found.moved),
                Cell(found.value, state=states[found.sign]),
                Cell(say_range(self, found.low, found.high, "money")),
                Cell(words[found.sign]),
            ]
        )

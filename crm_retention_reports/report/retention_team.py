from functools import partial

from odoo import api, models

from odoo.addons.crm_retention.tools import satisfaction

from ..tools import fair
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
    share,
)
from .team_sql import (
    WEEK,
    TeamSQL,
    alerts_by_team,
    by_team,
    contacts_by_team,
    strata,
    sum_by_team,
)

SHOWN = 24  # people or teams in a picture, those with the most customers


class RetentionTeam(models.AbstractModel):
    """What people do for their customers, fair to portfolios of different size."""

    _name = "retention.team"
    _inherit = "retention.analysis"
    _description = "Team Performance"

    _period = "quarter"

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "by",
                "label": self.env._("By"),
                "choices": [
                    ("user", self.env._("Person")),
                    ("team", self.env._("Sales team")),
                ],
            }
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "A customer belongs to the salesperson of today, and counts from the "
                "first purchase on. Contacted: at least one personal contact in the "
                "months of the period, by whomever. Answered: of the customers "
                "contacted, those who answered or wrote themselves."
            ),
            self.env._(
                "Expected: what all people shown reach with customers of the same "
                "tiers. As expected: within what chance alone makes of so many "
                "customers. Above or below: outside 99.8 %% of it; perhaps: outside "
                "95 %%, which one in twenty is by chance. Where people differ more "
                "anyway, the limits are wider (funnel limits, Spiegelhalter 2005). "
                "Below %(least)s customers nothing is said.",
                least=fair.LEAST,
            ),
            self.env._(
                "Overdue and planned contacts are those of today that people do "
                "themselves. Load: what is overdue or planned for the next %(days)s "
                "days, of what fits into them (working days × contacts a person and "
                "day, see the settings).",
                days=WEEK,
            ),
            self.env._(
                "Alerts were raised in the period; those over by themselves are left "
                "out. Saved: of the alerts closed as saved or lost. Confirmed: the "
                "customer did buy afterwards."
            ),
            self.env._(
                "You see your own figures, leaders also those of their team. It is no "
                "ranking: people are in the order of their names."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return {
            "title": self.env._("No customers in this choice"),
            "text": self.env._(
                "Customers count for their salesperson from the first purchase on. "
                "Choose other filters, or give customers a salesperson."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        sql = TeamSQL(scope)
        customers, contacts, alerts = sql.customers(), sql.contacts(), sql.alerts()
        people = {*customers, *contacts, *alerts}
        if not people:
            return []
        capacities = sql.capacities(people)
        team_of = self._get_teams(people) if scope.options["by"] == "team" else None
        if team_of is not None:
            customers = by_team(customers, team_of)
            contacts = contacts_by_team(contacts, team_of)
            alerts = alerts_by_team(alerts, team_of)
            capacities = sum_by_team(capacities, team_of)
        names = self._get_names(scope, {*customers, *contacts, *alerts})
        return [
            self._make_cards(customers, contacts, alerts),
            *self._make_alone(sql, names),
            *self._make_reach(scope, names, customers),
            self._make_work(sql, names, contacts, capacities),
            self._make_alerts(scope, names, alerts),
        ]

    # ---- who -------------------------------------------------------------------------

    def _get_teams(self, people):
        """Return ``{person: sales team}``, of today."""
        # sudo: the teams of people of whom the reader may see figures
        users = self.env["res.users"].sudo().browse([each for each in people if each])
        return {user.id: user.sale_team_id.id or None for user in users}

    def _get_names(self, scope, keys):
        """Return ``[(id, name)]`` in the order of names, nobody last."""
        model = "crm.team" if scope.options["by"] == "team" else "res.users"
        # sudo: the names of those of whom the reader may see figures
        found = self.env[model].sudo().browse([key for key in keys if key])
        named = [(each.id, each.display_name) for each in found.sorted("display_name")]
        if None in keys:
            nobody = self.env._("Nobody")
            if scope.options["by"] == "team":
                nobody = self.env._("No team")
            named.append((None, nobody))
        return named

    def _make_alone(self, sql, names):
        """Say so where there is nobody to compare with."""
        if len(names) > 1:
            return []
        if sql.people is not None and len(sql.people) == 1:
            text = self.env._("These are your own figures.")
        else:
            text = self.env._("Only one is shown: there is nobody to compare with.")
        return [Note(text)]

    # ---- figures ---------------------------------------------------------------------

    def _make_cards(self, customers, contacts, alerts):
        whole = [each for tiers in customers.values() for each in tiers.values()]
        number, contacted, answered = (
            sum(each[name] for each in whole)
            for name in ("customers", "contacted", "answered")
        )
        saved = sum(each["saved"] for each in alerts.values())
        lost = sum(each["lost"] for each in alerts.values())
        figures = [
            Card(self.env._("Customers"), number),
            self._make_share_card(self.env._("Contacted"), contacted, number),
            self._make_share_card(self.env._("Answered"), answered, contacted),
            Card(
                self.env._("Overdue Contacts"),
                sum(each[0] for each in contacts.values()),
                note=self.env._("today"),
            ),
            self._make_share_card(self.env._("Saved"), saved, saved + lost),
        ]
        return Cards(figures)

    def _make_share_card(self, label, hits, whole):
        figure = satisfaction.share(hits, whole)
        return Card(
            label, figure and figure.score, "percent", self._say_certainty(figure)
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

    # ---- reach and answers -----------------------------------------------------------

    def _make_reach(self, scope, names, customers):
        names = [(key, name) for key, name in names if key in customers]
        if not names:
            return []
        reached = fair.compare(strata(customers, "customers", "contacted"))
        answered = fair.compare(strata(customers, "contacted", "answered"))
        is_alone = len(names) < 2
        columns = [
            Column("who", self._get_label(scope)),
            Column("customers", self.env._("Customers"), "integer"),
            Column("contacted", self.env._("Contacted"), "percent"),
            Column("reach", self.env._("Compared with Expected")),
            Column("answered", self.env._("Answered"), "percent"),
            Column("response", self.env._("Answers, Compared")),
            Column("contacts", self.env._("Contacts per Customer"), "number"),
        ]
        rows = []
        for key, name in names:
            numbers = customers[key].values()
            whole = sum(each["customers"] for each in numbers)
            many = sum(each["contacts"] for each in numbers)
            cells = [
                Cell(name),
                Cell(whole, target=self._target_customers(scope, key)),
                *self._make_compared(
                    reached.get(key), is_alone, self._target_reach(scope, key)
                ),
                *self._make_compared(answered.get(key), is_alone),
                Cell(many / whole if whole else None),
            ]
            rows.append(Row(cells))
        rows.append(self._make_together(customers))
        table = Table("reach", self.env._("Reach and answers"), columns, rows)
        return [table] if is_alone else [self._make_funnel(names, reached), table]

    def _make_together(self, customers):
        whole = [each for tiers in customers.values() for each in tiers.values()]
        number, contacted, answered, many = (
            sum(each[name] for each in whole)
            for name in ("customers", "contacted", "answered", "contacts")
        )
        cells = [
            Cell(self.env._("Together")),
            Cell(number),
            Cell(share(contacted, number)),
            Cell(),
            Cell(share(answered, contacted)),
            Cell(),
            Cell(many / number if number else None),
        ]
        return Row(cells, "total")

    def _make_compared(self, found, is_alone, target=None):
        """Return two cells: a share, and what to make of it.

        :param is_alone: nobody else is shown: he is not compared with himself.
        """
        if not found:
            return [Cell(), Cell()]
        if is_alone:
            return [Cell(found.share, target=target), Cell()]
        title = self.env._(
            "Expected of such customers: %(expected)s %%, by chance %(low)s to "
            "%(high)s %%; of %(count)s",
            expected=round(found.expected),
            low=round(found.low),
            high=round(found.high),
            count=found.whole,
        )
        texts = {
            fair.FEW: self.env._("too few"),
            fair.SAME: self.env._("as expected"),
            fair.MAYBE_ABOVE: self.env._("↑ perhaps above"),
            fair.MAYBE_BELOW: self.env._("↓ perhaps below"),
            fair.ABOVE: self.env._("↑ above"),
            fair.BELOW: self.env._("↓ below"),
        }
        state = {fair.ABOVE: "good", fair.BELOW: "bad"}.get(found.verdict, "")
        return [
            Cell(found.share, title=title, target=target),
            Cell(texts[found.verdict], title=title, state=state),
        ]

    def _make_funnel(self, names, found):
        biggest = sorted(found, key=lambda key: -found[key].whole)[:SHOWN]
        names = [(key, name) for key, name in names if key in biggest]
        figures = [found[key] for key, _name in names]
        labels = [
            self.env._("%(who)s (%(count)s)", who=name, count=found[key].whole)
            for key, name in names
        ]
        series = [
            Series(
                self.env._("Contacted"),
                [each.share for each in figures],
                look="point",
            ),
            Series(
                self.env._("Expected of such customers"),
                [each.expected for each in figures],
                [each.low for each in figures],
                [each.high for each in figures],
                look="point",
            ),
        ]
        notes = [
            self.env._(
                "In brackets: customers. The line is the range that chance alone makes "
                "of so many (95 %): the fewer, the longer it is."
            )
        ]
        if len(found) > SHOWN:
            notes.append(
                self.env._("The %(count)s with the most customers.", count=SHOWN)
            )
        title = self.env._("Customers contacted, and what is to be expected (%)")
        return Chart("funnel", title, labels, series, unit="percent", notes=notes)

    def _get_label(self, scope):
        return dict(self._get_choices()[0]["choices"])[scope.options["by"]]

    def _make_sure(self, figure):
        """Return the cell of a share, with its n where that is small."""
        if not figure:
            return Cell()
        cell = Cell(figure.score, title=self._say_certainty(figure))
        if figure.is_small:
            cell.text = self.env._(
                "%(share)s %% (of %(count)s)",
                share=round(figure.score),
                count=figure.answers,
            )
        return cell

    # ---- what is to be done ----------------------------------------------------------

    def _make_work(self, sql, names, contacts, capacities):
        scope = sql.scope
        columns = [
            Column("who", self._get_label(scope)),
            Column("overdue", self.env._("Overdue Contacts"), "integer"),
            Column("longest", self.env._("Longest Overdue (days)"), "integer"),
            Column("planned", self.env._("Planned, %s Days", WEEK), "integer"),
            Column("fits", self.env._("Room, %s Days", WEEK), "integer"),
            Column("load", self.env._("Load"), "percent"),
        ]
        rows, today = [], str(sql.today)
        for key, name in names:
            if not key:
                continue
            overdue, longest, planned = contacts.get(key, (0, None, 0))
            fits = capacities.get(key)
            load = share(overdue + planned, fits)
            state = "bad" if load is not None and load > 100 else ""
            cells = [
                Cell(name),
                Cell(overdue, target=self._target_contacts(sql, key, ("<", today))),
                Cell(longest),
                Cell(
                    planned,
                    target=self._target_contacts(
                        sql, key, (">=", today), ("<", str(sql.until))
                    ),
                ),
                Cell(fits),
                Cell(load, state=state),
            ]
            rows.append(Row(cells))
        notes = [
            self.env._("Of today. Above 100 %, work is left over or must be moved.")
        ]
        title = self.env._("Work to be done, and room for it")
        return Table("work", title, columns, rows, notes)

    def _make_count(self, scope, key, found, name, *conditions):
        """Return the cell of so many of the alerts of a person; they open."""
        target = self._target_alerts(scope, key, *conditions) if found[name] else None
        return Cell(found[name], target=target)

    def _make_alerts(self, scope, names, alerts):
        columns = [
            Column("who", self._get_label(scope)),
            Column("raised", self.env._("Alerts"), "integer"),
            Column("acted", self.env._("Worked on"), "percent"),
            Column("compared", self.env._("Compared with Expected")),
            Column("open", self.env._("Still Open"), "integer"),
            Column("saved", self.env._("Saved"), "integer"),
            Column("lost", self.env._("Lost"), "integer"),
            Column("share", self.env._("Saved of Closed"), "percent"),
            Column("sure", self.env._("Saved, Confirmed"), "integer"),
        ]
        acted = fair.compare(
            {key: {0: fair.Part(n["raised"], n["acted"])} for key, n in alerts.items()}
        )
        rows = []
        for key, name in names:
            found = alerts.get(key)
            if not found:
                continue
            closed = satisfaction.share(found["saved"], found["saved"] + found["lost"])
            count = partial(self._make_count, scope, key, found)
            cells = [
                Cell(name),
                Cell(found["raised"], target=self._target_alerts(scope, key)),
                *self._make_compared(acted.get(key), len(acted) < 2),
                count("open", ("is_open", "=", True)),
                count("saved", ("state", "=", "saved")),
                count("lost", ("state", "=", "lost")),
                self._make_sure(closed),
                count("sure", ("state", "=", "saved"), ("result", "=", "right")),
            ]
            rows.append(Row(cells))
        title = self.env._("Alerts of the period: worked on, and customers saved")
        return Table("alerts", title, columns, rows)

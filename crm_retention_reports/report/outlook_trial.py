from odoo import models
from odoo.fields import Domain

from ..tools import outlook, rhythms
from ..tools.blocks import Cell, Chart, Column, Row, Series, Table, Target, share
from .outlook_reader import month_of


class RetentionOutlook(models.AbstractModel):
    """Where the sales forecast comes from, and how good it was."""

    _inherit = "retention.outlook"

    def _make_rhythms(self, reader):
        them = reader.forecast.them
        standing = them.standing(reader.last)
        chances = them.chances(reader.last)
        columns = [
            Column("rhythm", self.env._("Bought before, Last Time")),
            Column("customers", self.env._("Customers"), "integer"),
            Column("buyers", self.env._("Expected to Buy"), "number"),
            Column("share", self.env._("Share"), "percent"),
        ]
        rows = []
        for which in rhythms.RHYTHMS:
            waiting = standing[which]
            buyers = sum(
                customers * chances[which][since]
                for since, customers in enumerate(waiting, 1)
            )
            if customers := sum(waiting):
                cells = [
                    Cell(self._name_rhythm(which)),
                    Cell(customers, target=self._target_rhythm(reader, which)),
                    Cell(buyers),
                    Cell(share(buyers, customers)),
                ]
                rows.append(Row(cells))
        title = self.env._("Customers by rhythm, and how many buy next month")
        return Table(
            "rhythms",
            title,
            columns,
            rows,
            [
                self.env._(
                    "Customers who bought within the last %(most)s months, and how "
                    "many of them buy in an average month. Who comes for the first "
                    "time or after longer is expected in the numbers of last year.",
                    most=rhythms.MOST,
                )
            ],
        )

    def _name_rhythm(self, which):
        first, last = rhythms.span_of(which)
        if which == rhythms.FIRST:
            return self.env._("Never: it was the first time")
        if last is None:
            return self.env._("More than %(months)s months before", months=first - 1)
        if first == last == 1:
            return self.env._("In the month before")
        if first == last:
            return self.env._("%(months)s months before", months=first)
        return self.env._("%(first)s to %(last)s months before", first=first, last=last)

    def _target_rhythm(self, reader, which):
        """Return the last months with a purchase of the customers of a rhythm."""
        first, last = rhythms.span_of(which)
        domain = (
            Domain("profile_id", "any", reader.scope.profile_domain())
            & Domain("purchases", ">", 0)
            & Domain("gap_before", ">=", first)
            & Domain.OR(
                Domain("month", "=", str(month_of(reader.last - since)))
                & Domain("gap_after", "not in", list(range(1, since + 1)))
                for since in range(rhythms.MOST)
            )
        )
        if last is not None:
            domain &= Domain("gap_before", "<=", last)
        return Target("retention.month", list(domain))

    # ---- how good it was -------------------------------------------------------------

    def _make_trial(self, reader):
        if not reader.tries:
            return []
        return [self._make_past(reader), self._make_ahead(reader)]

    def _make_past(self, reader):
        tries = [each for each in reader.tries if each.ahead == 1][-rhythms.YEAR :]
        labels = [self._say(month_of(each.target), "month") for each in tries]
        plain = [each.plain for each in tries]
        series = [
            Series(self.env._("Really sold"), [each.real for each in tries]),
            Series(
                self.env._("Told from rhythms a month before"),
                [each.told for each in tries],
                look="line",
            ),
            Series(self.env._("A Year before"), plain, look="point"),
        ]
        title = self.env._("What would have been told, and what came")
        return Chart("past", title, labels, series, unit="money")

    def _make_ahead(self, reader):
        columns = [
            Column("ahead", self.env._("Months Ahead"), "integer"),
            Column("tries", self.env._("Months Tried"), "integer"),
            Column("error", self.env._("Error of Rhythms"), "percent"),
            Column("plain", self.env._("Error of a Year before"), "percent"),
            Column("held", self.env._("Range Held")),
        ]
        rows = []
        for ahead in range(1, reader.count + 1):
            tries = [each for each in reader.tries if each.ahead == ahead]
            compared = reader.of_year(tries)
            if not compared:
                continue
            cells = [Cell(ahead), Cell(len(compared))]
            cells += self._make_errors(reader, compared)
            rows.append(Row([*cells, Cell(self._say_held(reader, tries))]))
        since = self._say(month_of(reader.last), "month")
        title = self.env._("Error by months ahead, of the 12 months until %s", since)
        return Table("trial", title, columns, rows)

    def _say_held(self, reader, tries):
        """Say how many of the ranges held, of the last twelve months."""
        held, ranges = outlook.covered(reader.choose(tries), reader.last - rhythms.YEAR)
        if not ranges:
            return ""
        return self.env._("%(held)s of %(ranges)s", held=held, ranges=ranges)

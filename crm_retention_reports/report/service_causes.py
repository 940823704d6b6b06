from odoo import models

from odoo.addons.crm_retention.tools import satisfaction

from ..tools.blocks import Cell, Chart, Column, Row, Series, Table, share
from .service_sql import EDGES


class RetentionServiceAnalysis(models.AbstractModel):
    """Why customers complain, and whether waiting goes with being less satisfied."""

    _inherit = "retention.service.analysis"

    # ---- promises --------------------------------------------------------------------

    def _make_promises(self, found):
        """Return how each promise was kept, those about steps of complaints too."""
        parts = self.env["retention.service.clock"]._fields["part"]
        names = parts._description_selection(self.env)
        columns = [
            Column("promise", self.env._("Promise")),
            Column("due", self.env._("Kept or Due"), "integer"),
            Column("kept", self.env._("In Time"), "percent"),
            Column("late", self.env._("Missed"), "integer"),
            Column("over", self.env._("Late by, Each"), "minutes"),
        ]
        rows = []
        for part, name in names:
            due, kept, late, over = found.get(part, (0, 0, 0, 0))
            if due:
                cells = [Cell(name), Cell(due), self._make_share(kept, due)]
                cells += [Cell(due - kept), Cell(over / late if late else None)]
                rows.append(Row(cells))
        if not rows:
            return []
        title = self.env._("By promise, each time it was made")
        return [Table("promises", title, columns, rows)]

    # ---- causes ----------------------------------------------------------------------

    def _make_causes(self, scope, sums):
        """Return the Pareto of complaints: the few causes that make the most."""
        if not sums:
            return []
        named = self._name_keys("cause", {key: None for key in sums if key})
        ranked = sorted(named, key=lambda each: (-sums[each[0]]["tickets"], each[1]))
        if 0 in sums:
            ranked.append((0, self.env._("No cause said")))
        title = self.env._("Causes of complaints, the most frequent first")
        counts = [sums[key]["tickets"] for key, _name in ranked]
        series = [Series(self.env._("Complaints"), counts)]
        labels = [name for _key, name in ranked]
        return [
            Chart("pareto", title, labels, series, unit="integer"),
            self._make_pareto(scope, sums, ranked),
        ]

    def _make_pareto(self, scope, sums, ranked):
        columns = [
            Column("cause", self.env._("Cause")),
            Column("complaints", self.env._("Complaints"), "integer"),
            Column("share", self.env._("Share"), "percent"),
            Column("reached", self.env._("With Those above"), "percent"),
            Column("reopened", self.env._("Reopened"), "percent"),
            Column("satisfied", self.env._("Satisfied"), "percent"),
        ]
        whole = sum(sums[key]["tickets"] for key, _name in ranked)
        reached, rows = 0, []
        for key, name in ranked:
            count = sums[key]["tickets"]
            reached += count
            cells = [
                Cell(name),
                Cell(count, target=self._target_cause(scope, key)),
                Cell(share(count, whole)),
                Cell(share(reached, whole)),
                self._make_share(sums[key]["reopened"], count),
                self._make_share(sums[key]["good"], sums[key]["asked"]),
            ]
            rows.append(Row(cells))
        return Table("causes", self.env._("Causes of complaints"), columns, rows)

    def _target_cause(self, scope, key):
        target = self._target(scope, "cause", key)
        if target:
            target.domain[:] = [*target.domain, ("kind", "=", "complaint")]
        return target

    # ---- waiting and satisfaction ----------------------------------------------------

    def _make_waits(self, sums):
        """Return how satisfied those are who waited for an answer so long."""
        places = [place for place in range(len(EDGES) + 1) if place in sums]
        if sum(sums[place]["asked"] > 0 for place in places) < 2:
            return []  # nothing to compare
        names = [
            self.env._("up to 1 hour"),
            self.env._("1 to 4 hours"),
            self.env._("4 to 24 hours"),
            self.env._("1 to 3 days"),
            self.env._("over 3 days"),
        ]
        found = {
            place: satisfaction.share(sums[place]["good"], sums[place]["asked"])
            for place in places
        }
        asked = [place for place in places if found[place]]
        series = Series(
            self.env._("Satisfied"),
            [found[place].score for place in asked],
            [found[place].low for place in asked],
            [found[place].high for place in asked],
            look="point",
        )
        notes = [
            self.env._(
                "In brackets: answers. An association, no proof: hard cases are "
                "answered later and satisfy less, whatever the time. The lines are "
                "ranges of 95 % certainty."
            )
        ]
        labels = [
            self.env._("%(wait)s (%(count)s)", wait=names[p], count=found[p].answers)
            for p in asked
        ]
        title = self.env._("Satisfied customers, by time to the first answer (%)")
        return [Chart("waits", title, labels, [series], unit="percent", notes=notes)]

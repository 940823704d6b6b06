from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import migration, months
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
from ..tools.migration import DOWN, LEFT, NEW, OTHER, SAME, UP
from .migration_sql import MigrationSQL

STATES = {UP: "good", DOWN: "bad", SAME: "same"}
ANY = object()  # whichever tier


class RetentionMigration(models.AbstractModel):
    """Which tier customers held on one day, and which on a later one."""

    _name = "retention.migration"
    _inherit = "retention.analysis"
    _description = "Tier Migration"

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "A row holds the customers who had that tier on the morning of the "
                "first day; a column, those who have it on the evening of the last "
                "day, or today where that is earlier. Any two days can be chosen by "
                "the period “Own days”."
            ),
            self.env._(
                "Rows add up to the customers at the start, columns to those at the "
                "end. New: held no tier at the start. Left the tiers: holds none at "
                "the end, because no purchase counts any more or no program fits."
            ),
            self.env._(
                "Above the diagonal (▲, green) customers moved up, below it (▼, red) "
                "down. A customer who moved up and down again in between stands where "
                "he began."
            ),
            self.env._(
                "By month every move counts, also several of one customer. First tiers "
                "less those who left are the difference between start and end."
            ),
            self.env._(
                "Contacts that were merged count as the one customer they are today. "
                "The lists behind the moves of a month show the moves of each."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        if MigrationSQL(scope).first_day:
            return super()._get_empty(scope)
        return {
            "title": self.env._("No tier history yet"),
            "text": self.env._(
                "The first evaluation gives every customer a tier; from the next day "
                "on it shows here who moved. Of the days before nothing is known, so "
                "nothing is shown. If nobody has a tier, look whether a program is set "
                "up and whether these filters leave any customer."
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        source = MigrationSQL(scope)
        pairs = source.pairs() if source.end >= scope.first else []
        if not pairs:
            return []
        by_month = source.moves()
        rungs = self._get_rungs([*pairs, *(row[1:] for row in by_month)])
        moves = {(rungs[before], rungs[after]): count for before, after, count in pairs}
        flows = defaultdict(dict)
        for month, before, after, count in by_month:
            flows[month][rungs[before], rungs[after]] = count
        places = migration.ladder(rung for rung in rungs.values() if rung)
        names = self._get_names(places)
        return [
            *self._make_notes(source, moves),
            self._make_cards(scope, source, moves),
            self._make_matrix(scope, source, moves, places, names),
            self._make_shares(scope, source, moves, places, names),
            self._make_chart(source, flows),
            self._make_flows(source, flows, places, names),
        ]

    # ---- tiers -----------------------------------------------------------------------

    @api.model
    def _get_rungs(self, rows):
        """Return ``{tier id: Rung}`` of rows (before, after, …), and None for None."""
        ids = {each for row in rows for each in row[:2] if each}
        return {None: None} | {
            tier.id: migration.Rung(tier.id, tier.program_id.id, tier.sequence)
            for tier in self.env["retention.tier"].browse(ids)
        }

    @api.model
    def _get_names(self, places):
        """Return ``{place: name}``, with the program where there are several."""
        tiers = self.env["retention.tier"].browse(rung.tier_id for rung in places)
        several = len(tiers.program_id) > 1
        texts = {
            tier.id: self.env._(
                "%(tier)s (%(program)s)", tier=tier.name, program=tier.program_id.name
            )
            if several
            else tier.name
            for tier in tiers
        }
        names = {rung: texts[rung.tier_id] for rung in places}
        return names | {None: self.env._("No tier")}

    # ---- blocks ----------------------------------------------------------------------

    def _make_notes(self, source, moves):
        """Say so where the days begin before anything is known."""
        if any(before for before, _after in moves):
            return []
        known = source.first_day
        if known <= source.start:
            return []
        return [
            Note(
                self.env._(
                    "Tiers are known from %(known)s on. Whoever had his first one "
                    "since then counts as new: nothing is known of the time before.",
                    known=format_date(self.env, known),
                ),
                "warning",
                "history",
            )
        ]

    def _make_cards(self, scope, source, moves):
        begun, ended = migration.starts(moves), migration.ends(moves)
        ways = migration.directions(moves)
        at_start = begun.total() - begun[None]
        first = format_date(self.env, scope.first)
        last = format_date(self.env, source.end)
        cards = [
            Card(
                self.env._("Customers at the Start"),
                at_start,
                note=self.env._("on the morning of %(day)s", day=first),
                target=self._make_target(scope, self._held(source.start)),
            ),
            Card(
                self.env._("Customers at the End"),
                ended.total() - ended[None],
                note=self.env._("on the evening of %(day)s", day=last),
                target=self._make_target(scope, self._held(source.end)),
            ),
        ]
        of_start = self.env._("of those with a tier at the start")
        names = self._get_ways()
        for way in (UP, DOWN, SAME, LEFT):
            value = share(ways[way], at_start)
            target = self._make_way_target(scope, source, moves, way)
            tone = {UP: "good", DOWN: "bad"}.get(way, "") if value else ""
            cards.append(Card(names[way], value, "percent", of_start, tone, "", target))
        return Cards(cards)

    def _make_way_target(self, scope, source, moves, way):
        """Return the profiles of all who went this way, or None."""
        pairs = [pair for pair in moves if migration.direction(*pair) == way]
        if not pairs:
            return None
        domain = Domain.OR(self._stood(source, *pair) for pair in pairs)
        return self._make_target(scope, domain)

    def _make_matrix(self, scope, source, moves, places, names):
        begun, ended = migration.starts(moves), migration.ends(moves)
        rows = []
        for before in [*places, None]:
            cells = [Cell(names[before] if before else self.env._("New"))]
            for after in [*places, None]:
                cells.append(
                    self._make_cell(scope, source, moves, before, after, names)
                )
            target = self._stood(source, before=before)
            target = self._make_target(scope, target) if before else None
            rows.append(Row([*cells, Cell(begun[before], target=target)]))
        total = [Cell(self.env._("At the End"))]
        for after in [*places, None]:
            target = self._stood(source, after=after)
            target = self._make_target(scope, target) if after else None
            total.append(Cell(ended[after], target=target))
        rows.append(Row([*total, Cell()], "total"))
        title = self.env._(
            "Customers by tier: from %(first)s (morning) to %(last)s (evening)",
            first=format_date(self.env, scope.first),
            last=format_date(self.env, source.end),
        )
        columns = self._make_columns(places, names)
        return Table("matrix", title, columns, rows, look="matrix")

    def _make_columns(self, places, names):
        return [
            Column("before", self.env._("From ↓ to →")),
            *(
                Column(f"tier_{place.tier_id}", names[place], "integer")
                for place in places
            ),
            Column("left", self.env._("Left the Tiers"), "integer"),
            Column("sum", self.env._("At the Start"), "integer"),
        ]

    def _make_cell(self, scope, source, moves, before, after, names):
        count, way = moves.get((before, after), 0), migration.direction(before, after)
        if way is None:
            return Cell(title=self.env._("Held no tier on either day"))
        said = {
            "way": self._get_ways()[way],
            "before": names[before],
            "after": names[after],
            "count": self._say(count, "integer"),
        }
        title = self.env._("%(way)s, from %(before)s to %(after)s: %(count)s", **said)
        if before:
            part = self._say(share(count, migration.starts(moves)[before]), "percent")
            title = self.env._(
                "%(way)s, from %(before)s to %(after)s: %(count)s, %(part)s of them",
                part=part or "–",
                **said,
            )
        if not count:
            return Cell(0, state="same" if way == SAME else "", title=title)
        return Cell(
            count,
            state=STATES.get(way, ""),
            title=title,
            text=f"{migration.SIGNS[way]} {said['count']}",
            target=self._make_target(
                scope,
                self._stood(source, before, after),
                self.env._("%(before)s → %(after)s", **said),
            ),
        )

    def _make_shares(self, scope, source, moves, places, names):
        begun = migration.starts(moves)
        rows = []
        for before in places:
            cells = [Cell(names[before])]
            for after in [*places, None]:
                cell = self._make_cell(scope, source, moves, before, after, names)
                sign = migration.SIGNS[migration.direction(before, after)]
                part = share(cell.value, begun[before])
                cell.kind, cell.value = "percent", part
                cell.text = f"{sign} {self._say(part, 'percent')}" if part else ""
                cells.append(cell)
            rows.append(Row([*cells, Cell(begun[before])]))
        return Table(
            "shares",
            self.env._("The same in % of those who were in a tier at the start"),
            self._make_columns(places, names),
            rows,
            look="matrix",
        )

    # ---- by month --------------------------------------------------------------------

    @api.model
    def _get_ways(self):
        """Return ``{direction: its name}``."""
        return {
            NEW: self.env._("New"),
            UP: self.env._("Up"),
            DOWN: self.env._("Down"),
            SAME: self.env._("Same"),
            OTHER: self.env._("Other Program"),
            LEFT: self.env._("Left the Tiers"),
        }

    def _get_months(self, source):
        """Return the months of which anything is known, and what they are called."""
        scope, begin = source.scope, source.first_day
        begun = [month for month in scope.months if month <= scope.as_of]
        known = months.known(begun, [begin] if begin else [])
        return known, [self._name_month(scope, month) for month in known]

    def _name_month(self, scope, month):
        name = self._say(month, "month")
        if months.is_over(month, scope.as_of):
            return name
        return self.env._("%(month)s (so far)", month=name)

    def _make_chart(self, source, flows):
        known, labels = self._get_months(source)
        ways = [migration.directions(flows[month]) for month in known]
        names = self._get_ways()
        series = [
            Series(names[way], [sign * each[way] for each in ways])
            for way, sign in ((NEW, 1), (UP, 1), (DOWN, -1), (LEFT, -1))
        ]
        return Chart(
            "flow",
            self.env._("Moves by month"),
            labels,
            series,
            unit="integer",
            stacked=True,
            notes=[self.env._("Plus: new or up. Minus: down or left.")],
        )

    def _make_flows(self, source, flows, places, names):
        known, labels = self._get_months(source)
        ways = [NEW, UP, DOWN, LEFT]
        if any(migration.directions(flow)[OTHER] for flow in flows.values()):
            ways.insert(3, OTHER)
        said = self._get_ways()
        grown = self.env._("By how many customers this tier grew")
        columns = [
            Column("month", self.env._("Month")),
            *(Column(way, said[way], "integer") for way in ways),
            Column("net", self.env._("Up less Down"), "integer"),
            *(
                Column(f"net_{place.tier_id}", names[place], "integer", grown)
                for place in places
            ),
        ]
        rows = [
            Row(
                [
                    Cell(label),
                    *self._make_flow(source.scope, month, flows[month], ways, places),
                ]
            )
            for month, label in zip(known, labels, strict=True)
        ]
        return Table("flows", self.env._("Net migration by month"), columns, rows)

    def _make_flow(self, scope, month, flow, ways, places):
        """Return the cells of one month."""
        counts, grown = migration.directions(flow), migration.net(flow)
        cells = []
        for way in ways:
            target = self._make_moves_target(scope, month, way) if counts[way] else None
            cells.append(Cell(counts[way], target=target))
        cells.append(self._make_change(counts[UP] - counts[DOWN]))
        return cells + [self._make_change(grown[place]) for place in places]

    def _make_change(self, number):
        """Return a cell that says with its sign whether something grew or shrank."""
        state = "good" if number > 0 else "bad" if number < 0 else ""
        text = self._say(abs(number), "integer")
        sign = "+" if number > 0 else "−" if number < 0 else ""
        return Cell(number, state=state, text=f"{sign}{text}")

    # ---- records behind --------------------------------------------------------------

    def _make_target(self, scope, held, name=""):
        """Return the profiles that meet a condition."""
        domain = list(scope.profile_domain() & held)
        return Target("retention.profile", domain, name)

    def _stood(self, source, before=ANY, after=ANY):
        """Return the condition on who held these tiers at the start and at the end.

        Contacts that were merged may have held several on one day: a condition cannot
        know which of them counts, so they are named.
        """
        days = ((source.start, before), (source.end, after))
        held = Domain.AND(
            self._held(day, place) for day, place in days if place is not ANY
        )
        if not source.stood:
            return held
        wanted = [
            place if place is ANY or place is None else place.tier_id
            for _day, place in days
        ]
        named = [
            partner
            for partner, found in source.stood.items()
            if all(
                want in (ANY, tier) for want, tier in zip(wanted, found, strict=True)
            )
        ]
        others = Domain("partner_id", "not in", list(source.stood))
        return (held & others) | Domain("partner_id", "in", named)

    def _held(self, day, place=ANY):
        """Return the condition that a tier (or none, or any) was held on a day."""
        then = [
            ("date_from", "<=", str(day)),
            "|",
            ("date_to", "=", False),
            ("date_to", ">", str(day)),
        ]
        if place is None:
            return Domain("membership_ids", "not any", then)
        if place is not ANY:
            then = [("tier_id", "=", place.tier_id), *then]
        return Domain("membership_ids", "any", then)

    def _make_moves_target(self, scope, month, way):
        first = max(month, scope.first)
        last = min(months.last_day(month), scope.as_of)
        domain = [
            ("company_id", "=", scope.company.id),
            ("direction", "=", way),
            ("date", ">=", str(first)),
            ("date", "<=", str(last)),
            (
                "partner_id",
                "any",
                [("retention_profile_id", "any", list(scope.profile_domain()))],
            ),
        ]
        return Target("retention.movement.report", domain)

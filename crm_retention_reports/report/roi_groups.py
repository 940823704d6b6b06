"""Which groups of customers tell what the work brought, and what they say."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from odoo.tools import SQL

from odoo.addons.crm_retention.models.judgement import pilot_sql

from ..tools import costs, months, roi
from .roi_sql import Arm, GroupSQL, in_holdout

HOLDOUT, PILOT, BEFORE = "holdout", "pilot", "before"  # the most trusted one first
MOST_PILOTS = 3  # the latest ones
BEFORE_ALL = 1900  # a year mistyped, or no year to compare with
# why nothing is measured
NONE, UNUSED, SHORT, FEW = "none", "unused", "short", "few"


def fits_holdout(company) -> SQL:
    """Return whether a ``customer`` gets promotions, as :class:`Arm` asks for it."""
    held = in_holdout(company, SQL("customer.partner_id"))
    return SQL("NOT (%s)", held)


def fits_pilot(pilot) -> SQL:
    """Return whether chance put a ``customer`` under the rules of a pilot."""
    fits = SQL("TRUE")
    if not pilot._takes_all():
        fits = SQL("customer.partner_id IN %s", pilot._population().subselect())
    original = pilot.pilot_of_id
    ours = original | original.with_context(active_test=False).pilot_ids
    return SQL(
        "CASE WHEN customer.program_id = ANY(%s) AND %s THEN %s END",
        ours.ids,
        fits,
        pilot_sql.in_share(pilot, SQL("customer.partner_id")),
    )


def find_arm(env, token) -> Arm | None:
    """Return the group of the company that :meth:`Comparison.get_token` named."""
    try:
        method, program, side, *days = str(token).split(":")
        first, last = map(date.fromisoformat, days)
        programs = env["retention.program"].with_context(active_test=False)
        pilot = programs.search([("id", "=", int(program or 0))])
    except ValueError:
        return None
    if method == BEFORE:
        return Arm(token, SQL("TRUE"), True, first, last, loyal=True)
    if method == HOLDOUT and env.company.retention_holdout_share:
        return Arm(token, fits_holdout(env.company), side == "1", first, last)
    if method == PILOT and pilot.pilot_of_id:
        return Arm(token, fits_pilot(pilot), side == "1", first, last)
    return None


@dataclass
class Comparison:
    """Two groups over some months; ``missing`` says why there is no ``effect``.

    ``effect`` is how much more a customer of the first group bought for.
    """

    method: str
    name: str
    first: date | None = None
    last: date | None = None
    treated: roi.Sums = roi.Sums()
    rest: roi.Sums = roi.Sums()
    effect: roi.Range | None = None
    missing: str = ""
    program_id: int | None = None
    then: tuple[date, date] | None = None  # days of the others, if not the same

    def get_token(self, side) -> str:
        """Return a name of one of the groups, for the list of its customers."""
        days = (self.first, self.last) if side or not self.then else self.then
        named = (self.method, self.program_id or "", int(side), *days)
        return ":".join(map(str, named))

    @property
    def gain(self):
        """Return the difference over all customers of the first group, in revenue."""
        return self.effect and self.effect.times(self.treated.n)


class Comparisons:
    """All comparisons that the data of a company allows within some months."""

    def __init__(self, scope, first, last, terms):
        """:param terms: the :class:`RetentionAssumption` in force, or a new one."""
        self.scope, self.company, self.env = scope, scope.company, scope.env
        self.first, self.last, self.terms = first, last, terms
        self.arms = []

    def measure(self) -> list[Comparison]:
        """Return them, the most trusted first; also those that cannot be told."""
        found = [self._get_holdout(), *self._get_pilots(), self._get_before()]
        sums = GroupSQL(self.scope, self.arms).sums()
        for each in found:
            if not each.missing:
                self._judge(each, sums)
        return found

    def _judge(self, found, sums):
        key = f"{found.method}:{found.program_id or ''}"
        found.treated, found.rest = sums[f"{key}:1"], sums[f"{key}:0"]
        if min(found.treated.n, found.rest.n) < self.terms.least:
            found.missing = FEW
            return
        # before and after differ by more than chance: nothing is to be evened out
        found.effect = roi.difference(
            found.treated, found.rest, adjust=found.method != BEFORE
        )

    def _compare(self, found, fits, days, then=None):
        """Give a comparison its days, and ask for the sums of its groups.

        :param fits: SQL condition, true for the first group, false for the others.
        :param then: days of the others, where they are the same condition's earlier.
        """
        if not days:
            found.missing = SHORT
            return found
        (found.first, found.last), found.then = days, then
        key = f"{found.method}:{found.program_id or ''}"
        loyal = found.method == BEFORE
        self.arms += [
            Arm(f"{key}:1", fits, True, *days, loyal),
            Arm(f"{key}:0", fits, bool(then), *(then or days), loyal),
        ]
        return found

    # ---- kept for comparison -----------------------------------------------------

    def _get_holdout(self):
        found = Comparison(HOLDOUT, self.env._("Comparison group"))
        if not self.company.retention_holdout_share:
            found.missing = NONE
            return found
        since = self.terms.holdout_from or self._get_first_kept_back()
        if not since:
            found.missing = UNUSED
            return found
        days = self._within(since)
        return self._compare(found, fits_holdout(self.company), days)

    def _get_first_kept_back(self):
        """Return the day on which the first promotion was kept from somebody."""
        # sudo: a day is read, nobody's decision
        decisions = self.env["retention.decision"].sudo()
        ours = [("company_id", "=", self.company.id), ("cause", "=", "holdout")]
        first = decisions.search(ours, order="decided_at", limit=1)
        if not first:
            return None
        zone = ZoneInfo(self.company.resource_calendar_id.tz or "UTC")
        return first.decided_at.replace(tzinfo=UTC).astimezone(zone).date()

    def _within(self, since, until=None):
        """Return the whole months of the period from a day on, or None."""
        first = max(self.first, since)
        last = min(self.last, until) if until else self.last
        return costs.whole_months(first, last) if first <= last else None

    # ---- pilots ------------------------------------------------------------------

    def _get_pilots(self):
        pilots = (
            self.env["retention.program"]
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "=", self.company.id),
                    ("pilot_from", "<=", self.last),
                    ("pilot_of_id", "!=", False),
                    "|",
                    ("pilot_ended", "=", False),
                    ("pilot_ended", ">", self.first),
                ],
                order="pilot_from desc",
                limit=MOST_PILOTS,
            )
        )
        return [self._get_pilot(pilot) for pilot in pilots]

    def _get_pilot(self, pilot):
        """Return the comparison of one pilot: by its share, whoever left it since."""
        found = Comparison(PILOT, pilot.name, program_id=pilot.id)
        ended = pilot.pilot_ended and pilot.pilot_ended - timedelta(days=1)
        days = self._within(pilot.pilot_from, ended)
        return self._compare(found, fits_pilot(pilot), days)

    # ---- before and after --------------------------------------------------------

    def _get_before(self):
        """Return those loyal now against those loyal then, whole years before."""
        found = Comparison(BEFORE, self.env._("Before and after"))
        count = months.between(self.first, self.last) + 1
        back = -(-count // 12)
        started = self.terms.launched_on
        if started:  # as many years more as it takes to be over before that day
            back = max(back, self.last.year - started.year)
            back += self._shift(self.last, back) >= started
        if self.first.year - back <= BEFORE_ALL:
            found.missing = SHORT
            return found
        then = (
            months.shift(self.first, -12 * back),
            self._shift(self.last, back),
        )
        return self._compare(found, SQL("TRUE"), (self.first, self.last), then)

    @staticmethod
    def _shift(last, years):
        return months.last_day(months.shift(last, -12 * years))

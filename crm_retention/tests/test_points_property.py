"""The whole ledger, driven against a model that knows every single point.

The model is written from the rules alone and shares no code with the ledger: points
are tokens that lie somewhere. Sequences are drawn so that "spend, then refund or
cancel the source" is reached often; the test counts that it was.
"""

import os
from datetime import timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_retention.tools import points

from .common import TODAY
from .common_points import PointsCommon

EXAMPLES = int(os.environ.get("CRM_RETENTION_EXAMPLES", "80"))
REVIVE = 30
STEP = st.tuples(
    st.sampled_from(["earn", "spend", "refund", "undo", "adjust", "days"]),
    st.integers(1, 30),
    st.integers(0, 9),
)
# bought, the points spent to the last one, the purchase returned, and what then comes
SPENT = st.tuples(
    st.tuples(st.just("earn"), st.integers(5, 30), st.sampled_from([0, 1, 2])),
    st.tuples(st.just("spend"), st.just(0), st.just(0)),
    st.tuples(st.just("refund"), st.integers(1, 30), st.just(-1)),
    STEP,
)
STEPS = st.lists(
    st.one_of(STEP.map(lambda step: (step,)), SPENT), min_size=3, max_size=9
).map(lambda blocks: [step for block in blocks for step in block])


class Grant(NamedTuple):
    """An award of the model: the entry of the real one, and its days."""

    entry: object
    points: int
    may: int  # first day on which it may be spent


class Model:
    """Every point a token; where it lies is all there is to know."""

    def __init__(self):
        self.day = 0
        self.grants = []
        self.expiry = {}  # grant: day, or None
        self.tokens = []  # [grant, debit or None, is pending]
        self.debits = []  # [entry, points, given back, of grant or None]
        self.owed = {}  # debit: points
        self.refunded = {}  # grant: points
        self.drawn = {}  # debit: grants in the order in which they were drawn on

    def left(self, grant):
        return [t for t in self.tokens if t[0] == grant and t[1] is None]

    def usable(self):
        free = [t for t in self.tokens if t[1] is None and not t[2]]
        return sorted(
            free, key=lambda t: (self.expiry[t[0]] or 10**6, t[0])
        )  # the sort is stable

    def debt(self):
        return sum(self.owed.values())

    def figures(self):
        lying = [t for t in self.tokens if t[1] is None]
        pending = sum(t[2] for t in lying)
        return len(lying) - self.debt(), pending, self.debt()

    def grant(self, entry, number, may, expiry):
        grant = len(self.grants)
        self.grants.append(Grant(entry, number, may))
        self.expiry[grant] = expiry
        self.tokens += [[grant, None, may > self.day] for _ in range(number)]
        self.pay([grant])

    def pay(self, grants):
        for debit in sorted(self.owed):
            for grant in grants:
                for token in self.left(grant):
                    if self.owed[debit] and not token[2]:
                        self.lay(token, debit)
                        self.owed[debit] -= 1

    def lay(self, token, debit):
        token[1] = debit
        if token[0] not in self.drawn.setdefault(debit, []):
            self.drawn[debit].append(token[0])

    def debit(self, entry, number, source=None):
        debit = len(self.debits)
        self.debits.append([entry, number, 0, source])
        first = self.left(source) if source is not None else []
        rest = [token for token in self.usable() if token[0] != source]
        taken = (first + rest)[:number]
        for token in taken:
            self.lay(token, debit)
        if len(taken) < number:
            self.owed[debit] = number - len(taken)
        if source is not None:
            self.refunded[source] = self.refunded.get(source, 0) + number

    def undo(self, debit, number):
        self.debits[debit][2] += number
        source = self.debits[debit][3]
        if source is not None:
            self.refunded[source] -= number
        forgiven = min(number, self.owed.get(debit, 0))
        if forgiven:
            self.owed[debit] -= forgiven
        number, back = number - forgiven, []
        for grant in reversed(self.drawn.get(debit, [])):
            mine = [t for t in self.tokens if t[0] == grant and t[1] == debit]
            for token in mine[:number]:
                lying = self.left(grant)
                token[1] = None
                token[2] = lying[0][2] if lying else self.grants[grant].may > self.day
            if mine[:number]:
                back.append(grant)
                expiry = self.expiry[grant]
                if expiry is not None and expiry < self.day + REVIVE:
                    self.expiry[grant] = self.day + REVIVE
            number -= len(mine[:number])
        self.pay(back)

    def pass_days(self, days):
        self.day += days
        for grant, (_entry, _points, may) in enumerate(self.grants):
            waiting = [token for token in self.left(grant) if token[2]]
            if waiting and may <= self.day:
                for token in waiting:
                    token[2] = False
                self.pay([grant])


@tagged("post_install", "-at_install")
class TestAgainstModel(PointsCommon):
    reached = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    def drive(self, steps):
        with self.env.cr.savepoint() as savepoint:
            model, spent_then_refunded = Model(), False
            for name, number, choice in steps:
                done = getattr(self, f"do_{name}")(model, number, choice)
                spent_then_refunded |= name == "refund" and done
                self.compare(model)
            type(self).reached += spent_then_refunded
            rows = self.env["retention.points.check"]._run(self.company)
            wrong = rows.filtered(lambda row: row.state != "ok")
            self.assertFalse(wrong, wrong.mapped("code"))
            self.assertEqual(self.Award._rebuild(self.points, self.now(model)), 0)
            savepoint.rollback()
            self.env.invalidate_all()

    def test_driven(self):
        type(self).reached = 0
        self.drive()
        self.assertGreater(self.reached, EXAMPLES * 0.15)

    def compare(self, model):
        account = self.account
        found = account.balance, account.pending, account.debt
        self.assertEqual(found, model.figures())
        for grant, (entry, _points, _may) in enumerate(model.grants):
            award = entry.award_ids
            self.assertEqual(award.remaining, len(model.left(grant)))
            expiry = model.expiry[grant]
            if expiry is not None:
                self.assertEqual(award.expires_on, self.date_of(expiry))

    def date_of(self, day):
        return TODAY + timedelta(days=day)

    def now(self, model):
        return self.date_of(model.day)

    # ---- what may happen ---------------------------------------------------------

    def do_earn(self, model, number, choice):
        may = model.day + (0, 0, 0, 5)[choice % 4]
        expiry = (None, 10, 40, 90)[choice % 3 + (choice > 6)]
        expiry = expiry and model.day + expiry
        entry = self.earn(
            number,
            expiry,
            available=may if may > model.day else None,
            today=self.now(model),
        )
        model.grant(entry, number, may, expiry)

    def do_adjust(self, model, number, _choice):
        entry = self.post(
            points.ADJUST, number, today=self.now(model), reason="As agreed"
        )
        model.grant(entry, number, model.day, None)

    def do_spend(self, model, number, _choice):
        balance, pending, _debt = model.figures()
        number = number or max(1, balance - pending)  # 0: all there is
        if number > balance - pending:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.redeem(number, today=self.now(model))
            return
        model.debit(self.redeem(number, today=self.now(model)), number)

    def do_refund(self, model, number, choice):
        """Take an award back, also when its points are gone already."""
        if not model.grants:
            return False
        source = choice % len(model.grants)
        rest = model.grants[source].points - model.refunded.get(source, 0)
        number = min(number, rest)
        if not number:
            return False
        was_spent = number > len(model.left(source))
        entry = model.grants[source].entry
        model.debit(self.reverse(entry, number, self.now(model)), number, source)
        return was_spent

    def do_undo(self, model, number, choice):
        """Give a debit back: an exchange cancelled, a refund withdrawn."""
        if not model.debits:
            return
        debit = choice % len(model.debits)
        entry, total, back, _source = model.debits[debit]
        number = min(number, total - back)
        if not number:
            return
        now = self.now(model)
        self.reverse(entry, number, now, revive_until=now + timedelta(days=REVIVE))
        model.undo(debit, number)

    def do_days(self, model, number, _choice):
        """Days pass; then awards are released and those past their day expire."""
        model.pass_days(number)
        now = self.now(model)
        self.Account._release(self.points, now)
        for award in self.account.award_ids.filtered(
            lambda row: row.state == "open" and row.expires_on and row.expires_on < now
        ).sorted("id"):
            grant = next(
                place
                for place, each in enumerate(model.grants)
                if each.entry == award.entry_id
            )
            number = award.remaining
            entry = self.post(points.EXPIRE, -number, today=now, award_id=award.id)
            model.debit(entry, number, grant)
            model.debits[-1][3] = None
            model.refunded[grant] -= number

"""Weeks of contacts under random rules: nobody is disturbed, nobody forgotten.

A small number of customers here; ``./dev bench contact_days`` lives through 90 days
with 10,000.
"""

from .common import AcrossCase
from .contact_days import Simulation


class TestContactDays(AcrossCase):
    def live(self, seed, customers, days):
        found = {}
        savepoint = self.env.cr.savepoint(flush=True)
        try:
            found = Simulation(self.env, seed, customers).run(days)
        finally:
            savepoint.rollback()
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return found

    def test_no_contact_against_a_rule(self):
        found = self.live(1, 100, 21)
        self.assertFalse(found["wrong"], found)
        self.assertGreater(found["contacts"], 60, found)
        for what in ("refused", "paused", "complained"):
            self.assertGreater(found["said"][what], 10, found)

    def test_the_same_seed_gives_the_same_plan(self):
        first, second = (self.live(3, 50, 5) for _time in range(2))
        self.assertEqual(first, second)
        self.assertNotEqual(first["digest"], self.live(4, 50, 5)["digest"])

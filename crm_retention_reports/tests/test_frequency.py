from datetime import date
from random import Random

from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from ..tools import frequency
from .common_contacts import ContactCommon

# what one more contact a month brings at each level, by the simulation of the design
TRUTH = {1: 0.9, 2: 0.6, 3: 0.3, 4: 0.0, 5: -0.3, 6: -0.6, 7: -0.9}


def outcome(contacts):
    """What contacts bring a customer and month: best at four."""
    return 1.2 * contacts - 0.15 * contacts**2


class TestFrequencyTools(BaseCase):
    """A world of which we know what contacts bring."""

    def simulate(self, count, share, seed=11):
        """Return ``{level: [(by, y, x, d)]}``: engaged customers are contacted more."""
        random = Random(seed)
        world = {level: [] for level in TRUTH}
        for level, rows in world.items():
            for _customer in range(count):
                engaged = 3 * level + random.gauss(0, 2)
                lot = random.random()
                by = -1 if lot < share / 2 else 1 if lot < share else 0
                contacts = max(0.0, level + by + random.gauss(0, 0.3))
                before = engaged + random.gauss(0, 1)
                came = engaged + outcome(contacts) + random.gauss(0, 1)
                rows.append((by, came, before, contacts))
        return world

    def find(self, world, share):
        found = []
        for level, rows in world.items():
            arms = [
                frequency.Arm(
                    by,
                    share,
                    frequency.Sums.of(row[1:] for row in rows if row[0] == by),
                )
                for by in (-1, 0, 1)
            ]
            found.append(frequency.marginal(level, arms))
        return found

    def test_chance_tells_what_contacts_bring(self):
        found = self.find(self.simulate(4000, 0.5), 0.5)
        for effect in found:
            truth = TRUTH[effect.level]
            with self.subTest(level=effect.level):
                self.assertAlmostEqual(effect.value, truth, delta=0.15)
                self.assertLess(effect.low - 0.05, truth)
                self.assertGreater(effect.high + 0.05, truth)
                if truth:
                    self.assertEqual(effect.sign, 1 if truth > 0 else -1)
        self.assertEqual(frequency.suggest(found), (3, 5))

    def test_what_merely_goes_with_it_misleads(self):
        world = self.simulate(500, 0.5)
        means = [
            sum(row[1] for row in rows) / len(rows) for _level, rows in world.items()
        ]
        # more contacts, more revenue, up to the end: the picture that we warn of
        self.assertEqual(means, sorted(means))

    def test_without_chance_nothing_is_said(self):
        world = {
            level: [(0, *row[1:]) for row in rows]
            for level, rows in self.simulate(500, 0.5).items()
        }
        found = self.find({level: rows for level, rows in world.items()}, 0.5)
        self.assertEqual({each.cause for each in found}, {"few"})
        self.assertIsNone(frequency.suggest(found))

    def test_intervals_hold_the_truth_as_often_as_they_say(self):
        inside = total = 0
        for seed in range(40):
            for each in self.find(self.simulate(600, 0.6, seed), 0.6):
                total += 1
                inside += each.low <= TRUTH[each.level] <= each.high
        self.assertGreater(inside / total, 0.92)
        self.assertLess(inside / total, 0.98)


@tagged("post_install", "-at_install")
class TestFrequency(ContactCommon):
    """The report on frequency, from rows of a world that we know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.make_customers(240)
        cls.measure()
        cls.env["retention.cadence.state"].search([]).unlink()

    def fill(self, table, rows):
        """Write rows of a derived table: {column: value}."""
        profiles = {row.partner_id.id: row.id for row in self.Profile.search([])}
        columns = SQL(", ").join(SQL.identifier(name) for name in rows[0])
        values = SQL(", ").join(SQL("%s", tuple(row.values())) for row in rows)
        self.env.flush_all()
        self.env.cr.execute(
            SQL("INSERT INTO %s (%s) VALUES %s", SQL.identifier(table), columns, values)
        )
        self.env.invalidate_all()
        return profiles

    def key(self, partner, month):
        profile = self.profile_of(partner)
        return {
            "profile_id": profile.id,
            "partner_id": partner.id,
            "company_id": self.company.id,
            "month": month,
        }

    def bought(self, partner, month, revenue=0, **values):
        nothing = dict.fromkeys(
            ("contacts", "answers", "mailings", "complaints", "objections"), 0
        )
        return (
            self.key(partner, month)
            | nothing
            | {
                "purchases": int(bool(revenue)),
                "revenue": revenue,
                "first_month": date(2023, 1, 1),
                **values,
            }
        )

    def contacted(self, partner, month, touches, **values):
        nothing = dict.fromkeys(
            ("mailings", "reached", "answers", "mailing_answers", "opened", "clicked"),
            0,
        )
        nothing |= dict.fromkeys(
            ("notices", "incoming", "conversions", "orders", "revenue"), 0
        )
        return (
            self.key(partner, month)
            | nothing
            | {
                "channel_id": self.phone.id,
                "touches": touches,
                "within_days": 14,
                **values,
            }
        )

    def test_association(self):
        """30 customers with none, 60 with two a month; 12 and 6 of them are lost."""
        none, two = self.people[:30], self.people[30:90]
        for each in none | two:
            self.buy(each, (date(2024, 1, 5), 10))
        for each in none[12:] | two[6:]:
            self.buy(each, (date(2024, 5, 5), 10))
        # lost in these months, though they came back later
        for each in none[:6]:
            self.buy(each, (date(2024, 7, 5), 10))
        # bought too long ago, or only in the months that tell: not among them
        self.buy(self.people[100], (date(2023, 3, 5), 10))
        self.buy(self.people[101], (date(2024, 5, 5), 10))
        self.measure(as_of=date(2024, 7, 31))
        self.env.cr.execute(
            "UPDATE retention_month SET objections = 1"
            " WHERE partner_id = ANY(%s) AND month = '2024-01-01'",
            [two[:9].ids],
        )
        self.fill(
            "retention_month_contact",
            [
                self.contacted(each, date(2024, month, 1), 2, mailings=1, answers=1)
                for each in two
                for month in (1, 2, 3)
            ],
        )
        page = self.report("retention.frequency")
        first, second = self.table(page, "levels")
        self.assertEqual([row["n"]["value"] for row in (first, second)], [30, 60])
        self.assertEqual(second["level"]["text"], "over 1 to 2")
        self.assertEqual([first["lost"]["value"], second["lost"]["value"]], [40, 10])
        self.assertEqual(second["objected"]["value"], 15)
        self.assertEqual(second["answered"]["value"], 50)
        low, high = wilson(6, 60)
        self.assertEqual(
            second["lost_range"]["text"], f"{100 * low:.1f} % to {100 * high:.1f} %"
        )
        self.assertIn("Association", self.block(page, "association")["text"])
        self.assertIn("cannot be told", self.block(page, "unknown")["text"])
        target = first["n"]["target"]
        found = self.env[target["model"]].search(target["domain"])
        self.assertEqual(found.partner_id, none)
        page = self.report("retention.frequency", channel="mailings")
        self.assertEqual(
            self.table(page, "levels")[1]["level"]["text"], "over 0.5 to 1"
        )
        page = self.report("retention.frequency", channel=f"channel_{self.email.id}")
        [row] = self.table(page, "levels")
        self.assertEqual(row["n"]["value"], 90)
        self.assertTrue(self.report("retention.frequency", "2024-04-01")["empty"])

    def test_effect_of_chance(self):
        """One more contact brings 5: more and fewer by chance, 110 customers each."""
        self.env.cr.execute("DELETE FROM retention_month")
        policy = self.env["retention.contact.policy"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        line = policy.cadence_ids[:1]
        line.write(
            {
                "interval_days": 30,
                "longest_days": 60,
                "shortest_days": 7,
                "slowest_days": 90,
            }
        )
        more, fewer = self.people[:110], self.people[110:220]
        States = self.env["retention.cadence.state"]
        states = States.create(
            [
                {
                    "partner_id": each.id,
                    "company_id": self.company.id,
                    "cadence_id": line.id,
                    "interval_days": 14 if each in more else 60,
                    "decided_days": 30,
                    "assignment": "shorter" if each in more else "longer",
                    "probability": 0.25,
                }
                for each in more | fewer
            ]
        )
        self.env.cr.execute(
            "UPDATE retention_cadence_state SET create_date = '2023-12-10'"
            " WHERE id = ANY(%s)",
            [states.ids],
        )
        months, rows, contacts = (1, 2, 3, 4, 5, 6), [], []
        for number, each in enumerate(more | fewer):
            spent = 50 + number % 7
            count = (2 if each in more else 1) + number % 3
            rows.append(self.bought(each, date(2023, 6, 1), 12 * spent))
            rows += [
                self.bought(each, date(2024, month, 1), spent + 5 * count)
                for month in months
            ]
            contacts += [
                self.contacted(each, date(2024, month, 1), count) for month in months
            ]
        self.fill("retention_month", rows)
        self.fill("retention_month_contact", contacts)
        page = self.report("retention.frequency")
        [row] = self.table(page, "effects_table")
        self.assertAlmostEqual(row["effect"]["value"], 5, 3)
        self.assertAlmostEqual(row["moved"]["value"], 1, 1)
        self.assertEqual((row["more"]["value"], row["fewer"]["value"]), (110, 110))
        self.assertEqual(row["interval"]["text"], "every 30 days")
        self.assertIn("more than that", self.block(page, "suggestion")["text"])
        # a salesperson of a few of them is told nothing
        seller = self.make_user("user")
        (more[:20] | fewer[:20]).user_id = seller
        page = self.report("retention.frequency", user=seller)
        [row] = self.table(page, "effects_table")
        self.assertIsNone(row["effect"]["value"])
        self.assertIn("cannot be told", self.block(page, "unknown")["text"])


def wilson(hits, n, z=1.96):
    """Return the ends of Wilson's interval as the roots of its equation (1927)."""
    a, b, c = n + z * z, -(2 * hits + z * z), hits * hits / n
    root = (b * b - 4 * a * c) ** 0.5
    return (-b - root) / (2 * a), (-b + root) / (2 * a)

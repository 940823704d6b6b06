"""Groups of similar customers, and the segments or labels made of them."""

import doctest
from datetime import timedelta
from random import Random

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.crm_retention.models.judgement.cluster_sql import ClusterSQL
from odoo.addons.crm_retention.tools import clusters

from .common import RetentionCommon


def load_tests(_loader, tests, _ignore):
    tests.addTests(doctest.DocTestSuite(clusters))
    return tests


@tagged("post_install", "-at_install")
class TestClusters(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Wizard = cls.env["retention.cluster.wizard"]
        cls.Profile.search([]).unlink()
        today = cls.company._retention_today()
        chance = Random(3)
        # (days ago, purchases, revenue, scores) of three kinds of customers
        kinds = [
            (5, 30, 9_000, (5, 5, 5)),
            (15, 2, 90, (5, 1, 1)),
            (300, 3, 90, (1, 2, 1)),
        ]
        customers = cls.make_customers(90)
        cls.kinds = {each: number % 3 for number, each in enumerate(customers)}
        values = []
        for customer in customers:
            days, count, revenue, scores = kinds[cls.kinds[customer]]
            recency, frequency, monetary = scores
            values.append(
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "last_purchase": today
                    - timedelta(days * chance.randint(8, 12) // 10),
                    "window_purchases": count,
                    "purchase_count": count,
                    "window_revenue": revenue * chance.uniform(0.8, 1.2),
                    "recency_score": recency,
                    "frequency_score": frequency,
                    "monetary_score": monetary,
                }
            )
        cls.Profile.create(values)

    def find(self, **values):
        return self.Wizard.create({"line_ids": [], **values})

    def test_groups_that_are_there(self):
        # as the list calls it, with nothing selected
        action = call_kw(self.env["retention.segment"], "action_find_groups", [[]], {})
        wizard = self.Wizard.browse(action["res_id"])
        self.assertEqual((wizard.customers, wizard.agreement), (90, 100))
        self.assertEqual(wizard.line_ids.mapped("customers"), [30, 30, 30])
        self.assertEqual(
            wizard.line_ids.mapped("name"), ["Best customers", "Newcomers", "Asleep"]
        )
        best = wizard.line_ids[0]
        self.assertAlmostEqual(best.revenue, 9_000, delta=600)
        self.assertEqual((best.purchases, best.share), (30, 33))

    def test_everybody_by_the_database_as_by_the_function(self):
        statements = ClusterSQL(self.company, self.company._retention_today())
        self.env.flush_all()
        rows = self.env.execute_query(statements.sample())
        points = [clusters.features(*row) for row in rows]
        scale = clusters.scale(points)
        found = clusters.k_means([scale.standard(point) for point in points], 5)
        counts = dict.fromkeys(range(5), 0)
        for point in points:
            counts[clusters.nearest(scale.standard(point), found.centers)] += 1
        told = dict.fromkeys(range(5), 0)
        for (
            number,
            *_scores,
            count,
            _days,
            _purchases,
            _revenue,
        ) in self.env.execute_query(statements.summary(found.centers, scale)):
            told[number] += count
        self.assertEqual(told, counts)

    def test_the_number_that_a_person_wants(self):
        wizard = self.find(number=4)
        wizard.action_find()
        first = wizard.line_ids.mapped(lambda line: (line.name, line.customers))
        self.assertEqual(len(first), 4)
        wizard.action_find()
        again = wizard.line_ids.mapped(lambda line: (line.name, line.customers))
        self.assertEqual(first, again)

    def test_too_few(self):
        self.Profile.search([], limit=50).unlink()
        values = self.Wizard._find(self.company, 0)
        self.assertEqual(values, {"customers": 40})

    def test_as_segments(self):
        wizard = self.find()
        wizard.action_find()
        wizard.line_ids[0].name = "Our best"
        wizard.action_create_segments()
        segments = self.env["retention.segment"].search([("is_other", "=", False)])
        self.assertIn("Our best", segments.mapped("name"))
        for profile in self.Profile.search([]):
            box = {
                axis: profile[f"{axis}_score"]
                for axis in ("recency", "frequency", "monetary")
            }
            own = segments.filtered(
                lambda each, box=box: all(
                    low <= box[axis] <= high
                    for axis, (low, high) in each._as_box().items()
                )
            )
            self.assertEqual(len(own), 1, "the boxes fill the cube and never overlap")
            best = self.kinds[profile.partner_id] == 0
            self.assertEqual(own.name == "Our best", best)
        self.assertGreater(self.program.version, self.program.applied_version)

    def test_not_under_the_feet_of_rules(self):
        segment = self.env["retention.segment"].search([], limit=1)
        wizard = self.find()
        wizard.action_find()
        policy = self.env["retention.contact.policy"].create(
            {
                "name": "For some",
                "domain": f"[('retention_segment_id', '=', {segment.id})]",
            }
        )
        with self.assertRaisesRegex(UserError, "For some"):
            wizard.action_create_segments()
        self.assertTrue(segment.exists())
        policy.unlink()
        wizard.action_create_segments()

    def test_as_labels(self):
        wizard = self.find()
        wizard.action_find()
        wizard.action_create_labels()
        rules = self.env["retention.label.rule"].search(
            [("active", "=", False), ("name", "in", wizard.line_ids.mapped("name"))]
        )
        self.assertEqual(len(rules), 3)
        rule = rules.filtered(lambda each: each.name == "Best customers")
        self.assertEqual(
            self.Profile.search(rule._population_domain()).partner_id,
            self.env["res.partner"].union(
                *(each for each, kind in self.kinds.items() if kind == 0)
            ),
        )

    def test_managers_only(self):
        lead = self.make_user("lead")
        with self.assertRaises(AccessError):
            self.Wizard.with_user(lead).create({"line_ids": [Command.clear()]})
        with self.assertRaises(AccessError):
            self.env["retention.segment"].with_user(lead).action_find_groups()

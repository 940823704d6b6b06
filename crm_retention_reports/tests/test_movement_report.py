from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .common import ReportCommon


@tagged("post_install", "-at_install")
class TestMovementReport(ReportCommon):
    """Movements as a plain loop over the memberships gives them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["retention.movement.report"]
        cls.mine = [("partner_id", "in", cls.customers.ids)]

    def direction(self, before, after):
        if not before or not after:
            return "left" if before else "new"
        if before.sequence == after.sequence:
            return "same"
        return "up" if after.sequence < before.sequence else "down"

    def by_hand(self):
        """Walk every customer's memberships in time; count the steps."""
        steps = Counter()
        for customer in self.customers:
            rows = self.Membership.search([("partner_id", "=", customer.id)])
            before = self.env["retention.tier"]
            ended = None
            for row in rows.sorted("id"):
                if ended and ended != row.date_from:
                    steps[before, before.browse(), ended, "left"] += 1
                    before = before.browse()
                direction = self.direction(before, row.tier_id)
                steps[before, row.tier_id, row.date_from, direction] += 1
                before, ended = row.tier_id, row.date_to
            if ended:
                steps[before, before.browse(), ended, "left"] += 1
        return steps

    def test_steps(self):
        rows = self.Report.search(self.mine)
        steps = Counter(
            (row.previous_tier_id, row.tier_id, row.date, row.direction) for row in rows
        )
        self.assertEqual(steps, self.by_hand())
        self.assertGreaterEqual({step[3] for step in steps}, {"new", "up", "down"})

    def lose_everything(self, customer):
        """Take away what a customer bought: no purchase counts any more."""
        purchases = self.env["retention.purchase"].search(
            [("partner_id", "=", customer.id)]
        )
        purchases.unlink()
        self.run_pass(as_of=TODAY + timedelta(days=1))

    def leave_and_return(self, customer):
        """Out of the best tier, back into it some days later, and down from it."""
        profile = self.Profile.search([("partner_id", "=", customer.id)])
        until = TODAY + timedelta(days=5)
        profile.override_tier_id = self.program.tier_ids.sorted()[0]
        profile.override_until = until
        self.run_pass()
        self.lose_everything(customer)
        self.buy(customer, (1, 10))
        self.run_pass(as_of=until)
        self.run_pass(as_of=until + timedelta(days=1))

    def test_in_minus_out_is_held(self):
        self.leave_and_return(self.customers[2])
        self.lose_everything(self.customers[3])
        self.env["base.partner.merge.automatic.wizard"]._merge(
            self.customers[:2].ids, self.customers[0]
        )
        self.env.invalidate_all()
        entered = self.Report._read_group(self.mine, ["tier_id"], ["__count"])
        left = self.Report._read_group(self.mine, ["previous_tier_id"], ["__count"])
        held = self.Membership._read_group(
            [*self.mine, ("date_to", "=", False)], ["tier_id"], ["__count"]
        )
        balance = Counter(dict(entered))
        balance.subtract(dict(left))
        balance.pop(self.env["retention.tier"])
        self.assertEqual(+balance, Counter(dict(held)))
        self.assertFalse(-balance)

    def test_leaving_says_why(self):
        gone = self.customers[2]
        self.lose_everything(gone)
        row = self.Report.search(
            [("partner_id", "=", gone.id), ("direction", "=", "left")]
        )
        self.assertEqual((row.cause, row.date), ("left", TODAY + timedelta(days=1)))
        self.assertFalse(row.tier_id)
        self.customers[4].parent_id = self.customers[5]
        self.env.invalidate_all()
        moved = self.Report.search(
            [("partner_id", "=", self.customers[4].id), ("direction", "=", "left")]
        )
        self.assertEqual(moved.cause, "entity")

    def test_revenue_at_the_time(self):
        documents = self.env["retention.transaction"].search(self.mine)
        for row in self.Report.search(self.mine):
            start = row.date - relativedelta(months=row.program_id.window_months)
            expected = sum(
                doc.amount
                for doc in documents
                if doc.partner_id == row.partner_id and start < doc.date <= row.date
            )
            self.assertAlmostEqual(row.revenue, expected, 2)

    def test_customers_are_counted_once(self):
        [(count, customers)] = self.Report._read_group(
            self.mine, [], ["__count", "customer_count:count_distinct"]
        )
        self.assertGreater(count, customers)
        self.assertEqual(customers, len(self.customers))

    def test_decision_is_a_movement(self):
        customer = self.customers[0]
        profile = self.Profile.search([("partner_id", "=", customer.id)])
        tiers = self.program.tier_ids.sorted()
        wanted = tiers[-1] if profile.tier_id != tiers[-1] else tiers[0]
        profile.write(
            {
                "override_tier_id": wanted.id,
                "override_until": TODAY + timedelta(days=90),
            }
        )
        self.run_pass()
        row = self.Report.search([("partner_id", "=", customer.id)], limit=1)
        self.assertEqual((row.cause, row.tier_id), ("override", wanted))
        self.assertIn(row.direction, ("up", "down"))

    def test_history_is_not_rebuilt_twice(self):
        with self.assertRaisesRegex(UserError, "has a tier history already"):
            self.Run._replay(self.company, self.days)

    def test_team_region_and_segment_of_today(self):
        seller = self.make_user("user")
        team = self.env["crm.team"].create({"name": "T", "member_ids": seller.ids})
        region = self.env.ref("base.state_us_5")
        self.customers[:3].write({"user_id": seller.id, "state_id": region.id})
        rows = self.Report.search(self.mine)
        profiles = self.Profile.search(self.mine)
        segment = {each.partner_id: each.segment_id for each in profiles}
        self.assertTrue(any(segment.values()))
        for row in rows:
            of_seller = row.partner_id in self.customers[:3]
            self.assertEqual(row.team_id, team if of_seller else team.browse())
            self.assertEqual(row.state_id, region if of_seller else region.browse())
            self.assertEqual(row.segment_id, segment[row.partner_id])

    def test_row_opens_its_customer(self):
        row = self.Report.search(self.mine, limit=1)
        action = row.action_open_customer()
        self.assertEqual(action["res_id"], row.partner_id.id)

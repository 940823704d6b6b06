from collections import defaultdict

from odoo.tests import tagged, users, warmup

from odoo.addons.crm_retention.tests.common import TODAY

from .common import ReportCommon


@tagged("post_install", "-at_install")
class TestRevenueReport(ReportCommon):
    """Figures as a plain loop over documents and memberships gives them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["retention.revenue.report"]
        cls.currency = cls.company.currency_id
        cls.mine = [("partner_id", "in", cls.customers.ids)]
        cls.documents = cls.env["retention.transaction"].search(cls.mine)

    def by_hand(self, key):
        """Return {key: [amount, sold, refunded, purchases, customers]} by hand."""
        sums = defaultdict(lambda: [0, 0, 0, 0, set()])
        for document in self.documents:
            line = sums[key(document)]
            line[0] += document.amount
            line[1] += max(document.amount, 0)
            line[2] += max(-document.amount, 0)
            line[3] += document.kind == "sale"
            line[4].add(document.partner_id)
        return {
            name: [*map(round, line[:3]), line[3], len(line[4])]
            for name, line in sums.items()
        }

    def by_report(self, groupby):
        rows = self.Report._read_group(
            self.mine,
            [groupby],
            [
                "amount:sum",
                "sold:sum",
                "refunded:sum",
                "purchase_count:sum",
                "customer_count:count_distinct",
            ],
        )
        return {name: [*map(round, line[:3]), *line[3:]] for name, *line in rows}

    def test_tier_of_the_day(self):
        expected = self.by_hand(lambda doc: self.tier_on(doc.partner_id, doc.date))
        self.assertEqual(self.by_report("tier_id"), expected)
        self.assertGreaterEqual(len(expected), 4, "some tiers, and none")
        bands = self.by_hand(
            lambda doc: self.tier_on(doc.partner_id, doc.date).band or "none"
        )
        self.assertEqual(self.by_report("band"), bands)

    def test_pivot_asks_for_all_groupings_at_once(self):
        sets = [[], ["tier_id"], ["kind"], ["tier_id", "kind"]]
        specs = ["__count", "amount:sum", "currency_id:array_agg_distinct"]
        found = self.Report.formatted_read_grouping_sets(self.mine, sets, specs)
        for groupby, groups in zip(sets, found, strict=True):
            alone = self.Report.formatted_read_group(self.mine, groupby, specs)
            self.assertEqual(groups, alone)
        [total] = found[0]
        self.assertEqual(total["currency_id:array_agg_distinct"], self.currency.ids)
        order = "kind desc, tier_id"
        [kinds] = self.Report._read_grouping_sets(self.mine, [["kind"]], order=order)
        self.assertEqual(kinds, sorted(kinds, reverse=True))

    def test_several_currencies_are_seen(self):
        other = self.env.ref("base.CHF")
        other.active = True
        self.assertNotEqual(other, self.currency)
        company = self.env["res.company"].create(
            {"name": "Abroad", "currency_id": other.id}
        )
        months = self.env["retention.month"]
        spec = ["currency_id:array_agg_distinct"]
        self.assertEqual(months._read_group([("id", "=", 0)], [], spec), [([],)])
        profile = self.Profile.search(self.mine, limit=1)
        months.create(
            [
                {
                    "profile_id": profile.id,
                    "partner_id": profile.partner_id.id,
                    "company_id": each.id,
                    "month": "1999-01-01",
                }
                for each in (self.company, company)
            ]
        )
        found = months._read_group([("month", "=", "1999-01-01")], [], spec)
        self.assertEqual(found, [(sorted((self.currency | other).ids),)])

    def test_segment_and_industry_of_today(self):
        profiles = self.Profile.search(self.mine)
        segment = {each.partner_id: each.segment_id for each in profiles}
        self.assertEqual(
            self.by_report("segment_id"),
            self.by_hand(lambda doc: segment[doc.partner_id]),
        )
        self.assertEqual(
            self.by_report("industry_id"),
            self.by_hand(lambda doc: doc.partner_id.industry_id),
        )

    def test_team_and_region_of_today(self):
        seller = self.make_user("user")
        team = self.env["crm.team"].create({"name": "T", "member_ids": seller.ids})
        region = self.env.ref("base.state_us_5")
        self.customers[:3].write({"user_id": seller.id, "state_id": region.id})
        self.assertEqual(
            self.by_report("team_id"),
            self.by_hand(lambda doc: doc.partner_id.user_id.sale_team_id),
        )
        self.assertIn(team, self.by_report("team_id"))
        self.assertEqual(
            self.by_report("state_id"),
            self.by_hand(lambda doc: doc.partner_id.state_id),
        )

    def test_ratios_are_quotients_of_sums(self):
        expected = self.by_hand(lambda doc: doc.partner_id.industry_id)
        rows = self.Report._read_group(
            self.mine, ["industry_id"], ["customer_average:avg", "refund_share:avg"]
        )
        for industry, average, share in rows:
            _amount, _sold, _refunded, _purchases, customers = expected[industry]
            amount = sum(
                doc.amount
                for doc in self.documents
                if doc.partner_id.industry_id == industry
            )
            self.assertAlmostEqual(average, amount / customers, 4)
            _amount, sold, refunded, *_rest = expected[industry]
            self.assertAlmostEqual(share, 100 * refunded / sold, 1)
        [total] = self.Report._read_grouping_sets(
            self.mine, [[]], ["customer_average:avg"]
        )
        amount = sum(self.documents.mapped("amount"))
        self.assertAlmostEqual(total[0][0], amount / len(self.customers), 4)

    def test_ratio_without_purchases(self):
        """Nothing sold, only a refund: there is no share, and no error."""
        lone = self.make_customers(1)
        self.buy(lone, (3, -50))
        [(share,)] = self.Report._read_group(
            [("partner_id", "=", lone.id)], [], ["refund_share:avg"]
        )
        self.assertFalse(share)

    def test_merged_histories_count_once(self):
        target, source = self.customers[0], self.customers[1]
        before = sum(self.documents.mapped("amount"))
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | target).ids, target
        )
        self.env.invalidate_all()
        rows = self.Report.search(self.mine)
        self.assertEqual(len(rows), len(self.documents))
        self.assertAlmostEqual(sum(rows.mapped("amount")), before, 2)

    def test_row_opens_its_document(self):
        row = self.Report.search(self.mine, limit=1)
        action = row.action_open_document()
        document = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(document.reference, row.reference)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertLessEqual(row.date, TODAY)

    @users("admin")
    @warmup
    def test_query_counts(self):
        """One statement, and the names of the tiers; however many customers."""
        report = self.Report.with_env(self.env)
        aggregates = ["amount:sum", "customer_count:count_distinct", "__count"]
        # with tills: whether their table and column are there, too
        most = 3 if "pos.order" in self.env else 1
        for count in (3, 12):
            domain = [("partner_id", "in", self.customers[:count].ids)]
            report._read_group(domain, ["tier_id"], aggregates)
            with self.assertQueryCount(most):
                report._read_group(domain, ["tier_id"], aggregates)

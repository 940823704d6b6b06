from datetime import date

from odoo.tests import freeze_time, tagged

from .common_kpi import FIRST, LAST, KpiCommon

OWN = {"period": "own", "first": str(FIRST), "last": str(LAST)}


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestScorecard(KpiCommon):
    """Kept figures are shown where there are any; else they are counted at once."""

    count = 30

    def open(self, user=None, **options):
        model = self.env["retention.scorecard"].with_user(user or self.env.user)
        return model.get_analysis(OWN | options)

    def cards(self, page):
        return {
            card["label"]: card
            for block in page["blocks"]
            if block["block"] == "cards"
            for card in block["cards"]
        }

    def test_counted_is_what_is_kept(self):
        manager = self.make_user("manager")
        counted = self.cards(self.open(manager))
        for first, last in ((date(2024, 1, 1), date(2024, 3, 31)), (FIRST, LAST)):
            self.Value._keep(self.company, first, last)
        page = self.open(manager, chart="churn")
        kept = self.cards(page)
        self.assertEqual(set(kept), set(counted))
        for name, card in kept.items():
            self.assertAlmostEqual(card["value"], counted[name]["value"], 2)
        churn = self.kpi("churn").name
        self.assertTrue(kept[churn]["trend"])
        self.assertTrue(any(block["block"] == "chart" for block in page["blocks"]))
        target = kept[churn]["target"]
        rows = self.env[target["model"]].search(target["domain"])
        self.assertEqual(rows.kpi_id, self.kpi("churn"))
        target = counted[churn]["target"]
        lost = self.env[target["model"]].search_count(target["domain"])
        self.assertEqual(lost, self.figure("churn")[False].numerator)

    def test_a_benchmark_is_drawn_with_its_source(self):
        self.env["retention.kpi.target"].create(
            {
                "kpi_id": self.kpi("churn").id,
                "company_id": self.company.id,
                "kind": "absolute",
                "amount": 5,
                "benchmark": 7,
                "benchmark_source": "Some survey, 2023",
            }
        )
        for first, last in ((date(2024, 1, 1), date(2024, 3, 31)), (FIRST, LAST)):
            self.Value._keep(self.company, first, last)
        page = self.open(self.make_user("manager"), chart="churn")
        [chart] = [block for block in page["blocks"] if block["block"] == "chart"]
        bounds = [tuple(bound) for bound in chart["bounds"]]
        self.assertEqual(bounds, [(5.0, "Target"), (7.0, "Benchmark")])
        self.assertIn("Benchmark: Some survey, 2023", chart["notes"])

    def test_words_and_units(self):
        """A figure and its range have the same unit; no status without a target."""
        self.Value._keep(self.company, FIRST, LAST)
        page = self.open(self.make_user("manager"), chart="churn")
        [table] = [block for block in page["blocks"] if block["block"] == "table"]
        names = [column["name"] for column in table["columns"]]
        rows = {
            row["cells"][0]["text"]: dict(
                zip(names, [cell["text"] for cell in row["cells"]], strict=True)
            )
            for row in table["rows"]
        }
        row = rows[self.kpi("repurchase").name]
        self.assertRegex(row["range"], r"^[\d.]+ % to [\d.]+ %$")
        self.assertTrue(row["value"].endswith(" %"))
        self.assertTrue(
            all(row["target"] or not row["status"] for row in rows.values())
        )
        # of the churn chosen only one period is known: it is said, not left out
        [note] = [block for block in page["blocks"] if block["name"] == "no_past"]
        self.assertIn(self.kpi("churn").name, note["text"])

    def test_own_and_team(self):
        self.Value._keep(self.company, FIRST, LAST)
        for user, by, key in (
            (self.seller, "user", self.seller.id),
            (self.lead, "team", self.team.id),
        ):
            cards = self.cards(self.open(user))
            found = self.figure("repurchase", by)[key]
            card = cards[self.kpi("repurchase").name]
            self.assertAlmostEqual(card["value"], found.value, 2)
            self.assertIn("too few", card["text"])

    def test_filtered_by_one(self):
        """One team, person or tier is read from what was kept, also of many."""
        manager = self.make_user("manager")
        self.Value._keep(self.company, FIRST, LAST)
        name = self.kpi("repurchase").name
        again = self.cards(self.open(manager, domain=[("partner_id", "!=", False)]))
        for domain, by, key in (
            ([("user_id", "=", self.seller.id)], "user", self.seller.id),
            ([("user_id.sale_team_id", "ilike", "north")], "team", self.team.id),
            ([("user_id", "=", False)], "user", False),
            ([("tier_id", "in", [self.high.id])], "tier", self.high.id),
        ):
            page = self.open(manager, domain=domain)
            figure = self.figure("repurchase", by)[key]
            card = self.cards(page)[name]
            self.assertAlmostEqual(card["value"], figure.value, 2)
            self.assertNotEqual(card["value"], again[name]["value"])
            self.assertEqual(card["target"]["model"], "retention.kpi.value")
            rows = self.env["retention.kpi.value"].search(card["target"]["domain"])
            self.assertIn(key, [row[f"{by}_id"].id for row in rows])
        self.assertIn("on the first day", page["blocks"][0]["text"])
        for domain in (
            [("user_id", "in", [self.seller.id, self.colleague.id])],
            [("user_id", "=", "Somebody")],
        ):
            scope = self.scope(domain=domain, user=manager)
            card = self.env["retention.scorecard"].with_user(manager)
            self.assertIsNone(card._get_filtered(scope))
        # nobody reads more than his own by it
        page = self.open(self.seller, domain=[("user_id", "=", self.colleague.id)])
        self.assertFalse(page["blocks"])
        page = self.open(self.seller, domain=[("tier_id", "in", [self.high.id])])
        for card in self.cards(page).values():
            self.assertNotEqual(
                (card["target"] or {}).get("model"), "retention.kpi.value"
            )

    def test_empty(self):
        other = self.make_company()
        model = self.env["retention.scorecard"].with_company(other)
        page = model.get_analysis(OWN)
        self.assertFalse(page["blocks"])
        self.assertTrue(page["empty"]["title"])

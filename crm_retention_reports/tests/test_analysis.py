"""What holds for every analysis: whose figures they are, and that each opens."""

import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .common import ReportCommon

OPTIONS = {"period": "own", "first": "2022-07-01", "last": str(TODAY)}


class AnalysisCommon(ReportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frame = cls.env.registry["retention.analysis"]
        cls.analyses = sorted(
            name
            for name, model in cls.env.registry.items()
            if model is not frame and issubclass(model, frame)
        )

    def open(self, name, user, company=None, **options):
        """Return what the screen of an analysis shows to a user."""
        model = self.env[name].with_user(user).with_company(company or self.company)
        self.env.invalidate_all()
        return model.get_analysis(OPTIONS | options)

    def may_open(self, name, user):
        try:
            self.env[name].with_user(user)._check_reader()
        except AccessError:
            return False
        return True

    def figures(self, page):
        """Return the texts of all figures of a page, without what they lead to."""
        found = []
        for block in page["blocks"]:
            if block["block"] == "table":
                found += [
                    [cell["text"] for cell in row["cells"]] for row in block["rows"]
                ]
            elif block["block"] == "cards":
                found += [[card["label"], card["text"]] for card in block["cards"]]
            elif block["block"] == "chart":
                found += [[str(one["values"])] for one in block["series"]]
        return found


@tagged("post_install", "-at_install")
class TestAnalysisRights(AnalysisCommon):
    """A reader sees of a report what a manager sees who filters by his customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.team, cls.others = (
            cls.customers[n : n + 4] for n in range(0, 12, 4)
        )
        cls.seller, cls.lead = cls.make_user("user"), cls.make_user("lead")
        colleague = cls.make_user("user", login="retention_colleague")
        cls.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": cls.lead.id,
                "member_ids": [Command.set(colleague.ids)],
            }
        )
        cls.own.user_id = cls.seller
        cls.team.user_id = colleague
        cls.manager = cls.make_user("manager")

    def test_costs_are_not_for_everybody(self):
        closed = {
            name for name in self.analyses if not self.may_open(name, self.seller)
        }
        self.assertEqual(closed, {"retention.roi"})

    def test_there_are_analyses(self):
        self.assertGreater(len(self.analyses), 12)
        self.assertIn("retention.churn", self.analyses)

    def test_readers_see_their_customers(self):
        for name in self.analyses:
            for user, customers in ((self.seller, self.own), (self.lead, self.team)):
                if not self.may_open(name, user):
                    with self.assertRaises(AccessError):
                        self.open(name, user)
                    continue
                domain = [("partner_id", "in", customers.ids)]
                with self.subTest(report=name, user=user.login):
                    self.assertEqual(
                        self.figures(self.open(name, user)),
                        self.figures(self.open(name, self.manager, domain=domain)),
                    )

    def test_auditors_see_what_managers_see(self):
        auditor = self.make_user("auditor")
        for name in self.analyses:
            with self.subTest(report=name):
                self.assertTrue(self.may_open(name, auditor))
                self.assertEqual(
                    self.figures(self.open(name, auditor)),
                    self.figures(self.open(name, self.manager)),
                )

    def test_nobody_else_opens_them(self):
        for kind in ("none", "portal", "public"):
            user = self.make_user(kind)
            for name in self.analyses:
                with self.subTest(report=name, user=kind):
                    with self.assertRaises(AccessError):
                        self.open(name, user)

    def test_companies_apart(self):
        """What happens in a second company changes nothing in the first one's."""
        before = {
            name: self.figures(self.open(name, self.manager)) for name in self.analyses
        }
        other = self.make_company()
        for customer in self.customers:
            self.buy(customer, (40, 5000), (20, 7000), company=other)
        self.run_pass(as_of=TODAY, company=other)
        self.manager.company_ids |= other
        for name in self.analyses:
            with self.subTest(report=name):
                self.assertEqual(
                    self.figures(self.open(name, self.manager)), before[name]
                )
                self.open(name, self.manager, company=other)


@tagged("post_install", "-at_install")
class TestAnalysisOpens(AnalysisCommon):
    """Every analysis opens, whatever there is and whatever is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("manager")

    def test_empty_one_and_all_gone(self):
        none = [("id", "=", 0)]
        one = [("partner_id", "=", self.customers[0].id)]
        for name in self.analyses:
            with self.subTest(report=name):
                empty = self.open(name, self.manager, domain=none)
                self.assertTrue(empty["blocks"] or empty["empty"]["text"])
                self.open(name, self.manager, domain=one)
                for first, last in (("2001-01-01", "2001-12-31"), ("2035-01-01",) * 2):
                    self.open(name, self.manager, first=first, last=last)

    def test_company_without_hours(self):
        self.company.resource_calendar_id = False
        self.run_pass("night", TODAY)
        for name in self.analyses:
            with self.subTest(report=name):
                self.open(name, self.manager)

    def test_days_mistyped(self):
        """Days of any year open, in order, and no more of them than can be shown."""
        for name in self.analyses:
            for first, last in (("0001-01-01", "0205-03-01"), ("9999-12-31", "1000")):
                with self.subTest(report=name, first=first):
                    page = self.open(name, self.manager, first=first, last=last + "-01")
                    first, last = (page["options"][end] for end in ("first", "last"))
                    self.assertLessEqual(int(last[:4]) - int(first[:4]), 20)
        page = self.open(
            "retention.churn", self.manager, first="2024-05-31", last="2024-01-01"
        )
        self.assertEqual(page["options"]["first"], "2024-01-01")

    def test_every_choice(self):
        for name in self.analyses:
            for choice in self.env[name]._get_choices():
                for value, _label in choice["choices"]:
                    with self.subTest(report=name, choice=choice["name"], value=value):
                        page = self.open(name, self.manager, **{choice["name"]: value})
                        self.assertEqual(page["options"][choice["name"]], value)

    def test_what_is_shown_is_plain(self):
        for name in self.analyses:
            with self.subTest(report=name):
                page = self.open(name, self.manager)
                json.dumps(page, default=str)
                for block in page["blocks"]:
                    for row in block.get("rows", ()):
                        self.assertEqual(len(row["cells"]), len(block["columns"]))

    def test_bad_filters_are_refused(self):
        bad = (
            "junk",
            [["no_such_field", "=", 1]],
            [["id", "=", 1], "&"],
            [["id", "no_operator", 1]],
            [["partner_id", "any!", [["id", ">", 0]]]],  # around the reader's rights
            [["tier_id.sequence", ">", "a"]],
            {"a": 1},
            7,
        )
        for domain in bad:
            with self.subTest(domain=domain), self.assertRaises(UserError):
                self.open("retention.cohort", self.manager, domain=domain)

    def test_ten_years_show_what_is_known(self):
        """A period that begins long before anything is known adds no empty rows."""
        for name in self.analyses:
            with self.subTest(report=name):
                first = self.open(name, self.manager, first="2022-01-01")
                early = self.open(name, self.manager, first="2012-01-01")
                for one, other in zip(first["blocks"], early["blocks"], strict=True):
                    if one["block"] == "table":
                        self.assertLess(len(other["rows"]), len(one["rows"]) + 12)

    def test_missed_nights_are_said(self):
        """Days that no night has counted yet are not taken for days without sales."""
        runs = self.env["retention.run"].search(
            [("company_id", "=", self.company.id), ("as_of", ">", TODAY)]
        )
        runs.unlink()
        late = str(TODAY + timedelta(days=30))
        for name in ("churn", "migration", "channel.analysis", "team"):
            page = self.open(f"retention.{name}", self.manager)
            self.assertFalse(page["counted"])
            page = self.open(f"retention.{name}", self.manager, last=late)
            self.assertIn(str(TODAY.year), page["counted"])
        page = self.open("retention.service.analysis", self.manager, last=late)
        self.assertFalse(page["counted"])  # read from the tickets themselves
        report = self.env["retention.churn"].with_user(self.manager)
        options = report._clean(OPTIONS | {"last": late})
        about = report._get_about(report._get_scope(options))
        self.assertIn("Last counted on", dict(about)["Counted"])

    def test_bad_choices_are_the_usual_ones(self):
        page = self.open(
            "retention.cohort",
            self.manager,
            period={"a": 1},
            first="2024-13-45",
            last=[],
            width="wide",
            other="<script>",
        )
        for width in (float("nan"), float("inf")):
            self.open("retention.cohort", self.manager, width=width)
        usual = self.open("retention.cohort", self.manager, period="", width=900)
        self.assertEqual(page["options"], usual["options"])

    def test_numbers_open_their_records(self):
        """What stands behind a number can be listed, and there is something in it."""
        for name in self.analyses:
            page = self.open(name, self.manager)
            targets = [
                (cell["value"], cell["target"])
                for block in page["blocks"]
                for row in block.get("rows", ())
                for cell in row["cells"]
                if cell["target"]
            ]
            for value, target in targets[:40]:
                with self.subTest(report=name, target=target):
                    model = self.env[target["model"]].with_user(self.manager)
                    model = model.with_context(active_test=False)
                    count = model.search_count(target["domain"])
                    self.assertTrue(count or not value)

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon
from odoo.addons.crm_retention.tools import service


@tagged("post_install", "-at_install")
class TestServiceAnalysis(RetentionCommon):
    """Whether promises were kept: the same as counted by hand from a few tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["helpdesk.ticket"].search([]).unlink()
        cls.own, cls.theirs = cls.make_customers(2)
        cls.seller = cls.make_user("user")
        cls.manager = cls.make_user("manager")
        cls.own.user_id = cls.seller
        cls.agents = [
            cls.make_user("none", login=f"agent_{n}", name=f"Agent {n}")
            for n in range(2)
        ]
        cls.cause = cls.env["retention.complaint.cause"].create({"name": "Broken"})
        cls.buy(cls.own, (10, 5))
        cls.buy(cls.theirs, (10, 5))
        cls.run_pass()
        no_cause = cls.cause.browse()
        # customer, agent, received, answered after minutes, answer, solve, over
        cls.tickets = cls.env["helpdesk.ticket"]
        for row in (
            (cls.own, 0, "2024-04-02", 30, "met", "met", 0, 5),
            (cls.own, 0, "2024-04-03", 300, "missed", "met", 40, 2, cls.cause),
            (cls.theirs, 1, "2024-04-30 23:30:00", 90, "missed", "missed", 60, 0),
            (cls.theirs, 1, "2024-05-06", 0, "missed", "running", 0, 0, no_cause),
            (cls.env["res.partner"], 1, "2024-05-07", 10, "met", "met", 0, 0),
            (cls.own, 1, "2024-06-01", 10, "met", "met", 0, 0),  # after the period
        ):
            cls.tickets |= cls.make_ticket(*row)
        cls.tickets[1].retention_reopen_count = 2
        cls.tickets[4].duplicate_id = cls.tickets[2]
        cls.make_ticket(cls.theirs, 1, "2024-05-09", 10, "met", "met", 0, 4)
        cls.env.flush_all()

    @classmethod
    def make_ticket(cls, customer, agent, day, waited, *states):
        answer, solve, over, said, *cause = states
        received = datetime.fromisoformat(day)
        ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "T",
                "description": "x",
                "partner_id": customer.id,
                "user_id": cls.agents[agent].id,
                "company_id": cls.company.id,
                "retention_received_at": received,
                "retention_kind": "complaint" if cause else "question",
                "retention_cause_id": cause and cause[0].id,
            }
        )
        ticket.retention_clock_ids.unlink()  # those of now; here are those of then
        ticket.write(
            {
                "retention_answer_state": answer,
                "retention_solve_state": solve,
                "retention_answered_at": waited
                and received + timedelta(minutes=waited),
            }
        )
        if answer == "missed":
            cls.env["retention.service.clock"].create(
                {
                    "ticket_id": ticket.id,
                    "company_id": cls.company.id,
                    "part": service.ANSWER,
                    "started_at": received,
                    "state": "missed",
                    "over_minutes": over,
                }
            )
        if said:
            cls.env["retention.feedback"].create(
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "ticket_id": ticket.id,
                    "kind": "csat",
                    "state": "answered",
                    "raw": said,
                    "grade": "good" if said >= 4 else "bad",
                    "answered_at": received,
                    "key": f"test:{ticket.id}",
                }
            )
        return ticket

    def page(self, user=None, **options):
        options = {"period": "own", "first": "2024-04-01", "last": "2024-05-31"} | (
            options
        )
        model = self.env["retention.service.analysis"].with_user(user or self.manager)
        with freeze_time("2024-06-15 12:00:00"):
            return model.get_analysis(options)

    def block(self, page, name):
        return next(block for block in page["blocks"] if block["name"] == name)

    def rows(self, page, name="kept_by"):
        return {
            row["cells"][0]["value"]: [cell["value"] for cell in row["cells"][1:]]
            for row in self.block(page, name)["rows"]
        }

    def test_numbers_by_person(self):
        rows = self.rows(self.page(by="user"))
        # tickets, answered %, late, minutes over each, solved %, late, over, …
        self.assertEqual(rows["Agent 0"], [2, 50.0, 1, 40, 100.0, 0, None, 50.0, 50.0])
        one = rows["Agent 1"]
        self.assertAlmostEqual(one[1], 100 / 3)
        self.assertEqual([one[0], *one[2:6]], [3, 2, 60, 50.0, 1])
        total = rows["Together"]
        self.assertAlmostEqual(total[1], 40.0)  # of the sums, no mean of 50 and 33.3
        self.assertEqual((total[0], total[2], total[3]), (5, 3, 50))
        self.assertAlmostEqual(total[8], 200 / 3)

    def test_by_month_and_in_the_companys_time(self):
        chart = self.block(self.page(), "kept")
        self.assertEqual(len(chart["labels"]), 2)
        answered = chart["series"][0]
        self.assertAlmostEqual(answered["values"][0], 100 / 3)
        self.assertAlmostEqual(answered["values"][1], 50)
        self.company.resource_calendar_id.tz = "Asia/Shanghai"  # 1 May there
        answered = self.block(self.page(), "kept")["series"][0]
        self.assertAlmostEqual(answered["values"][0], 50)
        self.assertTrue(answered["low"][0] < 50 < answered["high"][0])

    def test_by_promise(self):
        [(name, figures)] = self.rows(self.page(), "promises").items()
        self.assertEqual((name, figures), ("First answer", [3, 0, 3, 50]))

    def test_minutes_in_words(self):
        report = self.env["retention.analysis"]
        told = [report._say(value, "minutes") for value in (0.4, 119, 135, 1440, 6031)]
        self.assertEqual(told, ["0 min", "119 min", "2 h 15 min", "24 h", "101 h"])

    def test_causes(self):
        rows = self.rows(self.page(), "causes")
        self.assertEqual(rows["Broken"][:4], [1, 50.0, 50.0, 100.0])
        self.assertEqual(rows["No cause said"][:3], [1, 50.0, 100.0])

    def test_waiting_and_satisfaction(self):
        chart = self.block(self.page(), "waits")
        self.assertEqual(chart["series"][0]["values"], [100.0, 0.0])
        self.assertIn("(2)", chart["labels"][0])  # within an hour
        self.assertIn("(1)", chart["labels"][1])  # after five hours

    def test_numbers_open_their_records(self):
        for by in ("user", "kind", "cause", "team", "tier"):
            for row in self.block(self.page(by=by), "kept_by")["rows"]:
                report = self.env["retention.service.report"].with_user(self.manager)
                for place in (1, 3, 6):  # all, answered late, solved late
                    cell = row["cells"][place]
                    self.assertEqual(bool(cell["target"]), bool(cell["value"]))
                    if cell["target"]:
                        found = report.search(cell["target"]["domain"])
                        self.assertEqual(len(found), cell["value"])

    def test_who_sees_what(self):
        page = self.page(self.seller, by="user")
        rows = self.rows(page)
        self.assertEqual(rows["Together"][0], 2)  # own customers'
        self.assertEqual(list(rows), ["Others", "Together"])
        self.assertFalse(page["blocks"][0]["cards"][0]["target"])
        everything = self.rows(self.page(self.make_user("auditor"), by="user"))
        self.assertEqual(everything["Together"][0], 5)
        self.assertEqual(list(everything), ["Agent 0", "Agent 1", "Together"])
        self.assertTrue(self.page(self.make_user("lead"))["empty"])
        with self.assertRaises(UserError):
            self.page(self.make_user("none"))

    def test_filters_and_companies(self):
        page = self.page(domain=[("partner_id", "=", self.theirs.id)])
        self.assertEqual(self.rows(page)["Together"][0], 3)
        other = self.make_company()
        self.manager.company_ids |= other
        model = self.env["retention.service.analysis"].with_user(self.manager)
        page = model.with_context(allowed_company_ids=other.ids).get_analysis(
            {"period": "own", "first": "2024-04-01", "last": "2024-05-31"}
        )
        self.assertTrue(page["empty"])

    def test_the_list_has_minutes_tier_and_cause(self):
        [found] = self.env["retention.service.report"]._read_group(
            [("ticket_id", "in", self.tickets[:4].ids)],
            [],
            ["answer_over:avg", "answer_minutes:avg", "csat_share:avg"],
        )
        self.assertEqual(found, (50, 140, 0.5))
        late = self.env["retention.service.report"].browse(self.tickets[1].id)
        self.assertEqual((late.cause_id, late.partner_id), (self.cause, self.own))
        self.assertEqual(late.received_on.date(), date(2024, 4, 3))

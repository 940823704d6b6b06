from datetime import date, datetime

from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon


@tagged("post_install", "-at_install")
class TestMonth(RetentionCommon):
    """What each customer did, month by month, is what the documents say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Month = cls.env["retention.month"]
        cls.one, cls.two, cls.quiet = cls.make_customers(3)
        cls.buy(cls.one, (date(2023, 12, 31), 100), (date(2024, 1, 1), 50))
        cls.buy(cls.one, (date(2024, 1, 31), 25), (date(2024, 5, 3), -30))
        cls.buy(cls.two, (date(2024, 6, 15), 70), (date(2024, 6, 16), 999))
        cls.phone = cls.env.ref("crm_retention.channel_phone")

    @classmethod
    def touch(cls, partner, moment, **values):
        return cls.env["retention.touch"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "channel_id": cls.phone.id,
                "state": "done",
                "done_at": moment,
                **values,
            }
        )

    def measure(self, kind="full", as_of=TODAY, company=None):
        return self.run_pass(kind, as_of, company).filtered(
            lambda run: run.step == "measure"
        )

    def months_of(self, partner, *names):
        rows = self.Month.search([("partner_id", "=", partner.id)], order="month")
        return [(str(row.month)[:7], *(row[name] for name in names)) for row in rows]

    def test_purchases_by_month(self):
        self.measure()
        self.assertEqual(
            self.months_of(self.one, "purchases", "revenue", "gap_before", "gap_after"),
            [
                ("2023-12", 1, 100, 0, 1),
                ("2024-01", 2, 75, 1, 0),
                ("2024-05", 0, -30, 0, 0),
            ],
        )
        self.assertEqual(self.months_of(self.two, "revenue"), [("2024-06", 70)])
        self.assertFalse(self.months_of(self.quiet))
        row = self.Month.search([("partner_id", "=", self.one.id)], limit=1)
        self.assertEqual(row.first_month, date(2023, 12, 1))
        self.assertEqual(row.profile_id, self.profile_of(self.one))

    def test_contacts_by_month(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.touch(self.one, "2024-04-30 17:00:00", outcome="answered")  # 1 May there
        self.touch(self.one, "2024-05-10 08:00:00", outcome="reached")
        self.touch(self.one, "2024-05-11 08:00:00", outcome="not_reached")
        self.touch(self.one, "2024-05-12 08:00:00", direction="in")
        self.touch(self.one, "2024-05-13 08:00:00", is_bulk=True)
        self.touch(self.one, "2024-05-14 08:00:00", origin="order")
        self.measure()
        found = self.months_of(self.one, "contacts", "answers", "mailings")
        self.assertEqual(found[-1], ("2024-05", 3, 2, 1))
        self.assertEqual(len(found), 3)

    def test_complaints_and_objections(self):
        self.env["retention.consent"].create(
            {
                "partner_id": self.one.id,
                "company_id": self.company.id,
                "state": "withdrawn",
                "given_at": datetime(2024, 5, 2),
            }
        )
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Broken", "retention_kind": "complaint"}
        )
        values = {
            "name": "Broken",
            "description": "?",
            "partner_id": self.one.id,
            "company_id": self.company.id,
            "category_id": category.id,
        }
        tickets = self.env["helpdesk.ticket"].create([values] * 3)
        tickets[1].duplicate_id = tickets[0]
        tickets[2].active = False
        tickets.flush_recordset()
        # taken over from elsewhere: received before it was created here
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET retention_received_at = '2024-05-20'"
            " WHERE id = ANY(%s)",
            [tickets.ids],
        )
        self.measure()
        self.assertEqual(
            self.months_of(self.one, "complaints", "objections")[-1], ("2024-05", 1, 1)
        )

    def test_again_changes_nothing_and_a_night_finds_what_changed(self):
        self.assertTrue(self.measure().changed)
        self.assertFalse(self.measure().changed)
        night = self.measure("night")
        self.assertFalse(night.changed)
        late = self.buy(self.one, (date(2023, 3, 3), 10))  # dated back
        self.assertTrue(self.measure("night").changed)
        found = self.months_of(self.one, "gap_before", "gap_after")
        self.assertEqual(found[:2], [("2023-03", 0, 9), ("2023-12", 9, 1)])
        late.unlink()
        self.measure("night")
        self.assertEqual(self.months_of(self.one, "gap_before")[0], ("2023-12", 0))
        last = self.env["retention.purchase"].search(
            [("partner_id", "=", self.two.id), ("date", "<=", TODAY)]
        )
        last.date = date(2024, 4, 15)  # as many, for as much
        self.measure("night")
        self.assertEqual(self.months_of(self.two, "revenue"), [("2024-04", 70)])

    def test_a_quarter_of_an_hour_leaves_the_months_alone(self):
        self.measure()
        self.buy(self.one, (date(2023, 3, 3), 10))
        self.assertFalse(self.measure("light").changed)

    def test_merged_customers_are_one(self):
        self.measure()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.one | self.two).ids, self.one
        )
        self.measure("night")
        found = self.months_of(self.one, "revenue")
        self.assertEqual(found[-1], ("2024-06", 70))
        self.assertEqual(len(found), 4)

    def test_companies_apart(self):
        other = self.make_company()
        self.buy(self.one, (date(2024, 1, 5), 7), company=other)
        self.measure()
        self.measure(company=other)
        rows = self.Month.search([("company_id", "=", other.id)])
        self.assertEqual(rows.mapped("revenue"), [7])
        self.assertEqual(len(self.months_of(self.one)), 4)

    def test_customers_are_counted_once(self):
        self.measure()
        [(count, revenue)] = self.Month._read_group(
            [("partner_id", "in", (self.one | self.two).ids)],
            [],
            ["customer_count:count_distinct", "revenue:sum"],
        )
        self.assertEqual((count, revenue), (2, 215))

import io
from datetime import date

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .test_report_file import ReportFileCase


@tagged("post_install", "-at_install")
class TestReportSchedule(ReportFileCase):
    """Reports go out on their day, once, to each reader with what he may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("manager")
        cls.plan = cls.env["retention.report.schedule"].create(
            {
                "name": "Monthly Évaluation",
                "period": "months_12",
                "next_date": TODAY,
                "page_ids": [Command.set(cls.page.ids)],
                "user_ids": [Command.set((cls.seller | cls.manager).ids)],
            }
        )

    def send(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("crm_retention_reports.ir_cron_send_reports")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def mails(self):
        return self.env["mail.mail"].search([("subject", "ilike", "Évaluation")])

    def cohort_of(self, user):
        """Return the customers in the spreadsheet that went to this reader."""
        mail = self.mails().filtered(lambda one: one.recipient_ids == user.partner_id)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(len(mail.attachment_ids), 2)
        file = mail.attachment_ids.filtered(lambda one: one.name.endswith(".xlsx"))
        found = 0
        for sheet in load_workbook(io.BytesIO(file.raw)):
            head = [cell.value for cell in sheet[1]]
            if "First Purchase" in head and "Customers" in head:
                column = head.index("Customers")
                rows = sheet.iter_rows(min_row=2, values_only=True)
                found += sum(row[column] for row in rows if "Average" not in row[0])
        return found

    def test_each_reader_gets_his_own_figures_once(self):
        self.send()
        self.assertEqual(self.cohort_of(self.seller), 1)
        self.assertEqual(self.cohort_of(self.manager), 2)
        self.assertEqual(self.plan.next_date, date(2024, 7, TODAY.day))
        self.assertTrue(self.plan.last_sent)
        self.send()
        self.assertEqual(len(self.mails()), 2)

    def test_not_before_its_day(self):
        self.plan.next_date = date(2024, 12, 24)
        self.send()
        self.assertFalse(self.mails())

    def test_missed_days_are_made_up_once(self):
        self.plan.write({"next_date": date(2024, 1, 31), "every": "month"})
        self.send()
        self.assertEqual(len(self.mails()), 2)
        self.assertEqual(self.plan.next_date, date(2024, 6, 30))
        # the shorter month moves none of the later ones
        self.plan.next_date = date(2024, 2, 29)
        self.assertEqual(self.plan._get_next_date(), date(2024, 6, 30))

    def test_who_may_not_read_any_more_gets_nothing(self):
        self.seller.group_ids = self.env.ref("base.group_user")
        self.send()
        self.assertEqual(self.mails().recipient_ids, self.manager.partner_id)
        self.assertIn(self.seller.name, self.plan.last_problem)

    def test_a_report_not_for_everybody(self):
        """Who may not open one of the reports gets the others; of none, no mail."""
        roi = self.env["retention.report.page"].search(
            [("model", "=", "retention.roi")]
        )
        self.plan.page_ids |= roi
        self.send()
        self.assertFalse(self.plan.last_problem)
        self.assertEqual(len(self.mails()), 2)
        self.mails().unlink()
        self.plan.write({"page_ids": roi.ids, "next_date": TODAY})
        self.send()
        self.assertEqual(self.mails().recipient_ids, self.manager.partner_id)
        self.assertIn(self.seller.name, self.plan.last_problem)

    def test_only_people_inside_who_may_read(self):
        for kind in ("portal", "none"):
            with self.subTest(kind=kind), self.assertRaises(ValidationError):
                self.plan.user_ids |= self.make_user(kind)
        with self.assertRaises(ValidationError):
            self.plan.write({"with_pdf": False, "with_xlsx": False})
        with self.assertRaises(ValidationError):
            self.plan.domain = "[('no_such_field', '=', 1)]"
        with self.assertRaises(ValidationError):
            self.plan.company_id = self.make_company()

    def test_one_that_fails_does_not_keep_the_others(self):
        broken = self.plan.copy({"next_date": TODAY, "name": "Broken"})
        broken.page_ids = self.page
        original = type(self.plan)._send

        def fail(schedule):
            if schedule == broken:
                raise ValueError("no")
            return original(schedule)

        self.patch(type(self.plan), "_send", fail)
        with self.assertLogs("odoo.addons.crm_retention_reports", "ERROR"):
            self.send()
        self.assertEqual(len(self.mails()), 2)
        self.assertTrue(broken.last_problem)
        self.assertGreater(broken.next_date, TODAY)

    def test_who_is_away_or_without_address_is_told(self):
        away = self.make_user("user", login="away")
        lost = self.make_user("lead", login="lost")
        self.plan.user_ids |= away | lost
        away.active = False
        lost.email = False
        self.send()
        people = self.seller | self.manager
        self.assertEqual(self.mails().recipient_ids, people.partner_id)
        for name in (away.name, lost.name):
            self.assertIn(name, self.plan.last_problem)

    def test_one_reader_s_failure_is_not_the_others_(self):
        Export = self.env.registry["retention.report.export"]
        original = Export._make_xlsx

        def fail(export):
            if export.env.user == self.seller:
                raise ValueError("no")
            return original(export)

        self.patch(Export, "_make_xlsx", fail)
        with self.assertLogs("odoo.addons.crm_retention_reports", "ERROR"):
            self.send()
        self.assertEqual(self.mails().recipient_ids, self.manager.partner_id)
        self.assertIn(self.seller.name, self.plan.last_problem)
        self.assertEqual(self.plan.next_date, date(2024, 7, TODAY.day))

    def test_a_page_where_the_printer_fails(self):
        Report = self.env.registry["ir.actions.report"]
        self.patch(Report, "get_wkhtmltopdf_state", lambda report: "ok")
        self.plan.user_ids = self.seller

        def fail(report, *_arguments, **_options):
            raise UserError(report._description)

        for outcome in (fail, lambda *_arguments, **_options: (b"", "pdf")):
            self.patch(Report, "_render_qweb_pdf", outcome)
            with self.subTest(outcome=outcome):
                self.plan.with_user(self.manager).action_send_now()
                mail = self.mails()
                self.assertIn("text/html", mail.attachment_ids.mapped("mimetype"))
                self.assertIn("opens in the browser", mail.body_html)
                self.assertFalse(self.plan.last_problem)
                mail.unlink()

    def test_files_too_large_for_a_mail(self):
        self.env["ir.config_parameter"].set_param("base.default_max_email_size", 0.1)
        self.env["ir.mail_server"].search([]).max_email_size = 0
        Export = self.env.registry["retention.report.export"]
        large = "Large.pdf", b"%PDF" + b"x" * 200_000, "application/pdf"
        self.patch(Export, "_make_document", lambda export: large)
        self.plan.user_ids = self.seller
        self.send()
        mail = self.mails()
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertTrue(mail.attachment_ids.name.endswith(".xlsx"))
        self.assertIn("Large.pdf", mail.body_html)
        self.assertNotIn("opens in the browser", mail.body_html)

    def test_moved_to_another_day_meanwhile(self):
        due = self.plan._get_due()
        self.assertEqual(due, self.plan)
        self.plan.next_date = date(2024, 12, 24)
        self.assertFalse(due._filter_due())

    def test_rights(self):
        for kind in ("user", "lead"):
            plan = self.plan.with_user(self.make_user(kind, login=f"s_{kind}"))
            for act in (plan.action_send_now, lambda plan=plan: plan.read(["name"])):
                with self.assertRaises(AccessError):
                    act()
        auditor = self.plan.with_user(self.make_user("auditor"))
        self.assertTrue(auditor.read(["name"]))
        for act in (auditor.action_send_now, lambda: auditor.write({"name": "x"})):
            with self.assertRaises(AccessError):
                act()
        self.plan.with_user(self.manager).action_send_now()
        self.assertEqual(self.plan.next_date, TODAY)
        self.assertEqual(len(self.mails()), 2)

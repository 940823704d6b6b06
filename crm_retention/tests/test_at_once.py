"""Who says no, complains or leaves a list is on nobody's list at once."""

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_retention.models.actions import plan_at_once

from .common_plan import PlanCommon


@tagged("post_install", "-at_install")
class TestAtOnce(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_policy(
            {"name": "Call"},
            {
                "name": "News",
                "mode": "automatic",
                "channel_id": cls.email.id,
                "category": "promotion",
                "mail_template_id": cls.template.id,
            },
        )
        cls.customer, cls.other = cls.make_known(2)
        cls.customer.email, cls.other.email = "one@example.com", "two@example.com"
        cls.customer.phone = "+32 456 00 11 22"
        cls.today = cls.company._retention_today()
        cls.plan(cls.today)

    def lines(self, customer=None):
        """Return the names of the lines planned for a customer."""
        self.env.flush_all()
        planned = self.planned(self.customer if customer is None else customer)
        return sorted(planned.cadence_id.mapped("name"))

    def test_consent(self):
        consent = self.env["retention.consent"].create(
            {
                "partner_id": self.customer.id,
                "state": "refused",
                "channel_id": self.phone.id,
            }
        )
        self.assertEqual(self.lines(), ["News"])
        dropped = self.Touch.search(
            [("partner_id", "=", self.customer.id), ("state", "=", "dropped")]
        )
        self.assertEqual(dropped.cadence_id.name, "Call")
        self.assertIn("refused", dropped.skip_reason.lower())
        self.assertEqual(self.lines(self.other), ["Call", "News"])
        consent.unlink()
        self.assertEqual(self.lines(), ["Call", "News"])

    def test_wish(self):
        wish = self.env["retention.wish"].create(
            {"partner_id": self.customer.id, "channel_id": self.email.id}
        )
        self.assertEqual(self.lines(), ["News"])
        wish.channel_id = self.phone
        self.assertEqual(self.lines(), ["Call"])
        wish.unlink()
        self.assertEqual(self.lines(), ["Call", "News"])

    def test_addresses(self):
        self.env["mail.blacklist"]._add(self.customer.email)
        self.assertEqual(self.lines(), ["Call"])
        self.env["phone.blacklist"]._add([self.customer.phone_sanitized])
        self.assertEqual(self.lines(), [])
        self.env["mail.blacklist"]._remove(self.customer.email)
        self.assertEqual(self.lines(), ["News"])
        self.env["phone.blacklist"]._remove([self.customer.phone_sanitized])
        self.assertEqual(self.lines(), ["Call", "News"])
        self.assertEqual(self.lines(self.other), ["Call", "News"])

    def test_mailing_list(self):
        lists = self.env["mailing.list"].create([{"name": "One"}])
        contact = self.env["mailing.contact"].create(
            {
                "email": self.customer.email,
                "subscription_ids": [Command.create({"list_id": lists.id})],
            }
        )
        self.assertEqual(self.lines(), ["Call", "News"])
        contact.subscription_ids.opt_out = True
        self.assertEqual(self.lines(), ["Call"])
        contact.subscription_ids.opt_out = False
        self.assertEqual(self.lines(), ["Call", "News"])

    def test_complaint(self):
        self.env["retention.cap"].create({"name": "Peace", "kind": "complaint"})
        self.plan(self.today)
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Complaints", "retention_kind": "complaint"}
        )
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Broken",
                "description": "It is.",
                "partner_id": self.customer.id,
                "category_id": category.id,
            }
        )
        news = self.planned(self.customer).filtered(
            lambda touch: touch.cadence_id.name == "News"
        )
        self.assertTrue(news.act_at, "put off")
        self.assertIn("Peace", news.reason)
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.env.flush_all()
        news.invalidate_recordset()
        self.assertFalse(news.act_at)
        self.assertNotIn("Peace", news.reason)

    def test_by_people_without_rights_in_the_suite(self):
        """Whoever hears the no records it; he need not know of retention."""
        agent = new_test_user(
            self.env,
            "at_once_agent",
            groups="base.group_user,helpdesk_mgmt.group_helpdesk_user",
        )
        marketer = new_test_user(
            self.env,
            "at_once_marketer",
            groups="mass_mailing.group_mass_mailing_user,base.group_partner_manager",
        )
        barred = self.env["mail.blacklist"].with_user(marketer)
        barred._add(self.customer.email)
        self.assertEqual(self.lines(), ["Call"])
        barred._remove(self.customer.email)
        self.assertEqual(self.lines(), ["Call", "News"])
        self.env["retention.cap"].create({"name": "Peace", "kind": "complaint"})
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Complaints", "retention_kind": "complaint"}
        )
        self.env["helpdesk.ticket"].with_user(agent).create(
            {
                "name": "Broken",
                "description": "It is.",
                "partner_id": self.customer.id,
                "category_id": category.id,
            }
        )
        news = self.planned(self.customer, category="promotion")
        self.assertIn("Peace", news.reason)
        self.customer.with_user(marketer).user_id = marketer
        self.env.flush_all()
        call = self.planned(self.customer, category="relationship")
        self.assertEqual(call.user_id, marketer)

    def test_by_the_salesperson(self):
        seller = self.make_user("user")
        self.customer.user_id = seller
        profile = self.profile_of(self.customer).with_user(seller)
        profile._note_consent({"state": "withdrawn", "channel_id": self.email.id})
        self.assertEqual(self.lines(), ["Call"])
        profile._note_wish({"channel_id": self.email.id})
        self.assertEqual(self.lines(), [])
        profile._note_wish({"channel_id": False})
        self.assertEqual(self.lines(), ["Call"])

    def test_many_wait_for_the_night(self):
        """What is too much for one click is found by the next plan."""
        self.patch(plan_at_once, "AT_ONCE", 0)
        self.env["mail.blacklist"]._add(self.customer.email)
        self.assertEqual(self.lines(), ["Call", "News"])
        self.plan(self.today, kind="light")
        self.assertEqual(self.lines(), ["Call"])
        self.env["mail.blacklist"]._remove(self.customer.email)
        self.plan(self.today, kind="light")
        self.assertEqual(self.lines(), ["Call", "News"])

    def test_two_with_one_address(self):
        """The second one's turn comes an interval later; he does not leave the plan."""
        self.other.email = self.customer.email
        self.plan(self.today)
        both = self.planned(self.customer | self.other, category="promotion")
        self.assertEqual(both.partner_id, self.customer | self.other)
        first, second = both.sorted("due_date")
        self.assertGreater(second.due_date, first.due_date + timedelta(days=20))
        self.assertIn("same address", second.reason)
        self.plan(self.today, kind="light")
        self.assertEqual(
            self.planned(self.customer | self.other, category="promotion"), both
        )

    def test_a_pause_ends_by_itself(self):
        """Nothing is written on the day on which it ends."""
        self.env["retention.wish"].create(
            {
                "partner_id": self.customer.id,
                "pause_until": self.today + timedelta(days=40),
            }
        )
        self.assertEqual(self.lines(), [])
        self.env.flush_all()
        self.env.cr.execute("UPDATE retention_wish SET write_date = '2020-01-01'")
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01'")
        self.plan(self.today + timedelta(days=41), kind="light")
        self.assertEqual(self.lines(), ["Call", "News"])

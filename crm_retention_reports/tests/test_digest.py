from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon


@tagged("post_install", "-at_install")
class TestDigest(RetentionCommon):
    """The digest counts what its reader may see, in its days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.other = cls.make_customers(2)
        cls.seller = cls.make_user("user")
        cls.own.user_id = cls.seller
        cls.now = datetime.now().replace(microsecond=0)
        phone = cls.env.ref("crm_retention.channel_phone")
        for customer, ago, outcome in (
            (cls.own, 1, "answered"),
            (cls.own, 2, "reached"),
            (cls.own, 2, "not_reached"),
            (cls.own, 40, "answered"),
            (cls.other, 1, "answered"),
        ):
            cls.env["retention.touch"].create(
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "channel_id": phone.id,
                    "state": "done",
                    "done_at": cls.now - timedelta(days=ago),
                    "outcome": outcome,
                }
            )
        cls.digest = cls.env.ref("digest.digest_digest_default").copy(
            {"company_id": cls.company.id}
        )

    def figures(self, user):
        digest = self.digest.with_user(user).with_context(
            start_datetime=self.now - timedelta(days=7),
            end_datetime=self.now + timedelta(hours=1),
        )
        digest.invalidate_model()
        return (
            digest.kpi_retention_contacts_value,
            digest.kpi_retention_answers_value,
        )

    def test_readers_see_their_customers(self):
        self.assertEqual(self.figures(self.seller), (2, 1))
        self.assertEqual(self.figures(self.make_user("manager")), (3, 2))

    def test_not_for_others(self):
        with self.assertRaises(AccessError):
            self.figures(self.make_user("none"))

    def test_the_mail_names_them(self):
        manager = self.make_user("manager")
        self.assertTrue(self.digest.kpi_retention_contacts)
        found = self.digest._compute_kpis(self.company, manager)
        names = {one["kpi_name"] for one in found}
        self.assertIn("kpi_retention_contacts", names)
        for one in found:
            if one["kpi_name"].startswith("kpi_retention"):
                self.assertTrue(self.env.ref(one["kpi_action"]))

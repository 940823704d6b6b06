"""Activities and planned contacts follow each other, in both directions."""

from datetime import timedelta

from odoo.tests import tagged

from .test_act import ActCommon


@tagged("post_install", "-at_install")
class TestTwoWay(ActCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.touches = cls.plan(cls.customers, cls.call)
        cls.act()
        cls.touch = cls.touches[0]
        cls.activity = cls.touch.activity_id
        cls.soon = cls.today + timedelta(days=3)

    def mine(self):
        return self.activity.with_user(self.user)

    def test_done_in_odoo(self):
        self.mine().action_feedback(feedback="Wants an offer")
        self.assertRecordValues(
            self.touch,
            [
                {
                    "state": "done",
                    "outcome": "reached",
                    "note": "Wants an offer",
                    "channel_id": self.phone.id,
                    "is_real": True,
                    "key": f"mail.activity:{self.activity.id}:{self.customers[0].id}",
                }
            ],
        )
        self.assertEqual(self.touches[1].state, "planned")

    def test_done_once_for_the_collect_step(self):
        self.mine().action_feedback()
        run = self.Run.create(
            {
                "company_id": self.company.id,
                "step": "collect",
                "kind": "full",
                "as_of": self.today,
            }
        )
        run._execute()
        done = self.Touch.search(
            [
                ("partner_id", "=", self.customers[0].id),
                ("state", "=", "done"),
                ("direction", "=", "out"),
            ]
        )
        self.assertEqual(done, self.touch)

    def test_rescheduled(self):
        self.mine().write({"date_deadline": self.soon})
        self.assertEqual(self.touch.due_date, self.soon)
        self.act()
        self.assertEqual(self.touch.due_date, self.soon)
        self.assertEqual(self.activity.date_deadline, self.soon)

    def test_many_at_once(self):
        self.touches.activity_id.with_user(self.user).write(
            {"date_deadline": self.soon}
        )
        self.assertEqual(set(self.touches.mapped("due_date")), {self.soon})

    def test_reassigned(self):
        self.activity.with_user(self.manager).write({"user_id": self.lead.id})
        self.assertEqual(self.touch.user_id, self.lead)

    def test_deleted(self):
        self.mine().unlink()
        self.assertEqual(self.touch.state, "skipped")
        self.assertTrue(self.touch.skip_reason)
        self.assertFalse(self.touch.key)

    def test_taken_up_again(self):
        self.mine().action_feedback()
        self.activity.write({"active": True})
        self.assertEqual((self.touch.state, self.touch.is_real), ("planned", False))

    def test_other_way_round(self):
        self.touch.with_user(self.user)._do({"outcome": "declined"})
        self.assertFalse(self.activity.active)
        self.assertEqual(self.touch.outcome, "declined")
        other = self.touches[1]
        other.with_user(self.user)._snooze(self.soon, "Away")
        self.assertEqual(other.activity_id.date_deadline, self.soon)
        other.with_user(self.manager)._reassign(self.lead)
        self.assertEqual(other.activity_id.user_id, self.lead)
        activity = other.activity_id
        other.with_user(self.user)._skip("No")
        self.assertFalse(activity.exists())
        self.assertEqual(other.skip_reason, "No")

    def test_a_moved_plan_moves_the_activity(self):
        """As the plan step does it: by SQL or by writing, without a person."""
        self.touches[0].write({"due_date": self.soon})
        self.touches[1].write({"due_date": self.today - timedelta(days=1)})
        self.touches[2].write({"state": "dropped"})
        self.touches[3].write({"user_id": self.lead.id})
        activities = [touch.activity_id for touch in self.touches]
        self.act("light")
        self.assertFalse(activities[0].exists())  # comes again on its day
        self.assertEqual(activities[1].date_deadline, self.today - timedelta(days=1))
        self.assertFalse(activities[2].exists())
        self.assertEqual(activities[3].user_id, self.lead)
        self.act(as_of=self.soon)
        self.assertTrue(self.touches[0].activity_id)

    def test_other_activities_cost_nothing(self):
        other = self.customers[0].activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user.id
        )
        other.with_user(self.user).write({"date_deadline": self.soon})
        other.with_user(self.user).action_feedback(feedback="Fine")
        self.assertEqual(self.touch.state, "planned")
        self.assertEqual(self.touch.due_date, self.today)

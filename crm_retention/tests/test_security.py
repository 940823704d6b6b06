"""Who may do what: models × groups × operations, own customers, and no way around."""

import types
from datetime import timedelta

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.tools import caps

from .common import GROUPS, TODAY, RetentionCommon

OPERATIONS = ("read", "write", "create", "unlink")
READERS = dict.fromkeys(("user", "lead", "manager", "auditor"), "read")
RULES = READERS | {"manager": "read write create unlink"}
ANYBODYS = dict.fromkeys(READERS, "read write create unlink")  # dialogs
# model → group → operations; who is not named may nothing
ALLOWED = {
    "retention.profile": READERS,
    "retention.membership": READERS,
    "retention.transaction": READERS,
    "retention.interest": READERS,
    "retention.purchase": RULES,
    "retention.program": RULES,
    "retention.tier": RULES,
    "retention.break": RULES,
    "retention.segment": RULES,
    "retention.run": {"manager": "read", "auditor": "read"},
    "retention.mark": {"manager": "read"},
    "retention.channel": RULES,
    "retention.contact.policy": RULES,
    "retention.contact.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.event": RULES,
    "retention.feedback": READERS,
    "retention.mail.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.override.wizard": {"manager": "read write create unlink"},
    "retention.review.wizard": {"manager": "read write create unlink"},
    "retention.tier.extension.wizard": {"manager": "read write create unlink"},
    "retention.program.preview": {"manager": "read write create unlink"},
    "retention.program.preview.line": {"manager": "read write create unlink"},
    "retention.program.preview.sum": {"manager": "read write create unlink"},
    "retention.benefit": READERS,
    "retention.call.wizard": {},  # agents of the helpdesk
    "retention.campaign": RULES,
    "retention.exchange.cancel.wizard": ANYBODYS,
    "retention.exchange.wizard": ANYBODYS,
    "retention.opening.line": {"manager": "read write create unlink"},
    "retention.opening.wizard": {"manager": "read write create unlink"},
    "retention.referral": READERS,
    "retention.referral.review.wizard": {"manager": "read write create unlink"},
    "retention.referral.wizard": ANYBODYS,
    "retention.reward": RULES,
    "retention.reward.exchange": READERS,
    "retention.signal": RULES,
    "retention.alert": READERS,
    "retention.backtest.line": {"manager": "read", "auditor": "read"},
    "retention.service.clock": {"manager": "read", "auditor": "read"},
    "retention.service.limit": RULES,
    "retention.service.pause": {"manager": "read", "auditor": "read"},
    "retention.service.preview": ANYBODYS,
    "retention.service.preview.line": ANYBODYS,
    "retention.service.target": RULES,
    "retention.health.history": READERS,
    "retention.health.line": READERS,
    "retention.health.model": RULES,
    "retention.health.part": RULES,
    "retention.model": READERS,
    "retention.complaint.cause": RULES,
    "retention.complaint.measure": RULES | {"lead": "read write create"},
    "retention.complaint.remedy": READERS,
    "retention.complaint.wizard": {},  # for who works in the helpdesk
    "retention.remedy.wizard": {},
    "retention.points.event": RULES,
    "retention.points.rule": RULES,
    "retention.points.simulation": {"manager": "read write create unlink"},
    "retention.points.simulation.line": {"manager": "read write create unlink"},
    "retention.points.warning": {"manager": "read", "auditor": "read"},
    "retention.points.account": READERS,
    "retention.points.adjust.wizard": {"manager": "read write create unlink"},
    "retention.points.allocation": READERS,
    "retention.points.award": READERS,
    "retention.points.check": {"manager": "read", "auditor": "read"},
    "retention.points.entry": READERS,
    "retention.points.extend.wizard": {"manager": "read write create unlink"},
    "retention.points.extension": READERS,
    "retention.points.program": RULES,
    "retention.points.reverse.wizard": {"manager": "read write create unlink"},
    "retention.plan.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.touch.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.keydate": RULES,
    "retention.pin.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.policy.preview": {"manager": "read write create unlink"},
    "retention.policy.preview.line": {"manager": "read write create unlink"},
    "retention.policy.template.wizard": {"manager": "read write create unlink"},
    "retention.stage": {**READERS, "manager": "read write"},
    "retention.stage.history": READERS,
    "retention.touch": {**READERS, "manager": "read write create"},
    "retention.cadence": RULES,
    "retention.cadence.state": {**READERS, "manager": "read write"},
    "retention.cap": RULES,
    "retention.consent": {**READERS, "manager": "read create"},
    "retention.consent.wizard": dict.fromkeys(READERS, "read write create unlink"),
    "retention.decision": READERS,
    "retention.hold": {"manager": "read"},
    "retention.purpose": RULES,
    "retention.wish": RULES,
    "retention.correction": READERS,
    "retention.duplicate": READERS,
    "retention.quality.rule": RULES,
    "retention.play": RULES,
    "retention.play.wizard": ANYBODYS,
    "retention.alert.wizard": ANYBODYS,
    "retention.risk": {
        **dict.fromkeys(("user", "lead"), "read write create"),
        "manager": "read write create unlink",
        "auditor": "read",
    },
    "retention.access.log": {"manager": "read", "auditor": "read"},
    "retention.anonymise.wizard": {"manager": "read write create unlink"},
    "retention.suppression": {"manager": "read", "auditor": "read"},
    "retention.offer.rule": READERS,
    "retention.label.rule": RULES,
    "retention.label.history": READERS,
    "retention.cluster.wizard": {"manager": "read write create unlink"},
    "retention.cluster.line": {"manager": "read write create unlink"},
}
# methods of ours that can be called from outside: a new one must be weighed here
PUBLIC = {
    "retention.correction": {"action_apply", "action_refuse", "action_undo"},
    "retention.duplicate": {"action_different", "action_look_again", "action_merge"},
    "retention.anonymise.wizard": {"action_apply"},
    "helpdesk.ticket": {
        "action_retention_by_phone",
        "action_retention_offer",
        "action_retention_log_contact",
        "action_retention_next",
        "action_retention_no_complaint",
        "action_retention_reapply",
        "action_retention_remedy",
        "action_retention_reopen",
    },
    "retention.complaint.cause": {"action_propose_measure", "action_view_complaints"},
    "retention.complaint.remedy": {"action_approve", "action_refuse"},
    "retention.health.line": {"action_open_records"},
    "retention.health.model": {"action_apply", "action_use_b2b", "action_use_shop"},
    "retention.complaint.wizard": {"action_apply"},
    "retention.remedy.wizard": {"action_apply"},
    "mailing.mailing": {"action_retention_decisions", "action_retention_preview"},
    "res.config.settings": {"action_apply_lifecycle", "action_preview_lifecycle"},
    "res.partner": {
        "action_log_retention_call",
        "action_retention_confirm",
        "action_log_retention_contact",
        "action_view_points",
        "action_view_retention_alerts",
        "action_view_retention_profile",
        "action_view_retention_risks",
        "action_view_rhythms",
    },
    "retention.cadence.state": {"action_pin", "action_unpin"},
    "retention.call.wizard": {"action_create_ticket"},
    "retention.contact.policy": {
        "action_preview",
        "action_start",
        "action_stop",
        "action_view_touches",
    },
    "retention.contact.wizard": {"action_log"},
    "retention.event": {"get_import_templates", "load_events"},
    "retention.consent.wizard": {"action_apply"},
    "retention.feedback": {
        "action_ask_referral",
        "action_open_complaint",
        "action_open_follow_up",
        "action_open_source",
    },
    "retention.mail.wizard": {"action_send"},
    "retention.override.wizard": {"action_apply"},
    "retention.review.wizard": {"action_apply"},
    "retention.tier.extension.wizard": {"action_apply"},
    "retention.program.preview": {
        "action_apply",
        "action_apply_silently",
        "action_view_lines",
    },
    "retention.program.preview.line": {"action_open_profile"},
    "retention.plan.wizard": {"action_apply"},
    "retention.pin.wizard": {"action_apply"},
    "retention.points.account": {
        "action_adjust",
        "action_extend",
        "action_forget",
        "action_open_partner",
        "action_view_awards",
        "action_view_entries",
        "action_view_exchanges",
        "action_view_referrals",
        "action_write_off",
    },
    "retention.points.adjust.wizard": {"action_apply"},
    "retention.points.award": {"action_extend", "action_open_account"},
    "retention.points.check": {"action_check_now", "action_view_failing"},
    "retention.points.entry": {
        "action_open_account",
        "action_open_document",
        "action_reverse",
    },
    "retention.points.extend.wizard": {"action_apply"},
    "retention.points.reverse.wizard": {"action_apply"},
    "retention.points.simulation": {"action_simulate"},
    "retention.points.program": {"action_view_rewards"},
    "retention.exchange.cancel.wizard": {"action_apply"},
    "retention.exchange.wizard": {"action_apply"},
    "retention.opening.wizard": {"action_apply", "action_back", "action_check"},
    "retention.referral": {"action_review", "action_view_document"},
    "retention.referral.review.wizard": {"action_apply"},
    "retention.referral.wizard": {"action_apply"},
    "retention.reward": {"action_create_program", "action_view_exchanges"},
    "retention.service.target": {"action_apply_again"},
    "retention.alert": {
        "action_acknowledge",
        "action_false",
        "action_hand_over",
        "action_lost",
        "action_note_risk",
        "action_run_play",
        "action_saved",
        "action_snooze",
        "action_view_partner",
        "action_view_profile",
        "action_wake",
        "action_work",
        "get_empty",
    },
    "retention.alert.wizard": {"action_apply"},
    "retention.play": {"action_view_alerts"},
    "retention.play.wizard": {"action_apply"},
    "retention.signal": {
        "action_look_back",
        "action_switch_off",
        "action_switch_on",
        "action_view_alerts",
        "action_view_lines",
    },
    "retention.reward.exchange": {
        "action_cancel",
        "action_hand_over",
        "action_view_card",
        "action_view_document",
    },
    "retention.policy.preview": {"action_start", "action_view_customers"},
    "retention.policy.template.wizard": {"action_apply"},
    "retention.profile": {
        "action_confirm_data",
        "action_done_contact",
        "action_view_duplicates",
        "action_plan_contact",
        "action_snooze_contact",
        "action_view_touches",
        "action_log_contact",
        "action_note_words",
        "action_view_decisions",
        "action_view_forecast",
        "get_channels",
        "action_open_partner",
        "action_override",
        "action_confirm_high",
        "action_extend_tier",
        "action_review",
        "action_recalculate",
        "action_view_contacts",
        "action_view_alerts",
        "action_view_risks",
        "action_view_stage_history",
        "action_view_transactions",
        "do_first_step",
        "get_today",
    },
    "retention.program": {
        "action_apply",
        "action_open_original",
        "action_preview",
        "action_start_pilot",
        "action_stop_pilot",
        "action_try_change",
        "action_view_profiles",
        "action_view_waiting",
    },
    "retention.purchase": {"get_import_templates", "load_purchases"},
    "retention.risk": {"action_close", "action_reopen", "action_view_profile"},
    "retention.run": {"action_recalculate_all", "action_retry"},
    "retention.segment": {"action_find_groups", "action_view_profiles"},
    "retention.tier": {"action_view_profiles"},
    "retention.touch": {
        "action_done",
        "action_mail",
        "action_open_alert",
        "action_open_document",
        "action_open_partner",
        "action_open_profile",
        "action_reassign",
        "action_skip",
        "action_snooze",
        "action_undo",
        "get_today_bar",
        "log_contact",
    },
    "retention.touch.wizard": {"action_apply"},
    "retention.transaction": {"action_open_document"},
    "retention.cluster.wizard": {
        "action_create_labels",
        "action_create_segments",
        "action_find",
    },
    "retention.offer.rule": {
        "action_add_to_order",
        "action_opportunity",
        "action_quote",
    },
    "retention.label.rule": {
        "action_apply",
        "action_view_fitting",
        "action_view_history",
    },
}
WIZARDS = {
    "retention.anonymise.wizard",
    "retention.alert.wizard",
    "retention.play.wizard",
    "retention.cluster.wizard",
    "retention.cluster.line",
    "retention.complaint.wizard",
    "retention.remedy.wizard",
    "retention.exchange.cancel.wizard",
    "retention.exchange.wizard",
    "retention.opening.line",
    "retention.opening.wizard",
    "retention.referral.review.wizard",
    "retention.referral.wizard",
    "retention.call.wizard",
    "retention.override.wizard",
    "retention.review.wizard",
    "retention.tier.extension.wizard",
    "retention.program.preview",
    "retention.program.preview.line",
    "retention.program.preview.sum",
    "retention.consent.wizard",
    "retention.contact.wizard",
    "retention.mail.wizard",
    "retention.plan.wizard",
    "retention.touch.wizard",
    "retention.pin.wizard",
    "retention.points.adjust.wizard",
    "retention.points.extend.wizard",
    "retention.points.reverse.wizard",
    "retention.points.simulation",
    "retention.points.simulation.line",
    "retention.policy.preview",
    "retention.policy.preview.line",
    "retention.policy.template.wizard",
    "retention.service.preview",
    "retention.service.preview.line",
}
PROFILE_DIALOGS = {
    "retention.anonymise.wizard",
    "retention.consent.wizard",
    "retention.plan.wizard",
    "retention.review.wizard",
    "retention.tier.extension.wizard",
}
POINTS_DIALOGS = {
    name
    for name in WIZARDS
    if name.split(".")[1] in ("points", "exchange", "referral", "opening")
}
OTHER_DIALOGS = ("mailing.mailing", "retention.alert.wizard", "retention.play.wizard")
# guarded by the table above, and by core
STANDARD = {
    "action_confirm",
    "action_send_mail",
    "copy_data",
    "create",
    "export_data",
    "message_subscribe",
    "set_values",
    "unlink",
    "write",
}
FIELDS = ("retention_profile_id", "retention_tier_id", "retention_segment_id")


class SecurityCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {kind: cls.make_user(kind) for kind in GROUPS if kind != "public"}
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.seller = cls.users["user"]
        cls.mine, cls.theirs = cls.make_customers(2)
        cls.mine.user_id = cls.seller
        cls.today = cls.company._retention_today()
        cls.template = cls.product.product_tmpl_id
        for customer in (cls.mine, cls.theirs, *cls.make_customers(5)):
            cls.buy(customer, (cls.today, 100 + customer.id))
        line = cls.env["retention.cadence"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.env["retention.cadence.state"].create(
            [
                {
                    "partner_id": each.id,
                    "company_id": cls.company.id,
                    "cadence_id": line.id,
                    "interval_days": 9,
                }
                for each in (cls.mine, cls.theirs)
            ]
        )
        cls.env["crm.lead"].create(
            [
                {"name": "Asks", "partner_id": each.id, "user_id": False}
                for each in (cls.mine, cls.theirs)
            ]
        )
        for customer in (cls.mine, cls.theirs):
            cls.env["retention.touch"].log_contact({"partner_id": customer.id})
        cls.env["retention.event"].create(
            [
                {"partner_id": each.id, "reference": f"E-{each.id}"}
                for each in (cls.mine, cls.theirs)
            ]
        )
        cls.run_pass(as_of=cls.today)
        cls.Mark._add(cls.theirs, cls.company)
        cls.env["retention.suppression"]._bar("mail", ["gone@example.com"])
        cls.theirs.export_data(["name"])
        cls.doubt(cls.theirs)
        for customer in (cls.mine, cls.theirs):
            cls.say(customer)
            cls.complain(customer)
            cls.endanger(customer)
            cls.warn(customer)
        cls.label()
        cls.give(cls.mine + cls.theirs)
        cls.serve(cls.theirs)
        cls.env.flush_all()

    @classmethod
    def doubt(cls, customer, company=None):
        """Let a customer look like another one, and be written oddly."""
        company = company or cls.company
        twins = cls.make_customers(1)
        cls.env["retention.duplicate"].create(
            {
                "company_id": company.id,
                "partner_id": customer.id,
                "other_id": twins.id,
                "by_name": True,
            }
        )
        cls.env["retention.correction"].create(
            {
                "company_id": company.id,
                "partner_id": customer.id,
                "field_name": "name",
                "before": customer.name,
                "after": "Better",
            }
        )

    @classmethod
    def say(cls, customer, company=None):
        """Let a customer refuse something and wish something, and be left in peace."""
        company = company or cls.company
        values = {"partner_id": customer.id, "company_id": company.id}
        cls.env["retention.consent"].create(values | {"state": "refused"})
        cls.env["retention.wish"].create(values | {"most_a_month": 1})
        key = f"test:{company.id}:{customer.id}"
        cls.env["retention.feedback"].create(values | {"kind": "nps", "key": key})
        guard = cls.env["retention.guard"]
        guard._hold(company, customer.ids)
        mail = cls.env.ref("crm_retention.channel_email").id
        ask = [caps.Request(customer.id, customer.id, mail, "promotion")]
        guard._log(company, ask, guard._judge(company, ask))

    @classmethod
    def warn(cls, customer, company=None):
        """Let a rule warn of a customer, now and in looking back."""
        company = company or cls.company
        values = {"company_id": company.id}
        signal = cls.env["retention.signal"].create(
            values
            | {
                "name": "Quiet",
                "active": True,
                "kind": "stage",
                "days": 9,
                "stage_id": cls.env["retention.stage"].search([], limit=1).id,
            }
        )
        values |= {"partner_id": customer.id, "signal_id": signal.id}
        values["opened_on"] = cls.today
        cls.env["retention.alert"].create(values | {"severity": "low"})
        cls.env["retention.backtest.line"].create(values)

    @classmethod
    def label(cls, company=None):
        """Let a rule tag every customer, and two products go together."""
        company = company or cls.company
        tag = cls.env["res.partner.category"].create({"name": "Ours"})
        rule = cls.env["retention.label.rule"].create(
            {"name": "All", "category_id": tag.id, "company_id": company.id}
        )
        rule._apply(cls.today)
        other = cls.env["product.product"].create({"name": "Other"})
        cls.env["retention.offer.rule"].create(
            {
                "company_id": company.id,
                "kind": "next",
                "product_tmpl_id": cls.template.id,
                "offer_tmpl_id": other.product_tmpl_id.id,
                "offer_id": other.id,
            }
        )

    @classmethod
    def complain(cls, customer, company=None):
        """Let a customer complain, and get something for it; close the ticket."""
        company = company or cls.company
        cause = cls.env["retention.complaint.cause"].create(
            {"name": "Noise", "company_id": company.id}
        )
        cls.env["retention.complaint.measure"].create(
            {"name": "Silence", "cause_id": cause.id, "company_id": company.id}
        )
        ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Too loud",
                "description": "x",
                "partner_id": customer.id,
                "company_id": company.id,
                "retention_kind": "complaint",
                "retention_cause_id": cause.id,
                "user_id": False,
            }
        )
        cls.env["retention.complaint.remedy"]._propose(
            ticket, {"kind": "refund", "amount": 999, "reason": "x"}
        )
        return ticket

    @classmethod
    def endanger(cls, customer, company=None):
        """Let there be a risk of losing a customer, and a play against it."""
        company = company or cls.company
        cls.env["retention.play"].create(
            {
                "name": "Call",
                "company_id": company.id,
                "points": 5,
                "points_reason": "x",
            }
        )
        cls.env["retention.risk"].create(
            {
                "name": "Leaves",
                "partner_id": customer.id,
                "company_id": company.id,
                "user_id": False,
            }
        )

    @classmethod
    def serve(cls, customer, company=None):
        """Let a customer's ticket wait for him."""
        company = company or cls.company
        stage = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Late",
                "description": "Again",
                "partner_id": customer.id,
                "company_id": company.id,
            }
        )
        ticket.stage_id = stage

    @classmethod
    def give(cls, customers, company=None):
        """Let customers have points, some spent and some that live longer."""
        company = company or cls.company
        program = cls.env["retention.points.program"].create(
            {
                "name": "Stars",
                "company_id": company.id,
                "rule_ids": [Command.create({"product_tmpl_id": cls.template.id})],
                "event_ids": [Command.create({"kind": "birthday"})],
                "referral_points": 5,
            }
        )
        cls.env["retention.campaign"].create(
            {"name": "Spring", "program_id": program.id}
        )
        accounts = cls.env["retention.points.account"]
        soon = cls.today + timedelta(days=9)
        rows = [
            row | {"key": f"{row['kind']}{each.id}", "partner_id": each.id}
            for each in customers
            for row in (
                {"kind": "adjust", "points": 777, "reason": "x", "expires_on": soon},
                {"kind": "redeem", "points": -7},
            )
        ]
        accounts._post_rows(program, rows)
        for account in accounts.search([("program_id", "=", program.id)]):
            account._extend(account.award_ids, soon + timedelta(days=9), "Test")
            cls.reward(account)
            cls.env["retention.points.warning"].create(
                {
                    "account_id": account.id,
                    "expires_on": soon,
                    "number": 1,
                    "warned_on": cls.today,
                }
            )
        cls.env["retention.points.check"]._run(company)

    @classmethod
    def reward(cls, account):
        """Let a customer have a reward, a friend he brought and a benefit."""
        reward = cls.env["retention.reward"].create(
            {
                "name": "Gift",
                "program_id": account.program_id.id,
                "kind": "gift",
                "cost": 1,
            }
        )
        reward._exchange(account, f"first-{account.id}")
        friend = cls.make_customers(1)
        cls.env["retention.referral"]._record(account, friend, "staff")
        cls.env["retention.benefit"].create(
            {
                "partner_id": account.partner_id.id,
                "company_id": account.company_id.id,
                "what": "manager",
                "date_from": cls.today,
            }
        )

    def customers_seen(self, user, model="retention.profile"):
        self.env.invalidate_all()
        return self.env[model].with_user(user).search([]).sudo().partner_id


@tagged("post_install", "-at_install")
class TestTable(SecurityCommon):
    def test_models_groups_operations(self):
        for model, allowed in ALLOWED.items():
            for kind, user in self.users.items():
                records = self.env[model].with_user(user)
                for operation in OPERATIONS:
                    with self.subTest(model, group=kind, operation=operation):
                        expected = operation in allowed.get(kind, "").split()
                        self.assertEqual(records.has_access(operation), expected)

    def test_every_model_is_in_the_table(self):
        ours = {
            name
            for name in self.env.registry
            if self.env[name]._original_module == "crm_retention"
            and not self.env[name]._abstract
        }
        self.assertEqual(ours, set(ALLOWED))

    def test_every_stored_model_has_a_company_rule(self):
        for model in ALLOWED:
            if "company_id" in self.env[model]._fields and model not in WIZARDS:
                rules = self.env["ir.rule"].search(
                    [("model_id.model", "=", model), ("groups", "=", False)]
                )
                self.assertTrue(
                    any("company_ids" in rule.domain_force for rule in rules), model
                )

    def test_reading_for_real(self):
        """Not only by the table: records that exist are shown or refused."""
        for model in set(ALLOWED) - WIZARDS:
            record = self.env[model].search([], limit=1)
            self.assertTrue(record, model)
            for kind, user in self.users.items():
                with self.subTest(model, group=kind):
                    if kind in ALLOWED[model] and kind in ("manager", "auditor"):
                        self.assertTrue(record.with_user(user).read())
                    elif kind not in ALLOWED[model]:
                        with self.assertRaises(AccessError):
                            record.with_user(user).read(["id", "display_name"])
                        with self.assertRaises(AccessError):
                            self.env[model].with_user(user).search([])

    def test_a_new_manager_is_made_by_installing(self):
        manager = self.env.ref("crm_retention.group_retention_manager")
        self.assertIn(self.env.ref("base.user_admin"), manager.all_user_ids)


@tagged("post_install", "-at_install")
class TestOwnCustomers(SecurityCommon):
    MODELS = (
        "retention.profile",
        "retention.membership",
        "retention.transaction",
        "retention.interest",
        "retention.purchase",
        "retention.touch",
        "retention.event",
        "retention.feedback",
        "retention.alert",
        "retention.label.history",
        "retention.cadence.state",
        "retention.stage.history",
        "retention.consent",
        "retention.wish",
        "retention.decision",
        "retention.points.account",
        "retention.points.entry",
        "retention.points.award",
        "retention.reward.exchange",
        "retention.referral",
        "retention.benefit",
        "retention.complaint.remedy",
        "retention.risk",
    )

    def assertSees(self, user, customers):
        for model in self.MODELS:
            with self.subTest(model):
                self.assertEqual(self.customers_seen(user, model), customers)

    def test_salesperson(self):
        self.assertSees(self.seller, self.mine)
        self.mine.user_id = False
        # a planned contact stays with its responsible until it is handed on
        planned = self.env["retention.touch"].search([("user_id", "=", self.seller.id)])
        planned.user_id = False
        self.assertSees(self.seller, self.mine.browse())

    def test_foreign_records_are_refused(self):
        profile = self.profile_of(self.theirs).with_user(self.seller)
        with self.assertRaises(AccessError):
            profile.read(["lifetime_revenue"])
        with self.assertRaises(AccessError):
            self.history_of(self.theirs).with_user(self.seller).read(["reason"])

    def ticket(self, **values):
        return self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "x", "partner_id": self.theirs.id} | values
        )

    def test_open_ticket_only(self):
        ticket = self.ticket(user_id=self.seller.id)
        self.assertSees(self.seller, self.mine + self.theirs)
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.assertSees(self.seller, self.mine)

    def test_open_contact_only(self):
        """Who is to contact a customer may read why; who did so once may not."""
        touch = self.env["retention.touch"].create(
            {
                "partner_id": self.theirs.id,
                "channel_id": self.env.ref("crm_retention.channel_phone").id,
                "user_id": self.seller.id,
                "due_date": self.today,
            }
        )
        self.assertSees(self.seller, self.mine + self.theirs)
        touch.state = "skipped"
        self.assertEqual(self.customers_seen(self.seller), self.mine)

    def test_ticket_of_a_contact_of_the_customer(self):
        contact = self.make_customers(1, parent_id=self.theirs.id)
        self.ticket(user_id=self.seller.id, partner_id=contact.id)
        self.assertSees(self.seller, self.mine + self.theirs)

    def test_ticket_of_somebody_else(self):
        self.ticket(user_id=self.users["manager"].id)
        self.ticket()
        self.assertSees(self.seller, self.mine)

    def test_following_is_not_enough(self):
        self.theirs.message_subscribe(self.seller.partner_id.ids)
        ticket = self.ticket()
        ticket.message_subscribe(self.seller.partner_id.ids)
        self.assertSees(self.seller, self.mine)

    def test_team_lead(self):
        lead = self.users["lead"]
        self.assertSees(lead, self.mine.browse())
        team = self.env["crm.team"].create(
            {
                "name": "Ours",
                "user_id": lead.id,
                "member_ids": [Command.set(self.seller.ids)],
            }
        )
        self.assertSees(lead, self.mine)
        self.theirs.user_id = lead
        self.assertSees(lead, self.mine + self.theirs)
        team.user_id = False
        self.assertSees(lead, self.theirs)

    def test_who_left_the_team(self):
        lead = self.users["lead"]
        team = self.env["crm.team"].create(
            {
                "name": "Ours",
                "user_id": lead.id,
                "member_ids": [Command.set(self.seller.ids)],
            }
        )
        team.crm_team_member_ids.active = False
        self.assertSees(lead, self.mine.browse())

    def test_a_team_that_is_no_more(self):
        lead = self.users["lead"]
        team = self.env["crm.team"].create(
            {
                "name": "Ours",
                "user_id": lead.id,
                "member_ids": [Command.set(self.seller.ids)],
            }
        )
        team.active = False
        self.assertSees(lead, self.mine.browse())

    def test_manager_and_auditor_see_all(self):
        everybody = self.Profile.search([]).partner_id
        for kind in ("manager", "auditor"):
            seen = self.customers_seen(self.users[kind])
            self.assertEqual(seen, everybody)


@tagged("post_install", "-at_install")
class TestCompanies(SecurityCommon):
    def test_nothing_leaks_between_companies(self):
        other = self.make_company()
        self.buy(self.mine, (3, 777), company=other)
        self.env["crm.lead"].create(
            {
                "name": "Asks",
                "partner_id": self.mine.id,
                "company_id": other.id,
                "user_id": False,
                "team_id": False,
            }
        )
        contact = {"partner_id": self.mine.id}
        self.env["retention.touch"].with_company(other).log_contact(contact)
        self.env["retention.event"].create(
            contact | {"reference": "E", "company_id": other.id}
        )
        self.run_pass(as_of=self.today, company=other)
        line = self.env["retention.cadence"].search(
            [("company_id", "=", other.id), ("adapts", "=", False)], limit=1
        )
        self.env["retention.cadence.state"]._pin(self.mine, line, 9, "Wishes it")
        self.Mark._add(self.mine, other)
        self.say(self.mine, other)
        self.complain(self.mine, other)
        self.endanger(self.mine, other)
        self.warn(self.mine, other)
        self.label(other)
        self.give(self.mine, other)
        self.serve(self.mine, other)
        self.mine.with_company(other).export_data(["name"])
        self.doubt(self.theirs, other)
        self.env.flush_all()
        manager = self.users["manager"]
        shared = WIZARDS | {
            "retention.channel",
            "retention.keydate",
            "retention.purpose",
            "retention.segment",
            "retention.stage",
            "retention.suppression",
        }
        for model in set(ALLOWED) - shared:
            with self.subTest(model):
                theirs = self.env[model].search(
                    [("company_id", "=", other.id)], limit=1
                )
                self.assertTrue(theirs)
                records = self.env[model].with_user(manager)
                self.assertFalse(records.search([("company_id", "=", other.id)]))
                with self.assertRaises(AccessError):
                    theirs.with_user(manager).read(["company_id"])
        with self.assertRaises(AccessError):
            self.env["retention.override.wizard"].with_user(manager).create(
                {
                    "profile_ids": [Command.set(self.profile_of(self.mine, other).ids)],
                    "tier_id": other.retention_program_ids.tier_ids[0].id,
                    "reason": "x",
                }
            ).action_apply()
        partner = self.mine.with_user(manager)
        self.assertEqual(partner.retention_profile_id.company_id, self.company)
        with self.assertRaises(AccessError):
            self.Run.with_user(manager).with_company(other).search([])
        manager.company_ids |= other
        both = self.Profile.with_user(manager).with_context(
            allowed_company_ids=(other + self.company).ids
        )
        self.assertEqual(
            both.search([("partner_id", "=", self.mine.id)]).company_id,
            other + self.company,
        )

    def test_recalculating_all_stays_in_the_companies_chosen(self):
        other = self.make_company()
        self.Run.search([]).unlink()
        self.Run.with_user(self.users["manager"]).action_recalculate_all()
        self.assertEqual(self.Run.search([]).company_id, self.company)
        self.assertTrue(other)


@tagged("post_install", "-at_install")
class TestContacts(SecurityCommon):
    """Through contacts and orders nobody learns more than through the profiles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.mine + cls.theirs
        seller_groups = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.seller.group_ids += seller_groups
        for customer in cls.both:
            cls.order(customer, TODAY, 10)
        cls.tier_held = cls.profile_of(cls.theirs).tier_id
        cls.env.flush_all()
        cls.env.invalidate_all()

    def test_values_of_foreign_customers_are_empty(self):
        theirs, mine = (
            self.theirs.with_user(self.seller),
            self.mine.with_user(self.seller),
        )
        for field in FIELDS:
            self.assertTrue(mine[field], field)
            self.assertFalse(theirs[field], field)
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .search([("partner_id", "=", self.theirs.id)])
        )
        self.assertTrue(order)
        self.assertFalse(order.retention_tier_id)
        self.assertFalse(order.retention_segment_id)

    def test_reading_does_not_depend_on_who_read_before(self):
        self.assertTrue(self.theirs.retention_tier_id)
        self.assertFalse(self.theirs.with_user(self.seller).retention_tier_id)
        self.assertTrue(self.theirs.sudo().retention_tier_id)

    def test_searching_finds_nobody_foreign(self):
        for domain in (
            [("retention_tier_id", "=", self.tier_held.id)],
            [("retention_tier_id", "!=", False)],
            [("retention_tier_id.band", "in", ("high", "middle", "low"))],
            [("retention_profile_id", "!=", False)],
            [("retention_profile_id.lifetime_revenue", ">", 0)],
            [("retention_profile_id", "any", [("purchase_count", ">", 0)])],
            [("retention_segment_id", "!=", False)],
        ):
            with self.subTest(domain):
                partners = self.env["res.partner"].with_user(self.seller).search(domain)
                self.assertNotIn(self.theirs, partners)
        for field in ("retention_tier_id", "retention_segment_id"):
            orders = self.env["sale.order"].with_user(self.seller)
            found = orders.search([(field, "!=", False)])
            self.assertNotIn(self.theirs, found.partner_id)

    def test_grouping_shows_nothing_foreign(self):
        for model, field in (("res.partner", "id"), ("sale.order", "partner_id")):
            records = self.env[model].with_user(self.seller)
            for by in ("retention_tier_id", "retention_segment_id"):
                with self.subTest(model, by=by):
                    groups = dict(
                        records._read_group(
                            [(field, "in", self.both.ids)], [by], ["__count"]
                        )
                    )
                    self.assertEqual(
                        groups[records.env[records._fields[by].comodel_name]], 1
                    )
                    self.assertEqual(sum(groups.values()), 2)

    def test_sorting_by_what_one_may_not_read(self):
        partners = self.env["res.partner"].with_user(self.users["none"])
        for field in FIELDS[1:]:
            with self.assertRaises(AccessError):
                partners.search([], order=f"{field}")

    def test_without_our_groups_the_fields_have_no_name(self):
        for kind in ("none", "portal", "public"):
            user = self.users[kind]
            partner = self.theirs.with_user(user)
            if kind != "none":
                partner = user.partner_id.with_user(user)
            for field in FIELDS:
                with self.subTest(kind, field=field):
                    self.assertNotIn(field, partner.fields_get())
                    with self.assertRaises(AccessError):
                        partner.read([field])
                    with self.assertRaises(AccessError):
                        partner.search([(field, "!=", False)])
                    with self.assertRaises(AccessError):
                        partner._read_group([], [field], ["__count"])
                    with self.assertRaises(AccessError):
                        partner.search([(f"{field}.id", "!=", False)])
        orders = self.env["sale.order"].with_user(
            self.make_user(
                "none", login="plain", groups="sales_team.group_sale_manager"
            )
        )
        self.assertTrue(orders.search([]))
        for field in ("retention_tier_id", "retention_segment_id"):
            self.assertNotIn(field, orders.fields_get())
            with self.assertRaises(AccessError):
                orders.search([]).read([field])
            with self.assertRaises(AccessError):
                orders._read_group([], [field], ["__count"])
            with self.assertRaises(AccessError):
                orders.search([(field, "!=", False)])

    def test_badges_are_for_readers(self):
        for user, shown in (
            (self.users["none"], False),
            (self.seller, False),
            (self.users["manager"], True),
        ):
            partner = self.theirs.with_user(user)
            data = partner._compute_application_statistics_hook()[partner.id]
            badges = [each for each in data if "trophy" in each["iconClass"]]
            self.assertEqual(bool(badges), shown)

    def test_others_read_contacts_and_companies_as_before(self):
        """What we add must not refuse those who read all there is to a record."""
        for kind in ("none", "portal"):
            user = self.users[kind]
            for record in (user.partner_id, self.company):
                record = record.with_user(user)
                ours = [
                    name
                    for name in record.fields_get()
                    if record._fields[name]._module == "crm_retention"
                ]
                for name in ours:
                    with self.subTest(kind, model=record._name, field=name):
                        self.assertTrue(record.read([name]))


@tagged("post_install", "-at_install")
class TestPublicMethods(SecurityCommon):
    def public_methods(self):
        found = {}
        for name, cls in self.env.registry.items():
            for base in cls.mro():
                if not base.__module__.startswith("odoo.addons.crm_retention."):
                    continue
                for attribute, value in vars(base).items():
                    if attribute.startswith("_") or not isinstance(
                        value, types.FunctionType
                    ):
                        continue
                    try:
                        get_public_method(self.env[name], attribute)
                    except AccessError:
                        continue  # private by decorator, its own or its parent's
                    found.setdefault(name, set()).add(attribute)
        return found

    def test_the_list_is_complete(self):
        found = {
            model: names - STANDARD
            for model, names in self.public_methods().items()
            if names - STANDARD
        }
        self.maxDiff = None
        self.assertEqual(found, PUBLIC)

    def snapshot(self):
        self.env.flush_all()
        rows = []
        for table in (
            *("profile", "membership", "program", "tier", "run", "purchase"),
            *("touch", "event", "consent", "wish"),
            *("points_account", "points_entry", "points_award", "points_program"),
            *("reward", "reward_exchange", "referral", "benefit"),
            *("complaint_cause", "complaint_measure", "complaint_remedy"),
            *("alert", "risk", "play", "signal"),
        ):
            self.cr.execute(f"SELECT * FROM retention_{table} ORDER BY id")
            rows.append(self.cr.fetchall())
        return rows

    def test_called_by_a_salesperson_on_foreign_records(self):
        """Each refuses, or does nothing and tells nothing."""
        harmless = {
            ("retention.complaint.cause", "action_view_complaints"),
            ("retention.complaint.cause", "action_propose_measure"),  # an empty form
            ("res.partner", "action_view_retention_profile"),
            ("retention.profile", "action_override"),  # opens a dialog he cannot use
            ("retention.profile", "get_today"),
            ("retention.touch", "get_today_bar"),  # of his own day
            ("retention.touch.wizard", "action_apply"),  # finds no contact
            ("retention.mail.wizard", "action_send"),
            ("retention.profile", "do_first_step"),
            ("retention.program", "action_view_profiles"),
            ("retention.program", "action_view_waiting"),
            ("retention.segment", "action_view_profiles"),
            ("retention.tier", "action_view_profiles"),
            ("retention.purchase", "get_import_templates"),
            ("retention.event", "get_import_templates"),
            ("res.partner", "action_view_rhythms"),
            ("res.partner", "action_view_retention_alerts"),  # a list of nothing
            ("res.partner", "action_view_retention_risks"),
            ("res.partner", "action_view_points"),  # a list of nothing
            ("retention.points.program", "action_view_rewards"),
            ("retention.reward", "action_view_exchanges"),
            ("retention.opening.wizard", "action_back"),  # opens an empty dialog
            ("retention.contact.policy", "action_view_touches"),
            ("retention.alert", "get_empty"),  # of no customer
            ("retention.play", "action_view_alerts"),  # a list of nothing
            ("retention.signal", "action_view_alerts"),
            ("retention.signal", "action_view_lines"),
            ("retention.label.rule", "action_view_fitting"),  # of his own customers
            ("retention.label.rule", "action_view_history"),
            ("helpdesk.ticket", "action_retention_offer"),  # there is none
            ("res.partner", "action_log_retention_contact"),  # a dialog that refuses
        }
        secret = self.profile_of(self.theirs)
        before = self.snapshot()
        for model, names in PUBLIC.items():
            for name in names:
                record = self.foreign(model)
                call = getattr(record.with_user(self.seller), name)
                with self.subTest(model, method=name), mute_logger("odoo.sql_db"):
                    self.env.invalidate_all()
                    try:
                        with self.cr.savepoint():
                            result = call(*self.arguments(name))
                            self.env.flush_all()
                    except (AccessError, MissingError):
                        continue
                    except UserError:
                        result = None
                    self.assertIn((model, name), harmless)
                    text = str(result)
                    self.assertNotIn(str(secret.lifetime_revenue), text)
                    self.assertNotIn(self.theirs.name, text)
                self.assertEqual(self.snapshot(), before)

    def arguments(self, name):
        of_theirs = {"partner_id": self.theirs.id}
        row = of_theirs | {"date": "2024-01-01", "amount": 1, "reference": "X"}
        return {
            "load_purchases": [[row]],
            "load_events": [[row | {"kind": "use", "moment": "2024-01-01 10:00:00"}]],
            "log_contact": [of_theirs],
            "do_first_step": ["source"],
        }.get(name, [])

    def foreign(self, model):
        if model == "res.partner":
            return self.theirs
        if model in ("retention.contact.wizard", "retention.call.wizard"):
            return self.env[model].create({"partner_id": self.theirs.id})
        if model == "retention.override.wizard":
            return self.env[model].create(
                {
                    "profile_ids": [Command.set(self.profile_of(self.theirs).ids)],
                    "tier_id": self.program.tier_ids[0].id,
                    "until": self.today + timedelta(days=3),
                    "reason": "x",
                }
            )
        if model in PROFILE_DIALOGS:
            return self.profile_dialog(model)
        if model.startswith("retention.program.preview"):
            return self.preview(model)
        if model == "retention.pin.wizard":
            line = self.env["retention.cadence"].search([], limit=1)
            values = {"partner_id": self.theirs.id, "cadence_id": line.id}
            return self.env[model].create(values | {"interval_days": 9, "reason": "x"})
        if model == "retention.policy.preview":
            policy = self.env["retention.contact.policy"].search([], limit=1)
            return self.env[model].create({"policy_id": policy.id})
        if model in ("retention.policy.template.wizard", "retention.cluster.wizard"):
            return self.env[model].create({})
        if model in ("retention.touch.wizard", "retention.mail.wizard"):
            touches = self.env["retention.touch"].search(
                [("partner_id", "=", self.theirs.id)], limit=1
            )
            return self.env[model].create({"touch_ids": [Command.set(touches.ids)]})
        if model in OTHER_DIALOGS:
            return self.other_dialog(model)
        if model in POINTS_DIALOGS:
            return self.points_dialog(model)
        if model in ("retention.complaint.wizard", "retention.remedy.wizard"):
            ticket = self.env["helpdesk.ticket"].search(
                [("partner_id", "=", self.theirs.id)], limit=1
            )
            values = {"ticket_id": ticket.id, "reason": "x"}
            if model == "retention.complaint.wizard":
                values["what"] = "none"
            return self.env[model].create(values)
        domain = []
        if "partner_id" in self.env[model]._fields:
            domain = [("partner_id", "=", self.theirs.id)]
        return self.env[model].search(domain, limit=1)

    def profile_dialog(self, model):
        """Return a dialog about the foreign customer, or a choice of customers."""
        profile = self.profile_of(self.theirs)
        values = {
            "profile_id": profile.id,
            "profile_ids": [Command.set(profile.ids)],
            "partner_ids": [Command.set(self.theirs.ids)],
            "reason": "x",
        }
        known = self.env[model]._fields
        return self.env[model].create(
            {name: value for name, value in values.items() if name in known}
        )

    def preview(self, model):
        """Return a preview in which the foreign customer would move."""
        preview = self.env["retention.program.preview"].create(
            {"program_id": self.program.id}
        )
        if model == preview._name:
            return preview
        profile = self.profile_of(self.theirs)
        return self.env[model].create(
            {"preview_id": preview.id, "profile_id": profile.id}
        )

    def other_dialog(self, model):
        """Return a dialog about an alert of the foreign customer, or a mailing."""
        if model == "mailing.mailing":
            return self.env[model].create({"subject": "Theirs"})
        alerts = self.env["retention.alert"].search(
            [("partner_id", "=", self.theirs.id)]
        )
        values = {"alert_ids": [Command.set(alerts.ids)]}
        if model == "retention.alert.wizard":
            return self.env[model].create(values | {"kind": "false", "note": "x"})
        play = self.env["retention.play"].search([], limit=1)
        return self.env[model].create(values | {"play_id": play.id})

    def points_dialog(self, model):
        """Return a dialog that would move points of the foreign customer."""
        account = self.env["retention.points.account"].search(
            [("partner_id", "=", self.theirs.id)], limit=1
        )
        exchange = account.reward_exchange_ids[0]
        referral = self.env["retention.referral"].search(
            [("account_id", "=", account.id)], limit=1
        )
        why, whose = {"reason": "x"}, {"account_id": account.id}
        values = {
            "points.adjust": whose | why | {"number": 5},
            "points.reverse": {"entry_id": account.entry_ids[0].id} | why,
            "points.simulation": {"program_id": account.program_id.id},
            "points.extend": {
                "award_ids": [Command.set(account.award_ids.ids)],
                "until": self.today + timedelta(days=99),
            }
            | why,
            "exchange": whose | {"reward_id": exchange.reward_id.id},
            "exchange.cancel": {"exchange_id": exchange.id} | why,
            "referral": whose | {"friend_id": self.make_customers(1).id},
            "referral.review": {"referral_ids": [Command.set(referral.ids)]} | why,
            "opening": {"program_id": account.program_id.id},
        }
        name = model.removeprefix("retention.").removesuffix(".wizard")
        return self.env[model].create(values[name])

    def test_called_by_nobody_in_particular(self):
        """The same without any of our groups: all that reads or does is refused."""
        for kind in ("none", "portal", "public"):
            for model, names in PUBLIC.items():
                for name in names - {"get_import_templates"}:
                    record = self.foreign(model).with_user(self.users[kind])
                    with self.subTest(kind, model=model, method=name):
                        self.env.invalidate_all()
                        try:
                            result = getattr(record, name)(*self.arguments(name))
                        except (AccessError, UserError):
                            continue
                        self.assertIn(
                            name,
                            (
                                "action_back",
                                "action_override",
                                "action_view_exchanges",
                                "action_view_profiles",
                                "action_view_touches",
                            ),
                            result,
                        )


LEDGER = (
    "retention.points.account",
    "retention.points.entry",
    "retention.points.award",
    "retention.points.allocation",
    "retention.points.extension",
)


@tagged("post_install", "-at_install")
class TestLedgerByRpc(SecurityCommon):
    """Nobody changes, removes or makes points from outside, not even administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["admin"] = cls.env.ref("base.user_admin")
        cls.users["root"] = cls.env.ref("base.user_root")

    def call(self, user, model, method, *arguments):
        """Call as the web client and other programs do; return what came of it."""
        self.env.invalidate_all()
        try:
            with self.cr.savepoint(), mute_logger("odoo.sql_db"):
                call_kw(self.env[model].with_user(user), method, list(arguments), {})
                self.env.flush_all()
        except (AccessError, UserError, ValueError, AttributeError) as error:
            return error
        return None

    def test_orm_methods(self):
        before = self.snapshot()
        for model in LEDGER:
            record = self.env[model].search([], limit=1)
            values = self.get_values(model)
            for kind, user in self.users.items():
                for method, arguments in (
                    ("write", [record.ids, values]),
                    ("web_save", [record.ids, values, {}]),
                    ("unlink", [record.ids]),
                    ("create", [[values]]),
                    ("copy", [record.ids]),
                    ("load", [[".id", *values], [[str(record.id), *values.values()]]]),
                ):
                    with self.subTest(model, user=kind, method=method):
                        error = self.call(user, model, method, *arguments)
                        if method != "load":  # it tells its errors as a result
                            self.assertTrue(error)
                        self.assertEqual(self.snapshot(), before)

    def get_values(self, model):
        return {
            "retention.points.account": {"balance": 9999},
            "retention.points.award": {"remaining": 9999},
            "retention.points.extension": {"date_after": "2099-01-01"},
        }.get(model, {"points": 9999})

    def test_whole_records(self):
        """Also with everything that a row needs, nobody makes one."""
        before = self.snapshot()
        for model in LEDGER:
            row = self.env[model].search([], limit=1)
            [values] = row.read(
                [name for name, field in row._fields.items() if field.store]
            )
            values.pop("id")
            values = {
                name: value[0] if isinstance(value, tuple) else value
                for name, value in values.items()
            }
            for kind in ("manager", "admin", "root"):
                with self.subTest(model, user=kind):
                    error = self.call(self.users[kind], model, "create", [values])
                    self.assertTrue(error)
        self.assertEqual(self.snapshot(), before)

    def test_private_methods(self):
        """What posts cannot be named from outside."""
        account = self.env["retention.points.account"].search([], limit=1)
        for model in (*LEDGER, "retention.points.program", "retention.points.check"):
            names = [
                name
                for cls in type(self.env[model]).mro()
                if cls.__module__.startswith("odoo.addons.crm_retention.")
                for name, value in vars(cls).items()
                if isinstance(value, types.FunctionType) and name.startswith("_")
            ]
            for name in {*names, "init"}:
                with self.subTest(model, method=name):
                    with self.assertRaises(AccessError):
                        get_public_method(self.env[model], name)
        for name in ("_adjust", "_post", "_post_one", "_extend", "_open", "_release"):
            error = self.call(
                self.users["admin"], account._name, name, account.ids, 5, "x", "k"
            )
            self.assertIsInstance(error, AccessError)

    def test_dialogs(self):
        """Managers alone open them, and for customers of their own companies alone."""
        other = self.make_company()
        self.give(self.mine, other)
        foreign = self.env["retention.points.account"].search(
            [("company_id", "=", other.id)]
        )
        values = {"account_id": foreign.id, "number": 5, "reason": "x"}
        before = self.snapshot()
        wizards = self.env["retention.points.adjust.wizard"]
        for kind, user in self.users.items():
            if kind in ("admin", "root"):  # may, in all companies
                continue
            with self.subTest(kind):
                with self.assertRaises(AccessError):
                    wizards.with_user(user).create(values).action_apply()
                with self.assertRaises(AccessError):
                    wizards.with_user(user).onchange(
                        values, ["number"], dict.fromkeys((*values, "preview"), {})
                    )
        with self.assertRaises(AccessError):
            self.env["retention.points.simulation"].with_user(
                self.users["manager"]
            ).create({"program_id": foreign.program_id.id}).action_simulate()
        self.assertEqual(self.snapshot(), before)

    snapshot = TestPublicMethods.snapshot

"""Who may do what with everything that the addon keeps or shows."""

from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import GROUPS, RetentionCommon

OPERATIONS = ("read", "write", "create", "unlink")
READERS = dict.fromkeys(("user", "lead", "manager", "auditor"), "read")
RULES = READERS | {"manager": "read write create unlink"}
MANAGED = {"manager": "read write create unlink", "auditor": "read"}
LEADS = dict.fromkeys(("lead", "manager", "auditor"), "read")
# model → group → operations; who is not named may nothing
ALLOWED = {
    "retention.month": READERS,
    "retention.month.category": READERS,
    "retention.month.contact": READERS,
    "retention.mailing.reach": READERS,
    "retention.movement.report": READERS,
    "retention.revenue.report": READERS,
    "retention.points.report": READERS,
    # of all customers: for who sees them all
    "retention.points.day": {"manager": "read", "auditor": "read"},
    "retention.alert.report": READERS,
    "retention.satisfaction.report": LEADS,
    "retention.chat.report": LEADS,
    # agents of the helpdesk too, who are none of ours
    "retention.service.report": {"manager": "read", "auditor": "read"},
    "retention.kpi": READERS | {"manager": "read write"},
    "retention.kpi.target": RULES,
    "retention.kpi.value": READERS,
    "retention.review": MANAGED,
    "retention.review.line": MANAGED,
    # whose task a measure is says what came of it; whose it is says a rule
    "retention.review.measure": dict.fromkeys(READERS, "read write")
    | {"manager": "read write create unlink"},
    "retention.cost": LEADS | {"manager": "read write create unlink"},
    "retention.assumption": {"manager": "read create", "auditor": "read"},
    "retention.report.page": READERS,
    "retention.report.schedule": MANAGED,
    "retention.report.export": dict.fromkeys(READERS, "read write create unlink"),
}
# what is no company's own
SHARED = {"retention.kpi", "retention.report.page", "retention.report.export"}


@tagged("post_install", "-at_install")
class TestReportSecurity(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {kind: cls.make_user(kind) for kind in GROUPS}
        cls.rules = cls.env["ir.rule"].search([("model_id.model", "in", list(ALLOWED))])

    def test_every_model_is_in_the_table(self):
        ours = {
            name
            for name in self.env.registry
            if self.env[name]._original_module == "crm_retention_reports"
            and not self.env[name]._abstract
        }
        self.assertEqual(ours, set(ALLOWED))

    def test_operations_by_group(self):
        for model, allowed in ALLOWED.items():
            for kind, user in self.users.items():
                for operation in OPERATIONS:
                    expected = operation in allowed.get(kind, "").split()
                    with self.subTest(model=model, group=kind, operation=operation):
                        found = self.env[model].with_user(user).has_access(operation)
                        self.assertEqual(found, expected)

    def test_companies_have_their_own(self):
        for model in set(ALLOWED) - SHARED:
            with self.subTest(model=model):
                rules = self.rules.filtered(
                    lambda rule, name=model: (
                        rule.model_id.model == name
                        and not rule.groups
                        and "company_id" in rule.domain_force
                    )
                )
                self.assertEqual(len(rules), 1)

    def test_customers_have_their_readers(self):
        """What speaks of a customer is narrowed for users, and widened again."""
        for model in ALLOWED:
            if "partner_id" not in self.env[model]._fields:
                continue
            groups = self.rules.filtered(
                lambda rule, name=model: rule.model_id.model == name
            ).groups
            with self.subTest(model=model):
                for kind in ("user", "lead", "manager", "auditor"):
                    if kind in ALLOWED[model]:
                        self.assertIn(self.env.ref(GROUPS[kind]), groups)

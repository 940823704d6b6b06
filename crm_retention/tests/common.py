from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

TODAY = date(2024, 6, 15)  # the day that most tests look from
GROUPS = {
    "none": "base.group_user",
    "user": "crm_retention.group_retention_user",
    "lead": "crm_retention.group_retention_lead",
    "manager": "crm_retention.group_retention_manager",
    "auditor": "crm_retention.group_retention_auditor",
    "portal": "base.group_portal",
    "public": "base.group_public",
}


class RetentionCommon(BaseCommon):
    """Own customers, documents and users in the main company, which has accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.mark"].search([]).unlink()
        cls.env["retention.run"].search([]).unlink()  # of the day of installation
        cls.company.retention_revenue_source = "invoice"
        cls.company.resource_calendar_id.tz = "UTC"
        cls.program = cls.company.retention_program_ids
        cls.program.ensure_one()
        cls.Profile = cls.env["retention.profile"]
        cls.Membership = cls.env["retention.membership"]
        cls.Mark = cls.env["retention.mark"]
        cls.Run = cls.env["retention.run"]
        cls.product = cls.env["product.product"].create(
            {"name": "Service", "type": "service", "taxes_id": []}
        )
        cls._numbers = iter(range(10**9))

    # ---- making things -----------------------------------------------------------

    @classmethod
    def make_user(cls, kind, **values):
        groups = f"{GROUPS[kind]},{values.pop('groups', '')}".strip(",")
        return new_test_user(
            cls.env,
            login=values.pop("login", f"retention_{kind}"),
            groups=groups,
            email="user@example.com",
            **values,
        )

    @classmethod
    def make_customers(cls, count, **values):
        return cls.env["res.partner"].create(
            [{"name": f"Customer {n:04}", **values} for n in range(count)]
        )

    @classmethod
    def make_company(cls, name="Second Company", currency="EUR"):
        currency = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", currency)])
        )
        currency.active = True
        company = cls.env["res.company"].create(
            {"name": name, "currency_id": currency.id}
        )
        cls.env.user.company_ids |= company
        return company

    @classmethod
    def buy(cls, partner, *purchases, company=None, **values):
        """Load purchases, each a (day or days before TODAY, amount)."""
        company = company or cls.company
        return cls.env["retention.purchase"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "date": cls.day(when),
                    "amount": amount,
                    "reference": f"T-{next(cls._numbers)}",
                    **values,
                }
                for when, amount in purchases
            ]
        )

    @classmethod
    def day(cls, when):
        return when if isinstance(when, date) else TODAY - timedelta(days=when)

    @classmethod
    def invoice(cls, partner, when, amount, post=True, **values):
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": cls.day(when),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def order(cls, partner, moment, amount, confirm=True, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        order.date_order = moment
        return order

    # ---- running -----------------------------------------------------------------

    @classmethod
    def run_pass(cls, kind="full", as_of=TODAY, company=None, steps=None):
        """Plan a pass, or only these steps of it, and work it off in this transaction.

        :return: its runs.
        """
        runs = cls.Run._plan(company or cls.company, kind, as_of)
        if steps:
            idle = runs.filtered(lambda run: run.step not in steps)
            idle.unlink()
            runs -= idle
        runs._execute()
        cls.env.invalidate_all()
        return runs

    @classmethod
    def profile_of(cls, partner, company=None):
        return cls.Profile.with_context(active_test=False).search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def history_of(cls, partner, company=None):
        """Return the memberships of a customer, oldest first."""
        return cls.Membership.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ],
            order="date_from, id",
        )

    @classmethod
    def rows_of(cls, table, columns, company=None):
        """Return the stored columns of every row of one company, by customer."""
        cls.env.flush_all()
        cls.env.cr.execute(
            f"SELECT partner_id, {', '.join(columns)} FROM {table}"
            " WHERE company_id = %s ORDER BY partner_id",
            [(company or cls.company).id],
        )
        return cls.env.cr.fetchall()

    @classmethod
    def marked(cls, company=None):
        """Return the contacts marked to be judged again, and forget the marks."""
        cls.Mark.flush_model()
        marks = cls.Mark.search([("company_id", "=", (company or cls.company).id)])
        partners = marks.partner_id.commercial_partner_id
        cls.Mark.search([]).unlink()
        return partners

    @classmethod
    def set_metric(cls, metric, thresholds, **values):
        """Give the program another metric and its limited tiers these thresholds."""
        limited = cls.program.tier_ids.filtered(lambda tier: not tier.is_floor)
        cls.program.write(
            {
                "metric": metric,
                "tier_ids": [
                    Command.update(tier.id, {"threshold": threshold})
                    for tier, threshold in zip(limited, thresholds, strict=True)
                ],
                **values,
            }
        )

    def tier(self, name):
        return self.program.tier_ids.filtered(lambda tier: tier.name == name)

"""Companies side by side, and the addon coming and going."""

import os
import subprocess
import sys
from datetime import date, timedelta

import psycopg2

from odoo.tests import new_test_user

from .common import AcrossCase
from .test_crash import scratch_copy

DAY = date(2024, 6, 15)
# per dollar, on the day of the purchase
RATES = {"JPY": 150, "KWD": 0.3, "EUR": 0.8}


class TestCurrencies(AcrossCase):
    """The same purchases judged by companies that reckon in other currencies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currencies = cls.env["res.currency"].with_context(active_test=False)
        cls.currencies = {
            name: currencies.search([("name", "=", name)])
            for name in ("USD", "JPY", "KWD", "EUR")
        }
        for currency in cls.currencies.values():
            currency.active = True
        cls.companies = cls.env["res.company"].create(
            [
                {"name": f"Company {name}", "currency_id": currency.id}
                for name, currency in cls.currencies.items()
                if name != "EUR"
            ]
        )
        cls.env.user.company_ids |= cls.companies
        cls.env["res.currency.rate"].search([]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "currency_id": cls.currencies[name].id,
                    "rate": rate * factor,
                    "company_id": company.id,
                }
                for company in cls.companies
                for name, rate in [*RATES.items(), ("USD", 1)]
                if cls.currencies[name] != company.currency_id or name != "USD"
                for day, factor in ((date(2024, 1, 1), 1), (date(2024, 7, 1), 3))
            ]
        )
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Everywhere {n}"} for n in range(8)]
        )
        for company in cls.companies:
            cls.env["retention.purchase"].with_company(company).create(
                [
                    {
                        "partner_id": customer.id,
                        "date": DAY - timedelta(days=n),
                        "amount": 1201.2 + 100 * n,
                        "currency_id": cls.currencies["EUR"].id,
                        "reference": f"E-{n}",
                    }
                    for n, customer in enumerate(cls.customers)
                ]
            )
            cls.run_pass("full", DAY, company)

    def profile(self, customer, company):
        return self.env["retention.profile"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", company.id)]
        )

    def test_each_company_reckons_in_its_currency(self):
        for company, digits in zip(self.companies, (2, 0, 3), strict=True):
            name = company.currency_id.name
            rate = RATES.get(name, 1) / RATES["EUR"]
            for n, customer in enumerate(self.customers):
                profile = self.profile(customer, company)
                self.assertEqual(profile.currency_id.name, name)
                self.assertAlmostEqual(
                    profile.window_revenue,
                    round((1201.2 + 100 * n) * rate, digits),
                    places=digits or 1,
                )

    def test_the_same_order_of_customers_everywhere(self):
        scores = [
            [self.profile(customer, company).rfm_text for customer in self.customers]
            for company in self.companies
        ]
        self.assertEqual(scores[0], scores[1])
        self.assertEqual(scores[0], scores[2])
        self.assertGreater(len(set(scores[0])), 3)

    def test_tiers_and_memberships_are_each_company_s_own(self):
        for company in self.companies:
            profiles = self.env["retention.profile"].search(
                [("company_id", "=", company.id)]
            )
            self.assertEqual(profiles.tier_id.company_id, company)
            self.assertEqual(profiles.program_id.company_id, company)
            self.assertEqual(len(profiles), len(self.customers))
        rows = self.env["retention.membership"].search([])
        self.assertEqual(len(rows), len(self.customers) * len(self.companies))

    def test_a_manager_of_one_sees_one(self):
        manager = new_test_user(
            self.env,
            login="one_company",
            groups="crm_retention.group_retention_manager",
            company_id=self.companies[0].id,
            company_ids=[(6, 0, self.companies[0].ids)],
        )
        for model in ("profile", "membership", "transaction", "purchase", "tier"):
            records = self.env[f"retention.{model}"].with_user(manager).search([])
            self.assertEqual(records.sudo().company_id, self.companies[0], model)

    def test_one_company_judged_does_not_touch_the_others(self):
        before = self.rows()
        self.env["retention.purchase"].with_company(self.companies[0]).create(
            {
                "partner_id": self.customers[0].id,
                "date": DAY,
                "amount": 10**6,
                "reference": "ONE",
            }
        )
        self.run_pass("light", DAY, self.companies[0])
        after = self.rows()
        self.assertNotEqual(before.pop(self.companies[0]), after.pop(self.companies[0]))
        self.assertEqual(before, after)

    def rows(self):
        self.env.invalidate_all()
        return {
            company: self.env["retention.profile"]
            .search([("company_id", "=", company.id)], order="id")
            .mapped(lambda row: (row.lifetime_revenue, row.rfm_text, row.changed_at))
            for company in self.companies
        }


SCRIPT = """
addon = env["ir.module.module"].search([("name", "=", "{addon}")])
getattr(addon, "{method}")()
env.cr.commit()
"""


# a customer whose tier has set a pricelist on him
SET_PRICELIST = """
lists = env["product.pricelist"].create(
    [{"name": name, "company_id": False} for name in ("Own before", "Of the tier")]
)
customer = env["res.partner"].create({"name": "With a pricelist"})
customer.specific_property_product_pricelist = lists[0]
tier = env.company.retention_program_ids[:1].tier_ids[:1]
tier.pricelist_id = lists[1]
env["retention.profile"].create(
    {"partner_id": customer.id, "company_id": env.company.id, "tier_id": tier.id}
)
env["retention.benefit"]._apply(env.company, env.company._retention_today())
assert customer.specific_property_product_pricelist == lists[1]
env.cr.commit()
"""
WHICH_PRICELIST = """
SELECT list.name ->> 'en_US'
  FROM res_partner, jsonb_each_text(specific_property_product_pricelist) kept
  JOIN product_pricelist list ON list.id = kept.value::integer
 WHERE res_partner.name = 'With a pricelist'
"""


def shell(database, method=None, script=SCRIPT, addon="crm_retention"):
    line = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--no-http"]
    line += ["-c", os.environ["CRM_RETENTION_CONF"], "-d", database]
    done = subprocess.run(
        [*line, "--log-level=error"],
        input=script.format(method=method, addon=addon) if method else script,
        capture_output=True,
        text=True,
        timeout=400,
    )
    trouble = [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if " ERROR " in line or "Traceback" in line
    ]
    assert done.returncode == 0 and not trouble, done.stderr[-5000:]


def what_is_ours(database):
    """Return everything in a database that bears our name."""
    queries = (
        "SELECT relname FROM pg_class WHERE relname LIKE '%retention%'",
        "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE column_name LIKE '%retention%'",
        "SELECT conname FROM pg_constraint WHERE conname LIKE '%retention%'",
        "SELECT model FROM ir_model WHERE model LIKE 'retention.%'",
        "SELECT model || '.' || name FROM ir_model_fields"
        " WHERE name LIKE 'retention%' OR model LIKE 'retention.%'",
        "SELECT name FROM ir_act_server WHERE name::text ILIKE '%retention%'",
        "SELECT cron_name FROM ir_cron WHERE cron_name ILIKE '%retention%'",
        "SELECT name::text FROM res_groups WHERE name::text ILIKE '%own customers%'",
        "SELECT module || '.' || name FROM ir_model_data"
        " WHERE module LIKE 'crm_retention%'",
        "SELECT name::text FROM ir_ui_menu WHERE name::text ILIKE '%retention%'",
    )
    return ask(database, *queries)


def ask(database, *queries):
    """Return the first column of every row that the queries find."""
    connection = psycopg2.connect(dbname=database)
    try:
        with connection.cursor() as cursor:
            found = []
            for query in queries:
                cursor.execute(query)
                found += [row[0] for row in cursor.fetchall()]
            return found
    finally:
        connection.close()


def test_uninstalled_without_a_trace_and_back_again():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        assert len(what_is_ours(database)) > 100
        shell(database, script=SET_PRICELIST)
        shell(database, "button_immediate_uninstall")
        assert what_is_ours(database) == []
        assert ask(database, WHICH_PRICELIST) == ["Own before"]
        shell(database, "button_immediate_install")
        assert len(what_is_ours(database)) > 100


# what the reports have of their own, and one row of everything that people enter
USE_REPORTS = """
company = env.company
customer = env["res.partner"].create({"name": "Measured"})
env["retention.purchase"].create(
    {"partner_id": customer.id, "company_id": company.id, "date": "2024-01-05",
     "amount": 10, "reference": "R-1"}
)
env["retention.run"]._plan(company, "full", company._retention_today())._execute()
assert env["retention.month"].search_count([])
env["retention.cost"].create(
    {"name": "Calls", "kind": "contact", "amount": 1,
     "channel_id": env.ref("crm_retention.channel_phone").id}
)
env.cr.commit()
"""
PASS = """
runs = env["retention.run"]
runs |= runs._plan(env.company, "full", env.company._retention_today())
runs._execute()
assert set(runs.mapped("state")) == {"done"}
assert "measure" not in runs.mapped("step")
"""


def first_addon(database):
    """Return what the first addon has: its records' names, tables, columns, rows."""
    tables = ask(
        database,
        "SELECT replace(m.model, '.', '_') FROM ir_model m JOIN ir_model_data d"
        " ON d.model = 'ir.model' AND d.res_id = m.id AND d.module = 'crm_retention'"
        " WHERE m.model LIKE 'retention.%'"
        " AND to_regclass(replace(m.model, '.', '_')) IS NOT NULL ORDER BY 1",
    )
    own = "WHERE step <> 'measure'"
    return (
        ask(
            database,
            "SELECT name FROM ir_model_data WHERE module = 'crm_retention' ORDER BY 1",
            "SELECT table_name || '.' || column_name || ' ' || data_type"
            f" FROM information_schema.columns WHERE table_name = ANY(ARRAY{tables})"
            " ORDER BY 1",
        ),
        {
            table: ask(
                database,
                f"SELECT md5(COALESCE(string_agg(t::text, '|' ORDER BY id), ''))"
                f" FROM {table} t {own if table == 'retention_run' else ''}",
            )
            for table in tables
        },
    )


def test_reports_leave_the_first_addon_as_it_was():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        shell(database, script=USE_REPORTS)
        before = first_addon(database)
        assert len(before[1]) > 50
        reports = {"addon": "crm_retention_reports"}
        shell(database, "button_immediate_uninstall", **reports)
        assert not ask(
            database,
            "SELECT name FROM ir_model_data WHERE module = 'crm_retention_reports'",
            "SELECT relname FROM pg_class WHERE relname LIKE 'retention_month%'",
            "SELECT step FROM retention_run WHERE step = 'measure'",
        )
        assert first_addon(database) == before
        shell(database, script=PASS)
        shell(database, "button_immediate_install", **reports)
        assert ask(database, "SELECT count(*) FROM retention_month") > [0]

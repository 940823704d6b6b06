"""Purchase histories for comparison with pandas: a real one, and a made-up company."""

import random
from datetime import date, timedelta

import pandas

from odoo.addons.crm_retention.tests import cdnow
from odoo.addons.crm_retention.tests.common import RetentionCommon

BEGIN, END = date(2021, 1, 1), date(2024, 6, 15)  # of the made-up company


def music_shop():
    """Return the purchases of CDNOW: one row a customer and day."""
    rows = [
        (customer, day, round(amount, 2))
        for customer, days in cdnow.purchases().items()
        for day, amount in days.items()
    ]
    return as_frame(rows)


def made_up(customers=150, seed=7):
    """Return purchases and refunds of customers of many rhythms over 42 months."""
    chance = random.Random(seed)
    rows = []
    for place in range(customers):
        rhythm = chance.choice((15, 40, 90, 200, 430))
        day = BEGIN + timedelta(days=chance.randrange(1_200))
        until = END if chance.random() < 0.6 else day + timedelta(days=500)
        while day <= min(until, END):
            amount = round(chance.lognormvariate(4, 1), 2)
            rows.append((f"made up {place}", day, amount))
            if chance.random() < 0.08:
                later = day + timedelta(days=chance.randrange(120))
                rows.append((f"made up {place}", later, -amount))
            day += timedelta(days=1 + int(chance.expovariate(1 / rhythm)))
    return as_frame([row for row in rows if row[1] <= END])


def as_frame(rows):
    """Return a frame with the number of the month of each purchase."""
    frame = pandas.DataFrame(rows, columns=["customer", "day", "amount"])
    frame["month"] = [12 * day.year + day.month - 1 for day in frame["day"]]
    return frame


class HistoryCommon(RetentionCommon):
    """Loads a frame of purchases, and has the months counted as a night does."""

    @classmethod
    def load(cls, frame, as_of, company=None):
        """Load purchases; return ``{name: contact's id}``."""
        company = company or cls.company
        names = sorted(frame["customer"].unique())
        cls.env.cr.execute(
            """INSERT INTO res_partner (name, complete_name, ref, active, type,
                                        autopost_bills)
               SELECT name, name, name, TRUE, 'contact', 'ask' FROM unnest(%s) name;
               UPDATE res_partner SET commercial_partner_id = id WHERE ref = ANY(%s)
               RETURNING ref, id""",
            [names, names],
        )
        ids = dict(cls.env.cr.fetchall())
        cls.env.cr.execute(
            """INSERT INTO retention_purchase (partner_id, date, amount, amount_company,
                                               reference, company_id, currency_id)
               SELECT partner_id, day, amount, amount,
                      %s || row_number() OVER (), %s, %s
                 FROM unnest(%s, %s, %s) AS bought (partner_id, day, amount)""",
            [
                f"{company.id}-",
                company.id,
                company.currency_id.id,
                [ids[name] for name in frame["customer"]],
                frame["day"].tolist(),
                frame["amount"].tolist(),
            ],
        )
        cls.count_months(as_of, company)
        return ids

    @classmethod
    def count_months(cls, as_of, company=None):
        cls.env.invalidate_all()
        cls.run_pass("full", as_of, company, steps=("score", "measure"))

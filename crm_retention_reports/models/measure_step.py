from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .month_sql import COUNTS, KEYS, MonthSQL, replace_rows

BATCH = 5_000  # customers a transaction
VALUES = ("first_month", *COUNTS, "revenue", "gap_before", "gap_after", "tier_id")


class RetentionMonth(models.Model):
    """The measure step: the months of everybody of whom something changed."""

    _inherit = "retention.month"

    @api.model
    def _step_measure(self, run):
        """Count the months of one batch of customers anew, where it is due.

        Due are, at night, customers whose months do not say what their profile and
        their contacts say; every week everybody. A pass over marked customers during
        the day leaves the months alone: the reports are as of the evening before.

        :return: (customers counted, rows changed, next cursor or None at the end).
        """
        if run.kind == "light":
            return 0, 0, None
        after = (run.cursor or {}).get("after", 0)
        last = self._get_end_of_batch(run.company_id, after)
        if not last:
            return 0, 0, None
        ids = self._get_due(run, after, last)
        changed = self._measure(run.company_id, ids, run.as_of) if ids else 0
        return len(ids), changed, {"after": last}

    @api.model
    def _get_end_of_batch(self, company, after):
        [(last,)] = self.env.execute_query(
            SQL(
                """SELECT max(partner_id) FROM (
                     SELECT partner_id FROM retention_profile
                      WHERE company_id = %s AND partner_id > %s
                      ORDER BY partner_id LIMIT %s) batch""",
                company.id,
                after,
                BATCH,
            )
        )
        return last

    @api.model
    def _get_due(self, run, after, last):
        """Return the ids of the customers of this batch who are counted anew."""
        self.env.flush_all()
        since = run._get_last_start(("night", "full"))
        due = SQL("TRUE")
        if run.kind == "night" and since:
            due = self._is_due(run, since - timedelta(hours=1))
        rows = self.env.execute_query(
            SQL(
                """SELECT profile.partner_id FROM retention_profile profile
                    WHERE profile.company_id = %s AND profile.partner_id > %s
                      AND profile.partner_id <= %s AND %s""",
                run.company_id.id,
                after,
                last,
                due,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _is_due(self, run, since):
        """Return the condition that something of ``profile`` changed since then.

        Purchases are compared with what is kept, so that what was dated back, merged or
        cancelled is found whoever did it; contacts, complaints, objections and tiers by
        when they were written. A purchase moved between two months in the middle is
        found by the weekly pass over everybody.
        """
        return SQL(
            """
            ((SELECT COALESCE(sum(kept.purchases), 0) <> profile.purchase_count
                       OR abs(COALESCE(sum(kept.revenue), 0) - profile.lifetime_revenue)
                          > count(*) * %(unit)s
                       OR %(first)s IS DISTINCT FROM %(first_kept)s
                       OR %(last)s IS DISTINCT FROM %(last_kept)s
                FROM retention_month kept WHERE kept.profile_id = profile.id)
             OR EXISTS (SELECT FROM retention_touch touch
                  WHERE touch.partner_id = profile.partner_id
                    AND touch.company_id = profile.company_id
                    AND touch.write_date >= %(since)s)
             OR EXISTS (SELECT FROM retention_membership held
                  WHERE held.partner_id = profile.partner_id
                    AND held.company_id = profile.company_id
                    AND held.write_date >= %(since)s)
             OR EXISTS (SELECT FROM retention_consent said
                  WHERE said.partner_id = profile.partner_id
                    AND said.company_id = profile.company_id
                    AND said.write_date >= %(since)s)
             OR profile.partner_id IN (
                  SELECT person.commercial_partner_id FROM helpdesk_ticket ticket
                    JOIN res_partner person ON person.id = ticket.partner_id
                   WHERE ticket.company_id = %(company)s
                     AND ticket.write_date >= %(since)s))
            """,
            since=since,
            company=run.company_id.id,
            # what rounding each month may make
            unit=run.company_id.currency_id.rounding,
            first=_month_of(SQL("profile.first_purchase")),
            first_kept=_kept_month(SQL("min")),
            last=_month_of(SQL("profile.last_purchase")),
            last_kept=_kept_month(SQL("max")),
        )

    @api.model
    def _measure(self, company, customer_ids, as_of):
        """Make the tables of months of these customers right; return rows changed.

        For addons and files that keep more by month: extend, and add your rows.
        """
        self.env.flush_all()
        fresh = MonthSQL(company, as_of, customer_ids).months()
        [(changed,)] = self.env.execute_query(
            replace_rows(self._table, KEYS, VALUES, fresh, customer_ids, company)
        )
        self.invalidate_model()
        return changed


def _month_of(day) -> SQL:
    return SQL("date_trunc('month', %s)::date", day)


def _kept_month(which) -> SQL:
    """Return the first or last month of ``kept`` with a purchase."""
    return SQL("%s(kept.month) FILTER (WHERE kept.purchases > 0)", which)

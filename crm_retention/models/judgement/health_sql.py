"""What the predict step reads of customers: five kinds of facts, a query each."""

from datetime import timedelta

from odoo.tools import SQL

from ...tools import health
from ..facts.retention_touch import ANSWERS
from ..running.columns_sql import array
from .score_columns import columns

TALKED = (*ANSWERS, "reached")  # outcomes that mean the customer said something
# what the step decides; one tuple per customer, in this order
FORECAST = {
    "purchase_days": "int4",
    "quiet_risk": "int4",
    "expected_purchases": "float8",
    "purchase_value": "float8",
    "year_value": "float8",
}
HEALTH = {
    "health": "int4",
    "health_known": "int4",
    "health_band": "varchar",
    **{f"health_{name}": "int4" for name in health.PARTS},
}
DECIDED = FORECAST | HEALTH
DATES = {"forecast_on": "date", "health_on": "date"}
READ = (
    "id",
    "partner_id",
    "first_purchase",
    "last_purchase",
    "purchase_count",
    "is_prospect",
    *DATES,
)


class HealthSQL:
    """Builds the queries about the customers of one company on one day.

    Each answers one row a customer, with ``partner_id`` and fields of
    :class:`health.Facts`; who has nothing of the kind is not among them.
    """

    def __init__(self, company, as_of):
        self.company = company
        self.as_of = as_of
        self.zone = company.resource_calendar_id.tz or "UTC"
        _begin, self.end = company._retention_day_bounds(as_of, as_of)

    def _ago(self, days):
        """Return the moment ``days`` before the end of the day."""
        return self.end - timedelta(days=days)

    def profiles(self, ids):
        """What is known already; figures as the step computes them."""
        known = SQL(", ").join(
            SQL("profile.%s::%s", SQL.identifier(name), SQL(kind))
            for name, kind in DECIDED.items()
        )
        return SQL(
            """
            SELECT %s, profile.purchase_interval::float8, %s
              FROM retention_profile profile
              JOIN res_partner customer ON customer.id = profile.partner_id
               AND customer.retention_no_profiling IS NOT TRUE
             WHERE profile.company_id = %s AND profile.partner_id = ANY(%s)
             ORDER BY profile.partner_id
            """,
            columns(READ, "profile"),
            known,
            self.company.id,
            array(ids, "int4"),
        )

    def touches(self, ids):
        responded = SQL("(direction = 'in' OR outcome IN %s)", TALKED)
        ours = SQL(  # also those who were not reached: they did not answer
            "is_bulk IS NOT TRUE AND direction = 'out' AND category <> 'transactional'"
            " AND done_at >= %s",
            self._ago(health.HALF),
        )
        return SQL(
            """
            SELECT partner_id,
                   (max(done_at) FILTER (WHERE %(responded)s)
                     AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS answered_on,
                   count(*) FILTER (WHERE %(ours)s) AS contacts,
                   count(*) FILTER (WHERE %(ours)s AND %(responded)s) AS answers
              FROM retention_touch
             WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
               AND state = 'done' AND done_at < %(end)s AND origin <> 'order'
             GROUP BY partner_id
            """,
            responded=responded,
            zone=self.zone,
            ours=ours,
            ids=array(ids, "int4"),
            company=self.company.id,
            end=self.end,
        )

    def tickets(self, ids):
        """Open is what was not closed on the day, or has been closed since."""
        is_open = SQL(
            "(NOT COALESCE(retention_is_closed, FALSE)"
            " OR retention_last_closed_at >= %s)",
            self.end,
        )
        complaint = SQL("retention_kind = 'complaint'")
        recent = SQL(
            "(retention_received_at >= %s OR %s)", self._ago(health.HALF), is_open
        )
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, count(*) AS tickets,
                   count(*) FILTER (WHERE %(complaint)s AND %(recent)s) AS complaints,
                   count(*) FILTER (WHERE %(complaint)s AND %(open)s)
                     AS open_complaints,
                   count(*) FILTER (WHERE %(complaint)s AND %(recent)s
                     AND retention_reopened_at < %(end)s) AS reopened
              FROM helpdesk_ticket
             WHERE commercial_partner_id = ANY(%(ids)s) AND company_id = %(company)s
               AND active AND duplicate_id IS NULL
               AND retention_received_at < %(end)s
               AND (retention_received_at >= %(year)s OR %(open)s)
             GROUP BY commercial_partner_id
            """,
            complaint=complaint,
            recent=recent,
            open=is_open,
            ids=array(ids, "int4"),
            company=self.company.id,
            end=self.end,
            year=self._ago(health.YEAR),
        )

    def feedback(self, ids):
        return SQL(
            """
            SELECT partner_id,
                   (array_agg(grade ORDER BY answered_at DESC, id DESC))[1:3] AS grades
              FROM retention_feedback
             WHERE partner_id = ANY(%s) AND company_id = %s AND state = 'answered'
               AND grade IS NOT NULL AND answered_at < %s AND answered_at >= %s
             GROUP BY partner_id
            """,
            array(ids, "int4"),
            self.company.id,
            self.end,
            self._ago(health.YEAR),
        )

    def invoices(self, ids):
        """What is unpaid now: Odoo does not keep what was unpaid on another day."""
        late = SQL("amount_residual > 0 AND invoice_date_due < %s", self.as_of)
        year = self.as_of - timedelta(days=health.YEAR)
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id,
                   count(*) FILTER (WHERE invoice_date > %(year)s) AS invoices,
                   count(*) FILTER (WHERE %(late)s) AS overdue,
                   min(invoice_date_due) FILTER (WHERE %(late)s) AS overdue_since
              FROM account_move
             WHERE commercial_partner_id = ANY(%(ids)s) AND company_id = %(company)s
               AND state = 'posted' AND move_type = 'out_invoice'
               AND invoice_date <= %(as_of)s
               AND (invoice_date > %(year)s OR %(late)s)
             GROUP BY commercial_partner_id
            """,
            late=late,
            year=year,
            ids=array(ids, "int4"),
            company=self.company.id,
            as_of=self.as_of,
        )

    def events(self, ids):
        recent = SQL("moment >= %s", self._ago(health.QUARTER))
        return SQL(
            """
            SELECT partner_id, count(*) FILTER (WHERE %(recent)s) AS used,
                   count(*) FILTER (WHERE NOT %(recent)s) AS used_before,
                   (max(moment) AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                     AS used_on
              FROM retention_event
             WHERE partner_id = ANY(%(ids)s) AND company_id = %(company)s
               AND moment < %(end)s AND moment >= %(half)s
             GROUP BY partner_id
            """,
            recent=recent,
            zone=self.zone,
            ids=array(ids, "int4"),
            company=self.company.id,
            end=self.end,
            half=self._ago(2 * health.QUARTER),
        )

    # ---- who is to be judged, and how it is written --------------------------------

    def waiting(self, changed, after, limit):
        """Return the query of the next customers; ``changed`` is SQL on ``profile``."""
        return SQL(
            """
            SELECT profile.partner_id FROM retention_profile profile
             WHERE profile.company_id = %s AND profile.partner_id > %s AND %s
             ORDER BY profile.partner_id LIMIT %s
            """,
            self.company.id,
            after,
            changed,
            limit,
        )

    def changed(self, since, invoices_since):
        """Return the condition on ``profile``: something happened from ``since`` on.

        :param invoices_since: payments and due dates from then on; None: they are
            not looked at, which is done once a night only.
        """
        sources = [
            SQL(
                """SELECT partner_id FROM retention_touch
                    WHERE company_id = %s AND write_date >= %s
                      AND state IN ('done', 'dropped')""",
                self.company.id,
                since,
            ),
            SQL(
                """SELECT commercial_partner_id FROM helpdesk_ticket
                    WHERE company_id = %s AND write_date >= %s""",
                self.company.id,
                since,
            ),
            *(
                SQL(
                    "SELECT partner_id FROM %s WHERE company_id = %s"
                    " AND write_date >= %s",
                    SQL.identifier(table),
                    self.company.id,
                    since,
                )
                for table in ("retention_event", "retention_feedback")
            ),
        ]
        if invoices_since:
            sources.append(self._invoices_changed(invoices_since))
        return SQL(
            "(profile.changed_at >= %s OR profile.partner_id IN (%s))",
            since,
            SQL(" UNION ALL ").join(sources),
        )

    def _invoices_changed(self, since):
        """Paid or made since then, or so late today that it costs more points."""
        first = since.date()
        due = [
            self.as_of - timedelta(days=days + 1 + back)
            for days, _points in health.OVERDUE
            for back in range((self.as_of - first).days + 1)
        ]
        return SQL(
            """SELECT commercial_partner_id FROM account_move
                WHERE company_id = %s AND move_type = 'out_invoice'
                  AND state IN ('posted', 'cancel', 'draft')
                  AND commercial_partner_id IS NOT NULL
                  AND (write_date >= %s
                       OR amount_residual > 0 AND invoice_date_due = ANY(%s))""",
            self.company.id,
            since,
            due,
        )

"""The SQL that counts what customers did, month by month."""

from odoo.tools import SQL

from odoo.addons.crm_retention.models.facts.retention_touch import ANSWERS

KEYS = ("profile_id", "partner_id", "company_id", "month")
COUNTS = ("purchases", "contacts", "answers", "mailings", "complaints", "objections")
# a mailing that was answered is still a mailing; a purchase is no contact
ANSWERED = SQL("(touch.direction = 'in' OR touch.outcome = ANY(%s))", list(ANSWERS))
PERSONAL = SQL("(touch.is_real AND touch.origin <> 'order')")


class MonthSQL:
    """Builds the select of the months of some customers of one company.

    :param as_of: the last day that counts.
    :param customer_ids: the customers.
    """

    def __init__(self, company, as_of, customer_ids):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self.among = SQL("= ANY(%s)", list(customer_ids))
        _begin, self.until = company._retention_day_bounds(as_of, as_of)

    def month_of(self, moment) -> SQL:
        """Return the first day of the month of a moment, by the company's clock."""
        return SQL(
            "date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            self.company.resource_calendar_id.tz or "UTC",
        )

    def months(self) -> SQL:
        """Return one row a customer and month, all columns of the table."""
        return SQL(
            """
            WITH counted AS MATERIALIZED (
                SELECT partner_id, month, %(counts)s, sum(revenue) AS revenue
                  FROM (%(events)s) event GROUP BY partner_id, month),
            bought AS (
                SELECT partner_id, month,
                       min(month) OVER mine AS first_month,
                       COALESCE(%(before)s, 0) AS gap_before,
                       COALESCE(%(after)s, 0) AS gap_after
                  FROM counted WHERE purchases > 0
                WINDOW mine AS (PARTITION BY partner_id),
                       own AS (PARTITION BY partner_id ORDER BY month))
            SELECT profile.id AS profile_id, profile.partner_id, profile.company_id,
                   counted.month, born.first_month, %(sums)s,
                   round(COALESCE(counted.revenue, 0), %(places)s) AS revenue,
                   bought.gap_before, bought.gap_after, %(tier)s AS tier_id
              FROM counted
              JOIN retention_profile profile
                ON profile.partner_id = counted.partner_id
               AND profile.company_id = %(company)s
              LEFT JOIN bought ON bought.partner_id = counted.partner_id
               AND bought.month = counted.month
              LEFT JOIN (SELECT DISTINCT partner_id, first_month FROM bought) born
                ON born.partner_id = counted.partner_id
            """,
            counts=SQL(", ").join(
                SQL("sum(%(name)s)::integer AS %(name)s", name=SQL.identifier(name))
                for name in COUNTS
            ),
            sums=SQL(", ").join(
                SQL("COALESCE(%(name)s, 0) AS %(name)s", name=SQL.identifier(name))
                for name in COUNTS
            ),
            events=self._events(),
            before=_months_between(SQL("lag(month) OVER own"), SQL("month")),
            after=_months_between(SQL("month"), SQL("lead(month) OVER own")),
            places=self.company.currency_id.decimal_places,
            tier=self._tier(),
            company=self.company.id,
        )

    def _events(self) -> SQL:
        """Return the rows that are summed: (partner, month, counts, revenue)."""
        selects = (
            self._purchases(),
            self._contacts(),
            self._complaints(),
            self._objections(),
        )
        return SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects)

    def _purchases(self) -> SQL:
        return SQL(
            """
            SELECT doc.partner_id, date_trunc('month', doc.date)::date AS month,
                   (doc.amount > 0)::integer AS purchases, 0 AS contacts,
                   0 AS answers, 0 AS mailings, 0 AS complaints, 0 AS objections,
                   doc.amount AS revenue
              FROM (%s) doc
             WHERE doc.company_id = %s AND doc.date <= %s AND doc.partner_id %s
            """,
            self.env["retention.transaction"]._table_query,
            self.company.id,
            self.as_of,
            self.among,
        )

    def _contacts(self) -> SQL:
        return SQL(
            """
            SELECT touch.partner_id, %(month)s, 0, %(personal)s::integer,
                   (%(personal)s AND %(answered)s)::integer,
                   touch.is_bulk::integer, 0, 0, 0
              FROM retention_touch touch
             WHERE touch.state = 'done' AND touch.company_id = %(company)s
               AND touch.done_at < %(until)s AND touch.partner_id %(among)s
               AND (touch.is_bulk OR %(personal)s)
            """,
            month=self.month_of(SQL("touch.done_at")),
            personal=PERSONAL,
            answered=ANSWERED,
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _complaints(self) -> SQL:
        return SQL(
            """
            SELECT person.commercial_partner_id, %(month)s, 0, 0, 0, 0, 1, 0, 0
              FROM helpdesk_ticket ticket
              JOIN res_partner person ON person.id = ticket.partner_id
             WHERE ticket.retention_kind = 'complaint'
               AND ticket.active AND ticket.duplicate_id IS NULL
               AND ticket.company_id = %(company)s
               AND ticket.retention_received_at < %(until)s
               AND person.commercial_partner_id %(among)s
            """,
            month=self.month_of(SQL("ticket.retention_received_at")),
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _objections(self) -> SQL:
        return SQL(
            """
            SELECT said.partner_id, %(month)s, 0, 0, 0, 0, 0, 1, 0
              FROM retention_consent said
             WHERE said.state IN ('refused', 'withdrawn')
               AND said.company_id = %(company)s AND said.given_at < %(until)s
               AND said.partner_id %(among)s
            """,
            month=self.month_of(SQL("said.given_at")),
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _tier(self) -> SQL:
        """Return the tier held on the month's last day that has been."""
        return SQL(
            """
            (SELECT held.tier_id FROM retention_membership held
              WHERE held.partner_id = counted.partner_id
                AND held.company_id = %(company)s AND held.date_from <= %(day)s
                AND (held.date_to IS NULL OR held.date_to > %(day)s)
              ORDER BY held.end_cause IS NOT NULL, held.date_from DESC, held.id DESC
              LIMIT 1)
            """,
            company=self.company.id,
            day=SQL(
                "LEAST((counted.month + interval '1 month - 1 day')::date, %s)",
                self.as_of,
            ),
        )


def _months_between(first: SQL, last: SQL) -> SQL:
    """Return the number of months between two first days of months."""
    return SQL(
        """(12 * (extract(year FROM %(last)s) - extract(year FROM %(first)s))
            + extract(month FROM %(last)s) - extract(month FROM %(first)s))::integer""",
        first=first,
        last=last,
    )


def replace_rows(table, keys, values, fresh: SQL, customer_ids, company) -> SQL:
    """Return the statement that makes a table of these customers like ``fresh``.

    Inserts, updates what is different, deletes what is no longer there; answers one
    row: how many were changed.

    :param keys: names of the columns that name a row, ``partner_id`` among them.
    :param values: names of the other columns.
    """
    table = SQL.identifier(table)
    columns = _names([*keys, *values])
    return SQL(
        """
        WITH fresh AS MATERIALIZED (%(fresh)s),
        gone AS (
            DELETE FROM %(table)s kept
             WHERE kept.company_id = %(company)s AND kept.partner_id = ANY(%(ids)s)
               AND NOT EXISTS (SELECT FROM fresh WHERE %(same)s)
            RETURNING 1),
        updated AS (
            UPDATE %(table)s kept SET (%(values)s) = ROW(%(fresh_values)s)
              FROM fresh
             WHERE kept.company_id = %(company)s AND %(same)s
               AND (%(kept_values)s) IS DISTINCT FROM (%(fresh_values)s)
            RETURNING 1),
        inserted AS (
            INSERT INTO %(table)s (%(columns)s)
            SELECT %(fresh_columns)s FROM fresh
             WHERE NOT EXISTS (
                SELECT FROM %(table)s kept
                 WHERE kept.company_id = %(company)s AND %(same)s)
            RETURNING 1)
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM updated)
             + (SELECT count(*) FROM inserted)
        """,
        fresh=fresh,
        table=table,
        company=company.id,
        ids=list(customer_ids),
        same=SQL(" AND ").join(
            SQL("kept.%(name)s = fresh.%(name)s", name=SQL.identifier(name))
            for name in keys
        ),
        columns=columns,
        values=_names(values),
        fresh_columns=_names([*keys, *values], "fresh"),
        fresh_values=_names(values, "fresh"),
        kept_values=_names(values, "kept"),
    )


def _names(names, table=None) -> SQL:
    return SQL(", ").join(
        SQL.identifier(table, name) if table else SQL.identifier(name) for name in names
    )

"""The SQL of the stage step: what it reads of customers, and how it writes."""

import re

from odoo.tools import SQL

from ..facts.retention_touch import ANSWERS
from .score_columns import columns

# what the step decides; one tuple per customer, in this order
DECIDED = {
    "stage_id": "integer",
    "stage_since": "date",
    "engagement": "varchar",
    "last_contact": "timestamp",
    "last_answer": "timestamp",
    "last_event": "timestamp",
    "stage_check_on": "date",
}

READ = (
    "id",
    "partner_id",
    "first_purchase",
    "last_purchase",
    "purchase_count",
    "is_prospect",
    *DECIDED,
)
_QUOTED = re.compile(r'["\\]')


class StageSQL:
    """Builds the statements for the customers of one company on one day."""

    def __init__(self, company, as_of):
        self.company = company
        self.as_of = as_of
        self.zone = company.resource_calendar_id.tz or "UTC"
        _begin, self.end = company._retention_day_bounds(as_of, as_of)

    def waiting(self, since, after, limit):
        """Return the query of the next customers whose stage is to be judged.

        :param since: those whose figures or contacts changed from this moment on,
            and those whose day has come; None: everybody.
        """
        return SQL(
            """
            SELECT profile.partner_id FROM retention_profile profile
             WHERE profile.company_id = %s AND profile.partner_id > %s AND %s
             ORDER BY profile.partner_id LIMIT %s
            """,
            self.company.id,
            after,
            self._is_time(since) if since else SQL("TRUE"),
            limit,
        )

    def _is_time(self, since):
        return SQL(
            """(profile.changed_at >= %(since)s OR profile.stage_check_on <= %(as_of)s
                OR profile.partner_id IN (
                  SELECT partner_id FROM retention_touch
                   WHERE company_id = %(company)s
                     AND state IN ('done', 'dropped')
                     AND write_date >= %(since)s
                  UNION
                  SELECT partner_id FROM retention_event
                   WHERE company_id = %(company)s AND write_date >= %(since)s))""",
            since=since,
            as_of=self.as_of,
            company=self.company.id,
        )

    def facts(self, customer_ids, everybody=False):
        """Return the query of what these customers are judged from, and as what.

        :param everybody: they are next to each other, none left out.

        ``contact``, ``answer`` and ``event`` are the last moments as of the day,
        ``answered_on`` is the company's day of the last sign of life. A purchase is
        an answer; only its day is known, so at noon: that day in most time zones.
        """
        ids = list(customer_ids) or [0]
        return SQL(
            """
            SELECT %(columns)s, profile.purchase_interval::float8,
                   COALESCE(customer.retention_no_profiling, FALSE) AS is_private,
                   touch.contact, answered.moment AS answer, event.moment AS event,
                   GREATEST(
                     (GREATEST(answered.moment, event.moment)
                       AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                     CASE WHEN profile.is_prospect THEN profile.last_interaction END
                   ) AS answered_on
              FROM retention_profile profile
              JOIN res_partner customer ON customer.id = profile.partner_id
              LEFT JOIN LATERAL (%(touch)s) touch
                ON touch.partner_id = profile.partner_id
              LEFT JOIN LATERAL (%(event)s) event
                ON event.partner_id = profile.partner_id
              CROSS JOIN LATERAL (
                SELECT GREATEST(touch.answer, (profile.last_purchase + time '12:00')
                         AT TIME ZONE %(zone)s AT TIME ZONE 'UTC') AS moment) answered
             WHERE profile.company_id = %(company)s
               AND profile.partner_id = ANY(%(customers)s)
             ORDER BY profile.partner_id
            """,
            columns=columns(READ, "profile"),
            zone=self.zone,
            touch=self._last_touches(ids, everybody),
            event=self._last_events(ids, everybody),
            company=self.company.id,
            customers=ids,
        )

    def _last_touches(self, ids, everybody):
        """Return the query of last contact and answer, by ``partner_id``."""
        return SQL(
            """
            SELECT partner_id, max(done_at) FILTER (WHERE is_real) AS contact,
                   max(done_at) FILTER (
                     WHERE direction = 'in' OR outcome IN %s) AS answer
              FROM retention_touch
             WHERE %s AND company_id = %s AND state = 'done' AND done_at < %s
             GROUP BY partner_id
            """,
            ANSWERS,
            self._of(ids, everybody),
            self.company.id,
            self.end,
        )

    def _last_events(self, ids, everybody):
        return SQL(
            """
            SELECT partner_id, max(moment) AS moment FROM retention_event
             WHERE %s AND company_id = %s AND moment < %s
             GROUP BY partner_id
            """,
            self._of(ids, everybody),
            self.company.id,
            self.end,
        )

    def _of(self, ids, everybody):
        """Return the condition on the customer: all in a row, or one at a time.

        Said so, because the planner takes the wrong one of the two ways for many.
        """
        if everybody:
            return SQL("partner_id BETWEEN %s AND %s", min(ids), max(ids))
        return SQL("partner_id = profile.partner_id")

    def standings(self):
        """Return the query of what every customer is judged from but contacts."""
        return SQL(
            """SELECT first_purchase, last_purchase, purchase_count,
                      purchase_interval::float8, is_prospect, stage_id, stage_since
                 FROM retention_profile
                WHERE company_id = %s AND partner_id NOT IN (
                      SELECT id FROM res_partner WHERE retention_no_profiling)""",
            self.company.id,
        )

    def refresh(self, customer_ids, active_from):
        """Return the statement that takes over last contact and answer, no more.

        Who answered from the day ``active_from`` on is active at once.
        """
        return SQL(
            """
            UPDATE retention_profile profile
               SET last_contact = fresh.contact, last_answer = fresh.answer,
                   last_event = fresh.event, engagement = fresh.engagement,
                   staged_at = now() AT TIME ZONE 'UTC'
              FROM (SELECT id, contact, answer, event,
                           CASE WHEN answered_on >= %s AND NOT is_private THEN 'active'
                                ELSE engagement END AS engagement
                      FROM (%s) judged) fresh
             WHERE profile.id = fresh.id
               AND (profile.last_contact, profile.last_answer, profile.last_event,
                    profile.engagement)
                   IS DISTINCT FROM
                   (fresh.contact, fresh.answer, fresh.event, fresh.engagement)
            """,
            active_from,
            self.facts(customer_ids),
        )

    def with_later_history(self, customer_ids):
        """Return the query of those of whom history after the day exists."""
        return SQL(
            """SELECT DISTINCT partner_id FROM retention_stage_history
                WHERE company_id = %s AND partner_id = ANY(%s)
                  AND (date_from > %s OR date_to > %s)""",
            self.company.id,
            list(customer_ids),
            self.as_of,
            self.as_of,
        )

    @staticmethod
    def assign(decided):
        """Return the statement that writes ``[(profile id, *DECIDED)]``."""
        types = ("integer", *DECIDED.values())
        arrays = SQL(", ").join(
            SQL("%s::%s[]", _literal(column), SQL(kind))
            for column, kind in zip(zip(*decided, strict=True), types, strict=True)
        )
        names = [SQL.identifier(name) for name in DECIDED]
        return SQL(
            """
            UPDATE retention_profile profile
               SET staged_at = now() AT TIME ZONE 'UTC', %s
              FROM unnest(%s) AS fresh (id, %s)
             WHERE profile.id = fresh.id
            """,
            SQL(", ").join(SQL("%s = fresh.%s", name, name) for name in names),
            arrays,
            SQL(", ").join(names),
        )

    def take_stock(self, rows, user_id):
        """Return the statement of first history rows, ``[(partner, stage, reason)]``.

        For the first pass of a company: nobody has moved yet, there is nothing for
        an automation rule to see, and everybody's row is written at once.
        """
        partners, stages, reasons = zip(*rows, strict=True)
        return SQL(
            """
            INSERT INTO retention_stage_history
              (partner_id, stage_id, reason, company_id, date_from,
               create_uid, create_date, write_uid, write_date)
            SELECT fresh.*, %(company)s, %(as_of)s, %(user)s, %(now)s, %(user)s, %(now)s
              FROM unnest(%(partners)s::integer[], %(stages)s::integer[],
                          %(reasons)s::varchar[]) fresh
            ON CONFLICT (partner_id, company_id) WHERE date_to IS NULL DO NOTHING
            """,
            company=self.company.id,
            as_of=self.as_of,
            user=user_id,
            now=SQL("now() AT TIME ZONE 'UTC'"),
            partners=_literal(partners),
            stages=_literal(stages),
            reasons=_literal(reasons),
        )


def _literal(values):
    """Return ``values`` as one array in PostgreSQL's own notation.

    Read ten times faster than an expression with thousands of constants.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        value = _QUOTED.sub(r"\\\g<0>", value)
    return f'"{value}"'

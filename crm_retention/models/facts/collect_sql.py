from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from odoo.api import Environment
from odoo.tools import SQL

BATCH = 10_000  # records looked at in one statement and one transaction
# what a source may tell anew of a contact that was taken in before
TOLD = (
    "channel_id",
    "category",
    "state",
    "done_at",
    "user_id",
    "outcome",
    "reaction",
    "is_bulk",
    "is_real",
)
NEW = (
    "partner_id",
    "person_id",
    "company_id",
    "direction",
    "origin",
    "key",
    "res_model",
    "res_id",
)


class Window(NamedTuple):
    """What one collection looks at, for one company."""

    since: datetime  # records written from then on
    reach: datetime  # contacts that took place from then on
    until: datetime  # now
    message: int  # messages with a higher id
    everything: bool  # all within reach, however long ago it was written


class Source(NamedTuple):
    """Where contacts are found; see ``retention.touch._get_sources``.

    ``table`` is read in the order of its ids, as ``doc``, where ``changed`` holds.
    ``rows`` (or a function of those ids) selects from relation ``batch`` of them one
    row a person met:
    model, source_id (text: with the customer they make the key), id, person_id,
    company_id (None: asked of customer and user), channel_id, direction, category,
    done_at, user_id, outcome, reaction, is_bulk, origin, res_model, res_id.
    ``unless`` leaves out rows (``raw``) with customers (``customer``) that are told
    by another source; ``stale`` says which contacts (``known``) a record in
    ``batch`` had before, to be dropped where it tells of them no more.
    """

    table: str
    changed: SQL
    rows: SQL | Callable
    unless: SQL = SQL("FALSE")
    stale: SQL = SQL("FALSE")
    limit: int = BATCH


class CollectSQL:
    """The statement by which one batch of one source becomes contacts.

    Who is met: anybody but our companies and our own people. Which company: the
    document's; where it has none the customer's; then that of the responsible
    user, of the customer's salesperson, and in the end the oldest company. So
    each contact belongs to exactly one company, and one that belongs to a company
    which may not see the customer is nobody's.
    """

    def __init__(self, env: Environment, company):
        self.env = env
        self.company = company

    def waiting(self, table: str, changed: SQL, after: int, limit: int) -> list:
        """Return the ids of the next records to look at, in order.

        Asked beforehand: the planner then knows how many there are, which it
        cannot guess of rows that were written a moment ago.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT doc.id FROM %s doc WHERE doc.id > %s AND %s"
                " ORDER BY doc.id LIMIT %s",
                SQL.identifier(table),
                after,
                changed,
                limit,
            )
        )
        return [row[0] for row in rows]

    def batch(self, ids: list) -> SQL:
        """Return the named relation ``batch`` of these ids."""
        return SQL("batch AS MATERIALIZED (SELECT unnest(%s::integer[]) AS id)", ids)

    def statement(self, source: Source, ids: list) -> SQL:
        """Return a select of how many contacts these records changed."""
        return SQL(
            """
            WITH %(people)s, %(batch)s,
            fact AS MATERIALIZED (%(facts)s),
            changed AS (%(upsert)s),
            dropped AS (%(drop)s)
            SELECT (SELECT count(*) FROM changed) + (SELECT count(*) FROM dropped)
            """,
            people=self.people(),
            batch=self.batch(ids),
            facts=self._facts(source, ids),
            upsert=self._upsert(),
            drop=self._drop(source.stale),
        )

    def people(self) -> SQL:
        """Return two named relations: ``ours`` (no customers) and ``staff``.

        A visitor without login writes as one of the public users: nobody's contact.
        The system's own user is ours, but what it sends no person wrote.
        """
        return SQL(
            """
            staff AS MATERIALIZED (
                SELECT DISTINCT ON (partner_id) partner_id, id, company_id
                  FROM res_users WHERE NOT share AND id <> 1
                 ORDER BY partner_id, active DESC, id),
            ours AS MATERIALIZED (
                SELECT partner_id FROM res_company
                 UNION SELECT partner_id FROM res_users
                        WHERE NOT share
                           OR id IN (SELECT uid FROM res_groups_users_rel
                                      WHERE gid = %s))
            """,
            self.env.ref("base.group_public").id,
        )

    def visible(self, customer_company: SQL) -> SQL:
        """Return the condition that our company may see a customer."""
        return SQL(
            "(%(of)s IS NULL OR %(of)s = ANY(%(ours)s))",
            of=customer_company,
            ours=self.company.parent_ids.ids,
        )

    def company_of(self, *candidates: SQL) -> SQL:
        """Return whose a fact is: the first company that is named, or the oldest."""
        # sudo: the job looks at every company
        oldest = self.env["res.company"].sudo().search([], order="id", limit=1)
        return SQL("COALESCE(%s, %s)", SQL(", ").join(candidates), oldest.id)

    def _facts(self, source: Source, ids: list) -> SQL:
        """One row a contact: the rows of a source by customer, for this company."""
        return SQL(
            """
            SELECT DISTINCT ON (raw.model, raw.source_id, customer.id)
                   raw.model || ':' || raw.source_id || ':' || customer.id AS key,
                   customer.id AS partner_id, person.id AS person_id,
                   %(company)s AS company_id,
                   raw.channel_id, raw.direction, raw.category, 'done' AS state,
                   date_trunc('second', raw.done_at) AS done_at,
                   raw.user_id, raw.outcome, raw.reaction, raw.origin,
                   raw.res_model, raw.res_id, raw.is_bulk,
                   NOT raw.is_bulk AND channel.is_real
                     AND raw.outcome <> 'not_reached' AS is_real
              FROM (%(rows)s) raw
              JOIN retention_channel channel ON channel.id = raw.channel_id
              JOIN res_partner person ON person.id = raw.person_id
              JOIN res_partner customer ON customer.id = person.commercial_partner_id
              LEFT JOIN res_users responsible ON responsible.id = raw.user_id
              LEFT JOIN res_users seller ON seller.id = customer.user_id
             WHERE person.id NOT IN (SELECT partner_id FROM ours)
               AND customer.id NOT IN (SELECT partner_id FROM ours)
               AND %(owner)s = %(company)s AND %(visible)s
               AND NOT (%(unless)s)
             ORDER BY raw.model, raw.source_id, customer.id, raw.outcome, person.id
            """,
            company=self.company.id,
            rows=source.rows(ids) if callable(source.rows) else source.rows,
            owner=self.company_of(
                SQL("raw.company_id"),
                SQL("customer.company_id"),
                SQL("responsible.company_id"),
                SQL("seller.company_id"),
            ),
            visible=self.visible(SQL("customer.company_id")),
            unless=source.unless,
        )

    def _upsert(self) -> SQL:
        """Add what is new, and tell anew what differs.

        What stands is left alone without being locked or written. A contact that
        was planned, or that a person wrote, is theirs: it keeps what they said. The
        limit makes it one look into the index a row, whatever the planner believes
        of a table that was empty a moment ago.
        """
        new, told = ([SQL.identifier(name) for name in names] for names in (NEW, TOLD))
        known, fact, excluded = (
            SQL(", ").join(SQL("%s.%s", SQL(of), name) for name in told)
            for of in ("known", "fact", "excluded")
        )
        return SQL(
            """
            INSERT INTO retention_touch AS known
                   (%(names)s, create_date, write_date)
            SELECT %(values)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM fact
              LEFT JOIN LATERAL (
                   SELECT * FROM retention_touch same
                    WHERE same.key = fact.key AND same.company_id = fact.company_id
                    LIMIT 1) known ON TRUE
             WHERE known.id IS NULL
                OR (%(ours)s AND (%(known)s) IS DISTINCT FROM (%(fact)s))
             ORDER BY fact.done_at
            ON CONFLICT (key, company_id) DO UPDATE
               SET (%(told)s, write_date) = (%(excluded)s, excluded.write_date)
             WHERE %(ours)s AND known.origin = excluded.origin
            RETURNING known.id
            """,
            names=SQL(", ").join(new + told),
            values=SQL(", ").join(SQL("fact.%s", name) for name in new + told),
            ours=self._untouched(),
            known=known,
            fact=fact,
            told=SQL(", ").join(told),
            excluded=excluded,
        )

    def _drop(self, stale: SQL) -> SQL:
        return SQL(
            """
            UPDATE retention_touch known
               SET state = 'dropped', is_real = FALSE,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM batch
             WHERE %(stale)s AND known.company_id = %(company)s
               AND known.state = 'done' AND %(untouched)s
               AND known.key NOT IN (SELECT key FROM fact)
            RETURNING known.id
            """,
            stale=stale,
            company=self.company.id,
            untouched=self._untouched(),
        )

    def _untouched(self) -> SQL:
        """The condition that only the collection has written a contact so far."""
        return SQL(
            "(known.write_uid IS NULL AND known.state IN ('done', 'dropped')"
            " AND known.origin NOT IN ('plan', 'manual'))"
        )

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .collect_sql import BATCH, CollectSQL


class RetentionEvent(models.Model):
    """The collect step: behaviour out of Odoo's own records, each exactly once.

    References name the record: ``res.users.log:17``, ``event.registration:17``.
    """

    _inherit = "retention.event"

    @api.model
    def _get_sources(self):
        """Return the names of the methods that give one source's rows each.

        Each takes a window and returns (table, condition on ``doc``, ``SQL``
        select from the ids in ``batch`` of model, id, person_id, company_id, kind,
        moment).
        """
        names = ["_source_logins"]
        if "event.registration" in self.env and table_exists(
            self.env.cr, "event_registration"
        ):
            names.append("_source_registrations")
        return names

    @api.model
    def _collect(self, company, name, window, cursor):
        """Take in one batch of one source; return (last id or None, seen, changed)."""
        table, changed, rows = getattr(self, name)(window)
        collect = CollectSQL(self.env, company)
        self.env.flush_all()
        ids = collect.waiting(table, changed, cursor["after"], BATCH)
        if not ids:
            return None, 0, 0
        [(written,)] = self.env.execute_query(
            SQL(
                "WITH %s, %s, written AS (%s) SELECT count(*) FROM written",
                collect.people(),
                collect.batch(ids),
                self._insert(company, collect, rows),
            )
        )
        if written:
            self.invalidate_model()
        return (ids[-1] if len(ids) == BATCH else None), len(ids), written

    @api.model
    def _insert(self, company, collect, rows):
        return SQL(
            """
            INSERT INTO retention_event AS known
                   (partner_id, company_id, kind, moment, amount, reference,
                    create_date, write_date)
            SELECT customer.id, %(company)s, raw.kind,
                   date_trunc('second', raw.moment), 0,
                   raw.model || ':' || raw.id,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM (%(rows)s) raw
              JOIN res_partner person ON person.id = raw.person_id
              JOIN res_partner customer ON customer.id = person.commercial_partner_id
             WHERE person.id NOT IN (SELECT partner_id FROM ours)
               AND customer.id NOT IN (SELECT partner_id FROM ours)
               AND %(owner)s = %(company)s AND %(visible)s
               AND NOT EXISTS (SELECT FROM retention_event other
                                WHERE other.reference = raw.model || ':' || raw.id
                                  AND other.company_id = %(company)s)
            ON CONFLICT (reference, company_id) DO NOTHING
            RETURNING known.id
            """,
            company=company.id,
            rows=rows,
            owner=collect.company_of(SQL("raw.company_id"), SQL("customer.company_id")),
            visible=collect.visible(SQL("customer.company_id")),
        )

    @api.model
    def _source_logins(self, window):
        """Logins of customers to the portal."""
        since = window.reach if window.everything else window.since
        return (
            "res_users_log",
            SQL("doc.create_date >= %s", since),
            SQL(
                """
                SELECT 'res.users.log' AS model, doc.id, person.partner_id AS person_id,
                       person.company_id, 'login' AS kind, doc.create_date AS moment
                  FROM batch
                  JOIN res_users_log doc ON doc.id = batch.id
                  JOIN res_users person ON person.id = doc.create_uid AND person.share
                """
            ),
        )

    @api.model
    def _source_registrations(self, window):
        """Registrations for events that have begun, unless cancelled."""
        # the apps' records may be waiting to be written: collections flush all
        return (
            "event_registration",
            SQL(
                """doc.active AND doc.partner_id IS NOT NULL
                   AND doc.state IN ('open', 'done')
                   AND doc.event_id IN (SELECT id FROM event_event
                                         WHERE date_begin BETWEEN %(reach)s AND %(now)s)
                   AND (%(all)s OR doc.write_date >= %(since)s
                        OR doc.event_id IN (SELECT id FROM event_event
                                             WHERE date_begin >= %(since)s))""",
                reach=window.reach,
                now=window.until,
                since=window.since,
                all=window.everything,
            ),
            SQL(
                """
                SELECT 'event.registration' AS model, doc.id,
                       doc.partner_id AS person_id, doc.company_id, 'event' AS kind,
                       COALESCE(doc.date_closed, event.date_begin) AS moment
                  FROM batch
                  JOIN event_registration doc ON doc.id = batch.id
                  JOIN event_event event ON event.id = doc.event_id
                """
            ),
        )

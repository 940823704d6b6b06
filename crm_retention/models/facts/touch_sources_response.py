from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

from ...tools import service
from .collect_sql import Source
from .touch_sources import _written

CUSTOMERS = 2000  # a batch of customers has several documents each


class RetentionTouch(models.Model):
    """Sources of contacts: mailings and their effect, tickets, purchases."""

    _inherit = "retention.touch"

    # ---- mailings ------------------------------------------------------------------

    @api.model
    def _source_mailings(self, window, company):
        """Mass mailings and SMS, with what became of each.

        An address without a contact of its own (a mailing list's) is the contact
        that has this address; of several the oldest.
        """
        sent = SQL("COALESCE(doc.sent_datetime, doc.create_date) >= %s", window.reach)
        return Source(
            table="mailing_trace",
            changed=SQL(
                "%s AND %s AND doc.is_test_trace IS NOT TRUE", sent, _written(window)
            ),
            rows=self._select_mailings(),
        )

    @api.model
    def _select_mailings(self):
        return SQL(
            """
            SELECT 'mailing.trace' AS model, doc.id::text AS source_id, doc.id,
                   %(person)s AS person_id, link.company_id,
                   CASE doc.trace_type WHEN 'sms' THEN %(sms)s
                        ELSE %(mail)s END AS channel_id,
                   'out' AS direction, %(category)s AS category,
                   COALESCE(doc.sent_datetime, doc.create_date) AS done_at,
                   mailing.user_id,
                   CASE WHEN %(answered)s THEN 'answered'
                        WHEN doc.trace_status = 'bounce' THEN 'not_reached'
                        ELSE 'reached' END AS outcome,
                   CASE WHEN doc.trace_status = 'reply' THEN 'replied'
                        WHEN doc.links_click_datetime IS NOT NULL THEN 'clicked'
                        WHEN doc.trace_status = 'open' THEN 'opened'
                        WHEN doc.trace_status = 'bounce' THEN 'bounced'
                        END AS reaction,
                   TRUE AS is_bulk,
                   CASE doc.trace_type WHEN 'sms' THEN 'sms'
                        ELSE 'mailing' END AS origin,
                   'mailing.mailing' AS res_model, doc.mass_mailing_id AS res_id
              FROM batch
              JOIN mailing_trace doc ON doc.id = batch.id
              LEFT JOIN mailing_mailing mailing ON mailing.id = doc.mass_mailing_id
              CROSS JOIN LATERAL %(link)s
             WHERE doc.trace_status
                       IN ('pending', 'sent', 'open', 'reply', 'bounce')
            """,
            person=self._mailing_person(),
            mail=self._channel("email"),
            sms=self._channel("sms"),
            category=self._mailing_category(),
            answered=SQL(
                "doc.trace_status = 'reply' OR doc.links_click_datetime IS NOT NULL"
            ),
            link=self._link(SQL("doc.model"), SQL("doc.res_id")),
        )

    @api.model
    def _mailing_category(self):
        """Return the category of ``mailing`` (SQL)."""
        return SQL("COALESCE(mailing.retention_category, 'promotion')")

    @api.model
    def _mailing_person(self):
        """Return whom a trace reached (SQL): by document, address, or number."""
        found = [
            SQL("CASE WHEN doc.model = 'res.partner' THEN doc.res_id END"),
            SQL(
                "(SELECT id FROM res_partner WHERE email_normalized = lower(doc.email)"
                " ORDER BY active DESC, id LIMIT 1)"
            ),
        ]
        # column_exists: mass SMS are an app of their own
        if column_exists(self.env.cr, "mailing_trace", "sms_number"):
            found.append(
                SQL(
                    "(SELECT id FROM res_partner WHERE phone_sanitized = doc.sms_number"
                    " ORDER BY active DESC, id LIMIT 1)"
                )
            )
        return SQL("COALESCE(%s, link.person_id)", SQL(", ").join(found))

    # ---- tickets -------------------------------------------------------------------

    @api.model
    def _source_tickets(self, window, company):
        """Tickets that a customer opened, by the ticket's channel."""
        return Source(
            table="helpdesk_ticket",
            changed=SQL("doc.create_date >= %s AND %s", window.reach, _written(window)),
            rows=SQL(
                """
                SELECT 'helpdesk.ticket' AS model, doc.id::text AS source_id, doc.id,
                       doc.partner_id AS person_id, doc.company_id,
                       COALESCE(channel.retention_channel_id, %(hotline)s)
                         AS channel_id,
                       'in' AS direction, 'service' AS category,
                       doc.create_date AS done_at, doc.user_id,
                       %(outcome)s AS outcome, NULL AS reaction, FALSE AS is_bulk,
                       'ticket' AS origin, 'helpdesk.ticket' AS res_model,
                       doc.id AS res_id
                  FROM batch
                  JOIN helpdesk_ticket doc ON doc.id = batch.id
                  LEFT JOIN helpdesk_ticket_channel channel
                    ON channel.id = doc.channel_id
                """,
                hotline=self._channel("hotline"),
                outcome=SQL(
                    "CASE WHEN doc.retention_kind = %s"
                    " THEN 'complained' ELSE 'answered' END",
                    service.COMPLAINT,
                ),
            ),
            stale=SQL(
                "known.origin = 'ticket' AND known.res_model = 'helpdesk.ticket'"
                " AND known.res_id = batch.id"
            ),
        )

    # ---- purchases -----------------------------------------------------------------

    @api.model
    def _source_orders(self, window, company):
        """Purchases as a response, from the documents that count as revenue.

        Of each customer with a document that was written, moved or deleted, all
        of them anew.
        """
        first = window.reach.date()
        return Source(
            table="res_partner",
            changed=SQL(
                "doc.commercial_partner_id = doc.id AND %s",
                SQL("TRUE")
                if window.everything
                else SQL("doc.id IN (%s)", self._select_buyers(window, company)),
            ),
            rows=lambda ids: self._select_orders(window, company, ids),
            stale=SQL(
                "known.origin = 'order' AND known.partner_id = batch.id"
                " AND known.done_at >= %s",
                company._retention_day_bounds(first, first)[0],
            ),
            limit=CUSTOMERS,
        )

    @api.model
    def _select_orders(self, window, company, ids):
        zone = company.resource_calendar_id.tz or "UTC"
        documents = self.env["retention.transaction"]
        return SQL(
            """
            SELECT doc.res_model AS model, doc.res_id::text AS source_id, doc.id,
                   doc.partner_id AS person_id, doc.company_id,
                   %(channel)s AS channel_id, 'in' AS direction,
                   'transactional' AS category,
                   LEAST(%(moment)s, %(until)s) AS done_at,
                   NULL::integer AS user_id, 'bought' AS outcome,
                   NULL AS reaction, FALSE AS is_bulk, 'order' AS origin,
                   doc.res_model, doc.res_id
              FROM (SELECT * FROM (%(documents)s) document
                     WHERE document.partner_id = ANY(%(ids)s)
                       AND document.company_id = %(company)s
                       AND document.kind = 'sale' AND document.date >= %(first)s) doc
              LEFT JOIN sale_order sale
                ON doc.res_model = 'sale.order' AND sale.id = doc.res_id
              LEFT JOIN account_move move
                ON doc.res_model = 'account.move' AND move.id = doc.res_id
            """,
            channel=self._channel("purchase"),
            moment=_purchase_moment(zone, window.until),
            until=window.until,
            documents=documents._table_query,
            ids=ids,
            company=company.id,
            first=window.reach.date(),
        )

    @api.model
    def _select_buyers(self, window, company):
        """Return the customers of documents that changed (SQL)."""
        marked = SQL(
            "SELECT partner.commercial_partner_id FROM retention_mark mark"
            " JOIN res_partner partner ON partner.id = mark.partner_id"
            " WHERE mark.company_id = %s",
            company.id,
        )
        return SQL(" UNION ").join(
            [marked]
            + [
                SQL(
                    """SELECT partner.commercial_partner_id FROM %s doc
                         JOIN res_partner partner ON partner.id = doc.partner_id
                        WHERE doc.write_date >= %s AND doc.company_id = %s""",
                    SQL.identifier(table),
                    window.since,
                    company.id,
                )
                for table in self._get_purchase_tables()
            ]
        )

    @api.model
    def _get_purchase_tables(self):
        """Return the tables of the documents of ``retention.transaction``."""
        tables = ["sale_order", "account_move", "retention_purchase"]
        if "pos.order" in self.env and table_exists(self.env.cr, "pos_order"):
            tables.append("pos_order")
        return tables


def _purchase_moment(zone, now):
    """Return when a purchase was made (SQL): its order's time, else noon of its day.

    An invoice written on its own day was made when it was written. Before noon the
    purchases of the day were made when it began: nothing lies in the future.
    """
    noon, dawn = (
        SQL("(doc.date + %s::time) AT TIME ZONE %s AT TIME ZONE 'UTC'", hour, zone)
        for hour in ("12:00", "00:00")
    )
    local = SQL("(move.create_date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone)
    return SQL(
        """CASE WHEN sale.id IS NOT NULL THEN sale.date_order
                WHEN %(local)s = doc.date THEN move.create_date
                WHEN %(noon)s <= %(now)s THEN %(noon)s ELSE %(dawn)s END""",
        local=local,
        noon=noon,
        dawn=dawn,
        now=now,
    )

from odoo import api, models
from odoo.tools import SQL

from .collect_sql import Source

# the category of what is written on a document; a person writes relationship mail
# elsewhere, and the system service mail
DOCUMENT_CATEGORIES = {
    "helpdesk.ticket": "service",
    "sale.order": "transactional",
    "account.move": "transactional",
    "account.payment": "transactional",
    "pos.order": "transactional",
    "stock.picking": "transactional",
}


class RetentionTouch(models.Model):
    """Sources of contacts: mails and messages, done activities, held meetings."""

    _inherit = "retention.touch"

    @api.model
    def _channel(self, code):
        """Return the id of the channel called ``code``, as SQL; NULL: none any more."""
        ids = self.env["retention.channel"]._get_ids_by_code()
        return SQL("%s::integer", ids.get(code))

    @api.model
    def _document_category(self, model, default):
        """Return the category of what is written on a document of ``model`` (SQL)."""
        whens = [
            SQL("WHEN %s THEN %s", name, category)
            for name, category in DOCUMENT_CATEGORIES.items()
        ]
        return SQL("CASE %s %s ELSE %s END", model, SQL(" ").join(whens), default)

    # ---- messages ------------------------------------------------------------------

    @api.model
    def _source_messages(self, window, company):
        """Mails and SMS to customers, and what customers wrote, on any document.

        A mail that a person wrote is personal; a notification, and what goes out
        with an invoice, is not. A message counts once a customer, however many of
        the customer's people received it. Template mails that leave no message on
        a document cannot be seen here.
        """
        late = window.message == 0 and not window.everything
        return Source(
            table="mail_message",
            changed=SQL(
                "doc.id > %s AND doc.message_type <> 'out_of_office'"
                " AND COALESCE(doc.date, doc.create_date) >= %s AND %s",
                window.message,
                window.reach,
                SQL("doc.create_date >= %s", window.since) if late else SQL("TRUE"),
            ),
            rows=SQL(
                "%s UNION ALL %s", self._select_mails_out(), self._select_mails_in()
            ),
        )

    @api.model
    def _select_mails_out(self):
        return SQL(
            """
            SELECT 'mail.message' AS model, doc.id::text AS source_id, doc.id,
                   note.res_partner_id AS person_id,
                   doc.record_company_id AS company_id,
                   CASE note.notification_type WHEN 'sms' THEN %(sms)s
                        WHEN 'snail' THEN %(letter)s ELSE %(mail)s END AS channel_id,
                   'out' AS direction,
                   CASE WHEN author.id IS NULL THEN %(system)s ELSE %(personal)s END
                     AS category,
                   LEAST(doc.date, doc.create_date) AS done_at,
                   author.id AS user_id,
                   CASE WHEN note.notification_status IN ('bounce', 'exception')
                        THEN 'not_reached' ELSE 'reached' END AS outcome,
                   CASE WHEN note.notification_status = 'bounce'
                        THEN 'bounced' END AS reaction,
                   author.id IS NULL OR doc.model IS NOT DISTINCT FROM 'account.move'
                     OR doc.message_type NOT IN ('comment', 'email', 'sms') AS is_bulk,
                   CASE note.notification_type WHEN 'sms' THEN 'sms'
                        ELSE 'message' END AS origin,
                   doc.model AS res_model, doc.res_id
              FROM batch
              JOIN mail_message doc ON doc.id = batch.id
              JOIN mail_notification note ON note.mail_message_id = doc.id
              LEFT JOIN staff author ON author.partner_id = doc.author_id
             WHERE note.notification_type IN ('email', 'sms', 'snail')
               AND note.notification_status <> 'canceled'
               AND (doc.author_id IS NULL
                    OR doc.author_id IN (SELECT partner_id FROM ours))
            """,
            mail=self._channel("email"),
            sms=self._channel("sms"),
            letter=self._channel("letter"),
            system=self._document_category(SQL("doc.model"), "service"),
            personal=self._document_category(SQL("doc.model"), "relationship"),
        )

    @api.model
    def _select_mails_in(self):
        """The mail that opened a ticket is that ticket, and no contact of its own."""
        return SQL(
            """
            SELECT CASE WHEN doc.model = 'discuss.channel' THEN doc.model
                        ELSE 'mail.message' END,
                   CASE WHEN doc.model = 'discuss.channel'
                        THEN doc.res_id || '-' || to_char(doc.date, 'YYYYMMDD')
                        ELSE doc.id::text END,
                   doc.id, doc.author_id, doc.record_company_id,
                   CASE WHEN doc.model = 'discuss.channel' THEN %(chat)s
                        WHEN doc.message_type = 'email' THEN %(mail)s
                        ELSE %(portal)s END,
                   'in', %(category)s, LEAST(doc.date, doc.create_date), NULL,
                   'answered', NULL, FALSE, 'message', doc.model, doc.res_id
              FROM batch
              JOIN mail_message doc ON doc.id = batch.id
              LEFT JOIN helpdesk_ticket ticket
                ON doc.model = 'helpdesk.ticket' AND ticket.id = doc.res_id
               AND ticket.create_date = doc.create_date
             WHERE doc.message_type IN ('email', 'comment')
               AND doc.author_id IS NOT NULL AND ticket.id IS NULL
            """,
            chat=self._channel("live_chat"),
            mail=self._channel("email"),
            portal=self._channel("portal"),
            category=self._document_category(SQL("doc.model"), "relationship"),
        )

    # ---- activities ----------------------------------------------------------------

    @api.model
    def _source_activities(self, window, company):
        """Done activities whose type is a channel, on documents of a customer."""
        return Source(
            table="mail_activity",
            changed=SQL(
                "NOT doc.active AND doc.date_done >= %s AND %s",
                window.reach,
                _written(window),
            ),
            rows=SQL(
                """
                SELECT 'mail.activity' AS model, doc.id::text AS source_id, doc.id,
                       link.person_id, link.company_id,
                       type.retention_channel_id AS channel_id,
                       'out' AS direction, %(category)s AS category,
                       CASE WHEN doc.write_date::date = doc.date_done
                            THEN doc.write_date
                            ELSE doc.date_done + time '12:00' END AS done_at,
                       COALESCE(doc.user_id, doc.write_uid) AS user_id,
                       'reached' AS outcome, NULL AS reaction, FALSE AS is_bulk,
                       'activity' AS origin, doc.res_model, doc.res_id
                  FROM batch
                  JOIN mail_activity doc ON doc.id = batch.id
                  JOIN mail_activity_type type ON type.id = doc.activity_type_id
                 CROSS JOIN LATERAL %(link)s
                 WHERE type.retention_channel_id IS NOT NULL
                """,
                category=self._document_category(SQL("doc.res_model"), "relationship"),
                link=self._link(SQL("doc.res_model"), SQL("doc.res_id")),
            ),
            unless=SQL("%s OR %s", self._is_meeting(), self._is_mail(company)),
        )

    @api.model
    def _is_meeting(self):
        """An activity that is a meeting with the customer in the calendar."""
        return SQL(
            """
            EXISTS (SELECT FROM mail_activity activity
                      JOIN calendar_event event
                        ON event.id = activity.calendar_event_id AND event.active
                      JOIN calendar_attendee guest ON guest.event_id = event.id
                      JOIN res_partner partner ON partner.id = guest.partner_id
                     WHERE activity.id = raw.id AND guest.state <> 'declined'
                       AND partner.commercial_partner_id = customer.id)
            """
        )

    @api.model
    def _is_mail(self, company):
        """An activity “send a mail” done on the day on which its mail went out."""
        return SQL(
            """
            (raw.channel_id = %s AND EXISTS (
                SELECT FROM retention_touch mail
                 WHERE mail.partner_id = customer.id AND mail.state = 'done'
                   AND mail.company_id = %s AND mail.origin = 'message'
                   AND mail.direction = 'out' AND NOT mail.is_bulk
                   AND mail.user_id = raw.user_id
                   AND mail.done_at >= date_trunc('day', raw.done_at)
                   AND mail.done_at < date_trunc('day', raw.done_at) + '1 day'))
            """,
            self._channel("email"),
            company.id,
        )

    @api.model
    def _link(self, model, res_id):
        """Return the contact and the company of a document (SQL, columns of ``link``).

        Looked up row by row: joins with every kind of document make the planner
        guess, and it guesses loops over loops.
        """
        persons, companies = [], []
        for target, partner in self._get_document_models():
            table = SQL.identifier(target._table)
            lookup = SQL("FROM %s target WHERE target.id = %s", table, res_id)
            column = SQL.identifier("target", partner)
            persons.append(
                SQL("WHEN %s THEN (SELECT %s %s)", target._name, column, lookup)
            )
            if _is_column(target, "company_id", "res.company"):
                companies.append(
                    SQL("WHEN %s THEN (SELECT company_id %s)", target._name, lookup)
                )
        return SQL(
            "(SELECT CASE %(model)s %(persons)s END AS person_id,"
            " CASE %(model)s %(companies)s END AS company_id) link",
            model=model,
            persons=SQL(" ").join(persons),
            companies=SQL(" ").join(companies),
        )

    @api.model
    def _get_document_models(self):
        """Return pairs (model, name of its contact's column) of what has activities."""
        found = [(self.env["res.partner"], "id")]
        for name, model in self.env.items():
            if name == "res.partner" or not model._auto or model._transient:
                continue
            if "activity_ids" in model._fields and _is_column(
                model, "partner_id", "res.partner"
            ):
                found.append((model, "partner_id"))
        return found

    # ---- meetings ------------------------------------------------------------------

    @api.model
    def _source_meetings(self, window, company):
        """Meetings that are over, with every customer who has not declined."""
        over = SQL("(doc.stop >= %s OR %s)", window.since, _written(window))
        return Source(
            table="calendar_event",
            changed=SQL(
                "doc.stop >= %s AND doc.stop <= %s AND %s",
                window.reach,
                window.until,
                SQL("TRUE") if window.everything else over,
            ),
            rows=self._select_meetings(),
            unless=SQL(
                """
                EXISTS (SELECT FROM mail_activity activity
                          JOIN retention_touch planned
                            ON planned.key = 'mail.activity:' || activity.id
                                             || ':' || customer.id
                           AND planned.company_id = %s
                         WHERE activity.calendar_event_id = raw.id
                           AND planned.state IN ('planned', 'done'))
                """,
                company.id,
            ),
            stale=SQL(
                "known.origin = 'meeting' AND known.res_model = 'calendar.event'"
                " AND known.res_id = batch.id"
            ),
        )

    @api.model
    def _select_meetings(self):
        return SQL(
            """
            SELECT 'calendar.event' AS model, doc.id::text AS source_id, doc.id,
                   guest.partner_id AS person_id, NULL::integer AS company_id,
                   %(channel)s AS channel_id, 'out' AS direction,
                   'relationship' AS category, doc.start AS done_at, doc.user_id,
                   CASE guest.state WHEN 'accepted' THEN 'answered'
                        ELSE 'reached' END AS outcome,
                   NULL AS reaction, FALSE AS is_bulk, 'meeting' AS origin,
                   'calendar.event' AS res_model, doc.id AS res_id
              FROM batch
              JOIN calendar_event doc ON doc.id = batch.id
              JOIN calendar_attendee guest ON guest.event_id = doc.id
              JOIN res_users host ON host.id = doc.user_id AND NOT host.share
             WHERE doc.active AND guest.state <> 'declined'
            """,
            channel=self._channel("meeting"),
        )


def _written(window):
    """Return the condition that ``doc`` was written within ``window``."""
    if window.everything:
        return SQL("TRUE")
    return SQL("doc.write_date >= %s", window.since)


def _is_column(model, name, comodel):
    """Tell whether ``model`` keeps a link to ``comodel`` in a column of this name."""
    field = model._fields.get(name)
    return bool(
        field
        and field.type == "many2one"
        and field.store
        and field.comodel_name == comodel
    )

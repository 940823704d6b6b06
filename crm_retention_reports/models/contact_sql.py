"""The SQL that counts contacts by channel, and what mailings led to."""

from odoo.tools import SQL

from odoo.addons.crm_retention.models.facts.retention_touch import ANSWERS

from .month_sql import MonthSQL

CONTACT_KEYS = ("profile_id", "partner_id", "company_id", "month", "channel_id")
COUNTS = (
    "touches",
    "mailings",
    "reached",
    "answers",
    "mailing_answers",
    "opened",
    "clicked",
    "notices",
)
CONTACT_VALUES = (
    *COUNTS,
    "incoming",
    "conversions",
    "orders",
    "revenue",
    "within_days",
)
REACH_KEYS = ("profile_id", "partner_id", "company_id", "mailing_id")
REACH_VALUES = (
    "day",
    "state",
    "opened",
    "clicked",
    "replied",
    "orders",
    "revenue",
    "within_days",
)
# why the guard left somebody out after it had asked for the comparison group: whoever
# is in that group may have been left out for these as well, nobody knows
LATER_CAUSES = ("cap", "complaint", "survey", "wish")


class ContactSQL(MonthSQL):
    """Builds the rows of contacts and mailings of some customers of one company."""

    def __init__(self, company, as_of, customer_ids):
        super().__init__(company, as_of, customer_ids)
        self.within = company.retention_conversion_days

    def day_of(self, moment) -> SQL:
        """Return the company's day of a moment."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            self.company.resource_calendar_id.tz or "UTC",
        )

    def _documents(self) -> SQL:
        return SQL(
            """
            SELECT doc.partner_id, doc.date, doc.amount FROM (%s) doc
             WHERE doc.company_id = %s AND doc.date <= %s AND doc.partner_id %s
            """,
            self.env["retention.transaction"]._table_query,
            self.company.id,
            self.as_of,
            self.among,
        )

    # ---- by channel and month --------------------------------------------------------

    def contacts(self) -> SQL:
        """Return one row a customer, month and channel with a contact.

        A purchase belongs to the last contact of ours before it that got through, if
        that was at most so many days ago: so it counts once. Messages about orders
        (transactional ones) lead to nothing and are counted apart: else the
        confirmation of a purchase would get the credit for it.
        """
        return SQL(
            """
            WITH ours AS MATERIALIZED (%(touches)s),
            timeline AS MATERIALIZED (%(timeline)s), led AS (%(led)s)
            SELECT profile.id AS profile_id, profile.partner_id, profile.company_id,
                   ours.month, ours.channel_id, %(counts)s,
                   (count(*) FILTER (WHERE ours.direction = 'in'))::integer AS incoming,
                   count(led.touch_id)::integer AS conversions,
                   COALESCE(sum(led.orders), 0)::integer AS orders,
                   round(COALESCE(sum(led.revenue), 0), %(places)s) AS revenue,
                   %(within)s AS within_days
              FROM ours
              JOIN retention_profile profile ON profile.partner_id = ours.partner_id
               AND profile.company_id = %(company)s
              LEFT JOIN led ON led.touch_id = ours.id
             GROUP BY profile.id, profile.partner_id, profile.company_id, ours.month,
                      ours.channel_id
            """,
            touches=self._touches(),
            timeline=self._timeline(),
            led=self._led(),
            counts=self._counts(),
            places=self.company.currency_id.decimal_places,
            within=self.within,
            company=self.company.id,
        )

    def _touches(self) -> SQL:
        return SQL(
            """
            SELECT touch.id, touch.partner_id, touch.channel_id, touch.done_at,
                   %(month)s AS month, %(day)s AS day, touch.direction, touch.outcome,
                   touch.reaction, COALESCE(touch.is_bulk, FALSE) AS is_bulk,
                   touch.direction = 'out' AND touch.category <> 'transactional'
                     AS counts
              FROM retention_touch touch
             WHERE touch.state = 'done' AND touch.company_id = %(company)s
               AND touch.done_at < %(until)s AND touch.partner_id %(among)s
               AND touch.origin <> 'order'
            """,
            month=self.month_of(SQL("touch.done_at")),
            day=self.day_of(SQL("touch.done_at")),
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _counts(self) -> SQL:
        conditions = (
            SQL("counts"),
            SQL("counts AND is_bulk"),
            SQL("counts AND outcome IS DISTINCT FROM 'not_reached'"),
            SQL("counts AND outcome = ANY(%s)", list(ANSWERS)),
            SQL("counts AND is_bulk AND outcome = ANY(%s)", list(ANSWERS)),
            SQL(
                "counts AND is_bulk AND reaction IN ('opened', 'clicked', 'replied')",
            ),
            SQL("counts AND is_bulk AND reaction = 'clicked'"),
            SQL("NOT counts AND direction = 'out'"),
        )
        return SQL(", ").join(
            SQL(
                "(count(*) FILTER (WHERE %s))::integer AS %s",
                condition,
                SQL.identifier(name),
            )
            for name, condition in zip(COUNTS, conditions, strict=True)
        )

    def _timeline(self) -> SQL:
        """Return contacts that got through and purchases, as they came.

        The n-th contact and the purchases before the next one share a place.
        """
        return SQL(
            """
            SELECT partner_id, day, amount, touch_id,
                   count(touch_id) OVER (
                     PARTITION BY partner_id
                     ORDER BY day, touch_id IS NULL, moment, touch_id) AS place
              FROM (SELECT partner_id, day, NULL::numeric AS amount, id AS touch_id,
                           done_at AS moment
                      FROM ours
                     WHERE counts AND outcome IS DISTINCT FROM 'not_reached'
                     UNION ALL
                    SELECT partner_id, date, amount, NULL, NULL
                      FROM (%s) doc WHERE amount > 0) event
            """,
            self._documents(),
        )

    def _led(self) -> SQL:
        """Return the contacts with the purchases that came next after each."""
        return SQL(
            """
            SELECT sent.touch_id, count(*) AS orders, sum(bought.amount) AS revenue
              FROM timeline sent
              JOIN timeline bought ON bought.partner_id = sent.partner_id
               AND bought.place = sent.place AND bought.touch_id IS NULL
               AND bought.day <= sent.day + %s
             WHERE sent.touch_id IS NOT NULL
             GROUP BY sent.touch_id
            """,
            self.within,
        )

    # ---- by mailing ------------------------------------------------------------------

    def reaches(self) -> SQL:
        """Return one row a customer and mass mailing that was meant for it.

        Opened, clicked and replied as Odoo counts them, from its own traces.
        """
        return SQL(
            """
            WITH meant AS MATERIALIZED (
                SELECT partner_id, mailing_id, %(day)s AS day,
                       CASE WHEN is_sent AND is_delivered THEN 'delivered'
                            WHEN is_sent THEN 'bounced'
                            WHEN is_held THEN 'held_out' ELSE 'left_out' END AS state,
                       opened, clicked, replied
                  FROM (%(meant)s) each),
            doc AS MATERIALIZED (%(documents)s)
            SELECT profile.id AS profile_id, profile.partner_id, profile.company_id,
                   meant.mailing_id, meant.day, meant.state, meant.opened,
                   meant.clicked, meant.replied,
                   (count(*) FILTER (WHERE doc.amount > 0))::integer AS orders,
                   round(COALESCE(sum(doc.amount), 0), %(places)s) AS revenue,
                   %(within)s AS within_days
              FROM meant
              JOIN mailing_mailing mailing ON mailing.id = meant.mailing_id
              JOIN retention_profile profile ON profile.partner_id = meant.partner_id
               AND profile.company_id = %(company)s
              LEFT JOIN doc ON doc.partner_id = meant.partner_id
               AND doc.date BETWEEN meant.day AND meant.day + %(within)s
             GROUP BY profile.id, profile.partner_id, profile.company_id,
                      meant.mailing_id, meant.day, meant.state, meant.opened,
                      meant.clicked, meant.replied
            """,
            day=self.day_of(SQL("moment")),
            meant=self._meant(),
            documents=self._documents(),
            places=self.company.currency_id.decimal_places,
            within=self.within,
            company=self.company.id,
        )

    def _meant(self) -> SQL:
        """Return whom mailings reached, and whom the guard left out of them.

        What the guard refused before it asks for the comparison group (no consent, no
        address) is left out, so that the groups are alike.
        """
        return SQL(
            """
            SELECT partner_id, mailing_id, bool_or(is_sent) AS is_sent,
                   bool_or(is_held) AS is_held, bool_or(is_delivered) AS is_delivered,
                   bool_or(opened) AS opened, bool_or(clicked) AS clicked,
                   bool_or(replied) AS replied,
                   COALESCE(min(moment) FILTER (WHERE is_sent), min(moment)) AS moment
              FROM (%(sent)s UNION ALL %(refused)s) each
             GROUP BY partner_id, mailing_id
            """,
            sent=self._sent(),
            refused=self._refused(),
        )

    def _sent(self) -> SQL:
        return SQL(
            """
            SELECT touch.partner_id, touch.res_id AS mailing_id,
                   touch.done_at AS moment, TRUE AS is_sent, FALSE AS is_held,
                   touch.outcome IS DISTINCT FROM 'not_reached' AS is_delivered,
                   COALESCE(trace.trace_status IN ('open', 'reply'),
                            touch.reaction IN ('opened', 'clicked', 'replied'), FALSE)
                     AS opened,
                   COALESCE(trace.links_click_datetime IS NOT NULL,
                            touch.reaction = 'clicked', FALSE) AS clicked,
                   COALESCE(touch.reaction = 'replied', FALSE) AS replied
              FROM retention_touch touch
              LEFT JOIN mailing_trace trace
                ON trace.id = CASE WHEN touch.key LIKE 'mailing.trace:%%'
                                   THEN split_part(touch.key, ':', 2)::integer END
             WHERE touch.state = 'done' AND touch.res_model = 'mailing.mailing'
               AND touch.company_id = %(company)s AND touch.done_at < %(until)s
               AND touch.partner_id %(among)s
            """,
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _refused(self) -> SQL:
        return SQL(
            """
            SELECT decided.partner_id, decided.mailing_id, decided.decided_at, FALSE,
                   decided.cause = 'holdout', FALSE, FALSE, FALSE, FALSE
              FROM retention_decision decided
             WHERE decided.mailing_id IS NOT NULL AND decided.res_id IS NOT NULL
               AND decided.cause = ANY(%(causes)s)
               AND decided.company_id = %(company)s
               AND decided.decided_at < %(until)s AND decided.partner_id %(among)s
            """,
            causes=["holdout", *LATER_CAUSES],
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

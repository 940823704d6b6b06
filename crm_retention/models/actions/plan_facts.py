"""What is known of a batch of customers when their contacts are planned."""

from collections import defaultdict, namedtuple

from odoo.tools import SQL

Customer = namedtuple(
    "Customer",
    "partner_id tier_id band stage_id stage engagement user_id manager_id since days",
)
History = namedtuple("History", "done tried skipped handled")
Planned = namedtuple(
    "Planned",
    "id partner_id line_id due_date wanted_on user_id channel_id depth category"
    " reason anchor_on anchor_channel_id interval_days act_at snoozed_until"
    " activity_id mail_id held_by",
)
NOTHING = History(None, None, None, None)


class PlanFacts:
    """Reads with a fixed number of statements, however many customers there are.

    ``customers``: those of them with a profile whose contact is not archived;
    ``known``: the ids of all with a profile.
    ``contacts``: {customer: {depth or None: (day, channel)}}, last real contacts.
    ``histories``: {(customer, line): :class:`History`}.
    ``intervals``: {(customer, line): (days, pinned)}.
    ``planned``: {(customer, line): :class:`Planned`}.
    """

    def __init__(self, company, as_of, ids, keydates):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self.ids = list(ids)
        self.keydates = keydates
        self.zone = company.resource_calendar_id.tz or "UTC"
        _start, self.end = company._retention_day_bounds(as_of, as_of)
        self.env.flush_all()
        self.customers = self.read_customers(
            SQL("profile.partner_id = ANY(%s)", self.ids)
        )
        self.contacts = self._read_contacts()
        self.histories = self._read_histories()
        self.planned = self._read_planned()
        self.intervals = {}

    def _day(self, column):
        """The local day of a moment."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, self.zone)

    def read_customers(self, which):
        """Return the customers that fulfil a condition on ``profile``.

        Not those who are archived or belong to another company; ``known`` has them.
        """
        days = SQL("").join(self._keydate_column(each) for each in self.keydates)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id, profile.tier_id, tier.band,
                       profile.stage_id, stage.code, profile.engagement,
                       partner.user_id, partner.retention_manager_id, %(since)s,
                       partner.active AND COALESCE(partner.company_id, %(company)s)
                         = %(company)s
                       %(days)s
                  FROM retention_profile profile
                  JOIN res_partner partner ON partner.id = profile.partner_id
                  LEFT JOIN retention_tier tier ON tier.id = profile.tier_id
                  LEFT JOIN retention_stage stage ON stage.id = profile.stage_id
                 WHERE profile.company_id = %(company)s
                   AND %(which)s
                 ORDER BY profile.partner_id
                """,
                since=self._day(SQL("partner.create_date")),
                days=days,
                company=self.company.id,
                which=which,
            )
        )
        names = self.keydates.ids
        self.known = {row[0] for row in rows}
        return [
            Customer(*row[:9], dict(zip(names, row[10:], strict=True)))
            for row in rows
            if row[9]
        ]

    def _keydate_column(self, keydate):
        table, name, is_moment = keydate._get_column()
        column = SQL.identifier(table, name)
        return SQL(", %s", self._day(column) if is_moment else column)

    def _read_contacts(self):
        """Return the last real contact of each depth."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id, depth)
                       partner_id, depth, %(day)s, channel_id
                  FROM retention_touch
                 WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s)
                   AND state = 'done' AND is_real AND done_at < %(end)s
                 ORDER BY partner_id, depth, done_at DESC, id DESC
                """,
                day=self._day(SQL("done_at")),
                company=self.company.id,
                ids=self.ids,
                end=self.end,
            )
        )
        contacts = defaultdict(dict)
        for partner_id, depth, day, channel_id in rows:
            contacts[partner_id][depth] = (day, channel_id)
        return contacts

    def _read_histories(self):
        """Return when each line was last carried out, tried in vain, and left out."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, cadence_id,
                       max(day) FILTER (WHERE state = 'done' AND reached),
                       max(day) FILTER (WHERE state = 'done' AND NOT reached),
                       max(day) FILTER (WHERE state = 'skipped'),
                       max(COALESCE(wanted_on, day)) FILTER (WHERE reached)
                  FROM (SELECT partner_id, cadence_id, state, wanted_on,
                               %(day)s AS day,
                               outcome IS DISTINCT FROM 'not_reached' AS reached
                          FROM retention_touch
                         WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s)
                           AND cadence_id IS NOT NULL
                           AND (state = 'skipped'
                                OR state = 'done' AND done_at < %(end)s)) past
                 GROUP BY partner_id, cadence_id
                """,
                day=self._day(SQL("COALESCE(done_at, write_date)")),
                company=self.company.id,
                ids=self.ids,
                end=self.end,
            )
        )
        return {row[:2]: History(*row[2:]) for row in rows}

    def _read_planned(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT touch.id, touch.partner_id, touch.cadence_id, touch.due_date,
                       touch.wanted_on, touch.user_id, touch.channel_id, touch.depth,
                       touch.category, touch.reason, touch.anchor_on,
                       touch.anchor_channel_id, touch.interval_days, touch.act_at,
                       touch.snoozed_until, touch.activity_id, touch.mail_id,
                       touch.held_by
                  FROM retention_touch touch
                 WHERE touch.company_id = %s AND touch.partner_id = ANY(%s)
                   AND touch.state = 'planned' AND touch.cadence_id IS NOT NULL
                """,
                self.company.id,
                self.ids,
            )
        )
        planned = (Planned(*row) for row in rows)
        return {(each.partner_id, each.line_id): each for each in planned}

    def read_intervals(self):
        """Read the intervals in force; after they were adapted."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, cadence_id, interval_days, COALESCE(pinned, FALSE)
                  FROM retention_cadence_state
                 WHERE company_id = %s AND partner_id = ANY(%s)
                """,
                self.company.id,
                self.ids,
            )
        )
        self.intervals = {row[:2]: row[2:] for row in rows}

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, format_date

WINDOW_DAYS = 30
NEW_DAYS = 90  # so long a policy counts as new
# who objected after the first contact, and who in as long a time before it
OBJECTIONS = """
WITH contacted AS (
    SELECT cadence.policy_id, touch.partner_id, touch.company_id,
           min(touch.done_at) AS since
      FROM retention_cadence cadence
      JOIN retention_touch touch ON touch.cadence_id = cadence.id
     WHERE cadence.policy_id = ANY(%(policies)s)
       AND touch.state = 'done' AND touch.done_at >= %(start)s
     GROUP BY 1, 2, 3),
said AS (
    SELECT touch.partner_id, touch.company_id, touch.done_at AS moment
      FROM contacted JOIN retention_touch touch USING (partner_id, company_id)
     WHERE touch.state = 'done' AND touch.outcome = 'complained'
     UNION ALL
    SELECT word.partner_id, word.company_id, word.given_at
      FROM contacted JOIN retention_consent word USING (partner_id, company_id)
     WHERE word.state IN ('refused', 'withdrawn')
     UNION ALL
    SELECT contacted.partner_id, contacted.company_id, barred.write_date
      FROM contacted
      JOIN res_partner person ON person.commercial_partner_id = contacted.partner_id
      JOIN mail_blacklist barred ON barred.email = person.email_normalized
     WHERE barred.active)
SELECT policy_id, count(*), count(*) FILTER (WHERE after),
       count(*) FILTER (WHERE before)
  FROM (SELECT contacted.policy_id,
               COALESCE(bool_or(said.moment >= since), FALSE) AS after,
               COALESCE(bool_or(said.moment < since AND said.moment
                                >= since - (%(end)s - since)), FALSE) AS before
          FROM contacted LEFT JOIN said USING (partner_id, company_id)
         GROUP BY contacted.policy_id, partner_id, company_id) customer
 GROUP BY policy_id
"""


class RetentionContactPolicy(models.Model):
    """Watches pilots and new policies: do customers complain or opt out?"""

    _name = "retention.contact.policy"
    _inherit = ["retention.contact.policy", "mail.activity.mixin"]

    warned_on = fields.Date(readonly=True, copy=False)
    stopped_on = fields.Date(readonly=True, copy=False)
    stop_reason = fields.Char(readonly=True, copy=False)

    def _watch(self, as_of):
        """Warn the owners of these policies, or stop them, where too many object.

        Only pilots and policies newer than three months; a warning is given once in
        the 30 days that are looked at.
        :return: how many policies were found.
        """
        new_since = as_of - timedelta(days=NEW_DAYS)
        watched = self.filtered(
            lambda policy: (
                policy.state == "running"
                and (
                    policy.pilot_share < 100
                    or (policy.started_on or new_since) >= new_since
                )
                and policy.company_id.retention_watch_percent
                and (
                    not policy.warned_on
                    or policy.warned_on <= as_of - timedelta(days=WINDOW_DAYS)
                )
            )
        )
        found = 0
        for policy, counts in watched._count_objections(as_of).items():
            contacted, objected, before = counts
            company = policy.company_id
            enough = contacted >= max(1, company.retention_watch_least)
            share = 100 * objected / contacted
            if enough and objected > before and share > company.retention_watch_percent:
                policy._warn(as_of, *counts)
                found += 1
        return found

    def _count_objections(self, as_of):
        """Return ``{policy: (customers contacted, objected after, objected before)}``.

        Contacted in the last 30 days; objected: complained or opted out, since the
        first of these contacts and in as long a time before it. The customers are
        their own comparison: what rose is what the contacts brought.
        """
        if not self:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                OBJECTIONS,
                policies=self.ids,
                start=as_of - timedelta(days=WINDOW_DAYS),
                end=max(
                    fields.Datetime.now(),
                    fields.Datetime.to_datetime(as_of + timedelta(days=1)),
                ),
            )
        )
        return {self.browse(row[0]): row[1:] for row in rows}

    def _warn(self, as_of, contacted, objected, before):
        """Tell the owner; stop the policy where the company wants that."""
        self.ensure_one()
        text = self.env._(
            "%(objected)s of %(contacted)s customers contacted in the last %(days)s "
            "days complained or opted out after it; in as long a time before it "
            "%(before)s did.",
            objected=objected,
            before=before,
            contacted=contacted,
            days=WINDOW_DAYS,
        )
        self.warned_on = as_of
        stops = self.company_id.retention_watch_stops
        summary = self.env._("Complaints are rising")
        if stops:
            self.write({"state": "draft", "stopped_on": as_of, "stop_reason": text})
            self.message_post(
                body=self.env._(
                    "Stopped by itself on %(date)s. %(why)s",
                    date=format_date(self.env, as_of),
                    why=text,
                )
            )
            summary = self.env._("Stopped by itself: complaints are rising")
        if self.user_id.active:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=as_of,
                summary=summary,
                note=text,
                user_id=self.user_id.id,
            )

    def _start(self):
        """Put in force again, the past is forgotten."""
        self.write({"warned_on": False, "stopped_on": False, "stop_reason": False})
        return super()._start()

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, format_date

WINDOW_DAYS = 30
NEW_DAYS = 90  # so long a policy counts as new
# who objected after the first contact, and who in as long a time before it; few
# object, so they are found first
OBJECTIONS = """
WITH contacted AS MATERIALIZED (
    SELECT cadence.policy_id, touch.partner_id, touch.company_id,
           min(touch.done_at) AS since
      FROM retention_cadence cadence
      JOIN retention_touch touch ON touch.cadence_id = cadence.id
     WHERE cadence.policy_id = ANY(%(policies)s)
       AND touch.state = 'done' AND touch.done_at >= %(start)s
     GROUP BY 1, 2, 3),
said AS MATERIALIZED (
    SELECT partner_id, company_id, done_at AS moment
      FROM retention_touch
     WHERE outcome = 'complained' AND state = 'done' AND done_at >= %(before)s
     UNION ALL
    SELECT partner_id, company_id, given_at
      FROM retention_consent
     WHERE state IN ('refused', 'withdrawn') AND given_at >= %(before)s
     UNION ALL
    SELECT person.commercial_partner_id, NULL, barred.write_date
      FROM mail_blacklist barred
      JOIN res_partner person ON person.email_normalized = barred.email
     WHERE barred.active AND barred.write_date >= %(before)s),
objected AS MATERIALIZED (
    SELECT policy_id, contacted.partner_id, contacted.company_id,
           bool_or(moment >= since) AS after,
           bool_or(moment < since AND moment >= since - (%(end)s - since)) AS before
      FROM said JOIN contacted ON contacted.partner_id = said.partner_id
       AND contacted.company_id = COALESCE(said.company_id, contacted.company_id)
     GROUP BY 1, 2, 3)
SELECT policy_id, count(*), count(*) FILTER (WHERE after),
       count(*) FILTER (WHERE before)
  FROM contacted LEFT JOIN objected USING (policy_id, partner_id, company_id)
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
                before=as_of - timedelta(days=2 * WINDOW_DAYS),
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
        if whom := self._get_warned():
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                date_deadline=as_of,
                summary=summary,
                note=text,
                user_id=whom.id,
            )

    def _get_warned(self):
        """Return the owner; of a shipped policy, or if he left, the first manager."""
        if self.user_id.active:
            return self.user_id
        managers = self.env.ref("crm_retention.group_retention_manager").all_user_ids
        company = self.company_id
        managers = managers.filtered(
            lambda user: user.active and company in user.company_ids
        )
        return managers.sorted("id")[:1]

    def _start(self):
        """Put in force again, the past is forgotten."""
        self.write({"warned_on": False, "stopped_on": False, "stop_reason": False})
        return super()._start()

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, format_date

from ...tools import caps

BATCH = 400  # mails a transaction
TEMPLATE = "crm_retention.mail_template_points_expiring"


class RetentionPointsAccount(models.Model):
    """Customers are warned before points expire: twice, one mail that sums up."""

    _inherit = "retention.points.account"

    warning_points = fields.Integer(
        string="Points to Warn of",
        compute="_compute_warned",
        help="Available points that expire within the time of the first warning.",
    )
    warning_text = fields.Char(string="What Expires When", compute="_compute_warned")

    @api.depends("award_ids.remaining", "award_ids.state", "award_ids.expires_on")
    @api.depends_context("lang")
    def _compute_warned(self):
        self.warning_points, self.warning_text = 0, False
        stored = self.filtered("id")
        for program, accounts in stored.grouped("program_id").items():
            today = program.company_id._retention_today()
            days = {}
            for account, day, number in accounts._get_expiring(program, today):
                days.setdefault(account, []).append((day, number))
            for account in accounts:
                rows = days.get(account.id, [])
                account.warning_points = sum(number for _day, number in rows)
                account.warning_text = self.env._(", ").join(
                    self.env._(
                        "%(points)s until %(day)s",
                        points=number,
                        day=format_date(self.env, day),
                    )
                    for day, number in rows
                )

    def _get_expiring(self, program, today):
        """Return (account, last day, points) of these accounts, in the near future."""
        self.env.flush_all()
        horizon = max(program.warn_days, program.warn_again_days)
        return self.env.execute_query(
            SQL(
                """
                SELECT account_id, day, sum(remaining)::integer FROM (%s) due
                 WHERE day >= %s AND account_id = ANY(%s)
                 GROUP BY account_id, day ORDER BY account_id, day
                """,
                self._select_expiring(program, today + timedelta(days=horizon + 1)),
                today,
                self.ids,
            )
        )

    @api.model
    def _warn(self, program, today, after=0):
        """Warn the next customers, by account; only if sending is on.

        :return: (customers looked at, mails queued, last account or None).
        """
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not program.company_id.retention_sending or not template:
            return 0, 0, None
        if self.env["retention.cadence"]._find_unfinished(template):
            return 0, 0, None
        due = self._get_due_warnings(program, today, after)
        if not due:
            return 0, 0, None
        accounts = self.browse(due)
        reasons, moments = accounts._may_be_warned(program.company_id)
        told = accounts.browse([key for key in due if reasons.get(key) == ""])
        for moment, group in told.grouped(lambda each: moments.get(each.id)).items():
            group._send_warnings(template, moment)
        self._note_warnings(
            [
                (account, day, number, left, reasons[account])
                for account, rows in due.items()
                if account in reasons
                for day, number, left in rows
            ],
            today,
        )
        return len(due), len(told), accounts[-1].id if len(due) == BATCH else None

    @api.model
    def _get_due_warnings(self, program, today, after):
        """Return ``{account: [(last day, number of the warning, points)]}``."""
        numbers = [(1, program.warn_days), (2, program.warn_again_days)]
        numbers = [(number, days) for number, days in numbers if days]
        if not numbers:
            return {}
        horizon = today + timedelta(days=max(days for _number, days in numbers) + 1)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account_id, day, number, sum(remaining)::integer
                  FROM (%(expiring)s) due
                  JOIN unnest(%(numbers)s::integer[], %(days)s::integer[])
                       AS warning (number, days) ON day - days <= %(today)s
                 WHERE day >= %(today)s AND account_id > %(after)s
                   AND NOT EXISTS (SELECT FROM retention_points_warning known
                                    WHERE known.account_id = due.account_id
                                      AND known.expires_on = due.day
                                      AND known.number = warning.number)
                 GROUP BY account_id, day, number
                 ORDER BY account_id, day, number
                """,
                expiring=self._select_expiring(program, horizon),
                numbers=[number for number, _days in numbers],
                days=[days for _number, days in numbers],
                today=today,
                after=after,
            )
        )
        due = {}
        for account, day, number, left in rows:
            if account not in due and len(due) == BATCH:
                break
            due.setdefault(account, []).append((day, number, left))
        return due

    def _may_be_warned(self, company):
        """Return ``{account id: why not}`` and ``{account id: when}``.

        "" for who may be, now or at a moment of the next day (a night is no time for
        mails); without who has to wait longer.
        """
        guard = self.env["retention.guard"]
        channel = self.env["retention.channel"]._get_ids_by_code().get("email")
        reasons, moments = {}, {}
        latest = fields.Datetime.now() + timedelta(days=1)
        reachable = self.filtered("partner_id.email_normalized")
        for account in self - reachable:
            reasons[account.id] = self.env._("No e-mail address")
        requests = [
            caps.Request(
                customer_id=account.partner_id.id,
                person_id=account.partner_id.id,
                channel_id=channel,
                category="service",
                source=("points", account.program_id.id),
            )
            for account in reachable
        ]
        guard._hold(company, reachable.partner_id.ids)
        verdicts = guard._judge(company, requests)
        guard._log(company, requests, verdicts)
        for account, verdict in zip(reachable, verdicts, strict=True):
            if verdict.state == caps.ALLOWED:
                reasons[account.id] = ""
            elif verdict.state == caps.BLOCKED:
                reasons[account.id] = verdict.reason
            elif verdict.until and verdict.until <= latest:
                reasons[account.id] = ""
                moments[account.id] = verdict.until
        return reasons, moments

    def _send_warnings(self, template, moment=None):
        """Queue one mail an account, and keep each as a contact that took place."""
        if not self:
            return
        mails = template.send_mail_batch(
            self.ids,
            force_send=False,
            email_values={"scheduled_date": moment} if moment else None,
        )
        for account, mail in zip(self, mails, strict=True):
            if not mail.recipient_ids and not mail.email_to:
                mail.recipient_ids = [Command.link(account.partner_id.id)]
        channels = self.env["retention.channel"]._get_ids_by_code()
        now = fields.Datetime.now()
        self.env["retention.touch"].create(
            [
                {
                    "partner_id": account.partner_id.id,
                    "person_id": account.partner_id.id,
                    "company_id": account.company_id.id,
                    "channel_id": channels["email"],
                    "category": "service",
                    "state": "done",
                    "done_at": now,
                    "outcome": "reached",
                    "is_bulk": True,
                    "origin": "message",
                    "key": f"points.warning:{mail.mail_message_id.id}:{account.id}",
                    "mail_id": mail.id,
                }
                for account, mail in zip(self, mails, strict=True)
            ]
        )

    @api.model
    def _note_warnings(self, rows, today):
        """Keep whom we warned of which day, (account, day, number, points, reason)."""
        # sudo: only the job keeps this
        self.env["retention.points.warning"].sudo().create(
            [
                {
                    "account_id": account,
                    "expires_on": day,
                    "number": number,
                    "points": left,
                    "warned_on": today,
                    "reason": reason or False,
                }
                for account, day, number, left, reason in rows
            ]
        )

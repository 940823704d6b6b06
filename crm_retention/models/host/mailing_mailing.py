from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.tools import SQL, format_datetime

from ...tools import caps
from ..facts.retention_touch import CATEGORIES

LONGEST_DAYS = 30  # nobody waits longer for a mailing that names no last date
BUSY_MINUTES = 2  # until a recipient is tried again whom somebody else just contacted


class MailingMailing(models.Model):
    """Asks the guard whom a mailing may reach: when chosen, and before each batch.

    Exclusions stand in our own log, never in Odoo's list of opt-outs. Whom the guard
    puts off stays a recipient: the mailing goes back to the queue until the first of
    them is allowed, and ends when nobody is left to wait for.
    """

    _inherit = "mailing.mailing"

    retention_category = fields.Selection(
        selection=CATEGORIES,
        string="Contact Category",
        default="promotion",
        required=True,
        help="Which contact limits hold for this mailing. Transactional ones, such as "
        "about an order, pass.",
    )
    retention_purpose_id = fields.Many2one(
        comodel_name="retention.purpose",
        string="Contact Purpose",
        ondelete="restrict",
        help="What recipients may have refused or must have agreed to. Empty: that of "
        "the category.",
    )
    retention_last_date = fields.Date(
        string="Not Later than",
        copy=False,
        help="Recipients whom a contact limit puts off get it as soon as it is "
        "allowed, but not after this day. Empty: as the limit says, at most 30 days.",
    )
    retention_since = fields.Datetime(
        string="First Tried on", readonly=True, copy=False
    )
    retention_next_at = fields.Datetime(
        string="Next Recipients on", readonly=True, copy=False
    )
    retention_left_out = fields.Integer(
        string="Left Out", compute="_compute_retention_counts"
    )
    retention_waiting = fields.Integer(
        string="Waiting", compute="_compute_retention_counts"
    )
    retention_text = fields.Text(
        string="Contact Limits", compute="_compute_retention_counts"
    )

    # ---- what the form says --------------------------------------------------

    def _compute_retention_counts(self):
        # sudo: how many were left out is part of the mailing, whoever sends it
        decisions = self.env["retention.decision"].sudo()
        rows = decisions._read_group(
            [("mailing_id", "in", self.ids), ("res_id", "!=", False)],
            ["mailing_id", "verdict", "is_waiting", "cause", "cap_id"],
            ["__count"],
            order="__count desc",
        )
        for mailing in self:
            own = [row[1:] for row in rows if row[0] == mailing]
            left_out = [row for row in own if row[0] == "blocked"]
            waiting = [row for row in own if row[1]]
            mailing.retention_left_out = sum(row[-1] for row in left_out)
            mailing.retention_waiting = sum(row[-1] for row in waiting)
            mailing.retention_text = mailing._retention_describe(left_out, waiting)

    def _retention_describe(self, left_out, waiting):
        """Say how many are left out and wait, and why; False: nobody."""
        lines = []
        if left_out:
            lines.append(
                self.env._(
                    "%(count)s left out: %(reasons)s",
                    count=sum(row[-1] for row in left_out),
                    reasons=self._retention_reasons(left_out),
                )
            )
        if waiting:
            lines.append(
                self.env._(
                    "%(count)s waiting: %(reasons)s",
                    count=sum(row[-1] for row in waiting),
                    reasons=self._retention_reasons(waiting),
                )
            )
        if waiting and self.retention_next_at:
            moment = format_datetime(
                self.env, self.retention_next_at, dt_format="short"
            )
            lines.append(self.env._("The next will be sent on %s.", moment))
        return "\n".join(lines) or False

    def _retention_reasons(self, rows):
        causes = dict(
            self.env["retention.decision"]
            ._fields["cause"]
            ._description_selection(self.env)
        )
        return ", ".join(
            f"{cap.name or causes.get(cause, '')} ({count})"
            for _verdict, _waiting, cause, cap, count in rows
        )

    # ---- whom it may reach -----------------------------------------------------

    def _get_remaining_recipients(self):
        """Take away whom the guard refuses or puts off now."""
        res_ids = super()._get_remaining_recipients()
        if self.env.context.get("retention_everybody"):
            return res_ids
        return self._retention_choose(res_ids)

    def _retention_choose(self, res_ids):
        self.ensure_one()
        if not self.retention_since:
            self.retention_since = fields.Datetime.now()
        chosen, until = self._retention_judge(res_ids)
        if self.retention_next_at != until:
            self.retention_next_at = until
        if until:
            self._retention_wake(until)
        return chosen

    def _retention_allow_batch(self, res_ids):
        """Return whom of a batch it may reach at this moment, and keep them.

        Where somebody else is just contacting one of them the batch is tried again
        in a few minutes.
        """
        self.ensure_one()
        customers = self._retention_get_customers(res_ids)
        ids = sorted({customer_id for customer_id, _person in customers.values()})
        company = self._retention_company()
        guard = self.env["retention.guard"]
        if not guard._try_hold(company, ids):
            chosen = []
            until = fields.Datetime.now() + timedelta(minutes=BUSY_MINUTES)
        else:
            chosen, until = self._retention_judge(res_ids, customers)
            self._retention_settle(chosen)
        if until:
            self.retention_next_at = min(self.retention_next_at or until, until)
            self._retention_wake(until)
        return chosen

    def _retention_judge(self, res_ids, customers=None):
        """Return (whom it may reach now, when the first of the others may be).

        Keeps the refusals. Whom nobody knows as a customer it may reach.
        """
        if customers is None:
            customers = self._retention_get_customers(res_ids)
        refused = self._retention_get_refused(res_ids)
        asked = [each for each in res_ids if each in customers and each not in refused]
        company = self._retention_company()
        guard = self.env["retention.guard"]
        requests = [self._retention_request(*customers[each]) for each in asked]
        verdicts = [
            self._retention_soften(verdict)
            for verdict in guard._judge(company, requests)
        ]
        guard._log(company, requests, verdicts, mailing=self, records=asked)
        by_id = dict(zip(asked, verdicts, strict=True))
        allowed = caps.Verdict(caps.ALLOWED)
        chosen = [
            each
            for each in res_ids
            if each not in refused and by_id.get(each, allowed).state == caps.ALLOWED
        ]
        untils = [each.until for each in verdicts if each.state == caps.DEFERRED]
        return chosen, min(untils, default=False)

    def _retention_request(self, customer_id, person_id):
        return caps.Request(
            customer_id=customer_id,
            person_id=person_id,
            channel_id=self._retention_channel().id,
            category=self.retention_category,
            purpose_id=self.retention_purpose_id.id or None,
            since=self.retention_since or None,
            last=self._retention_last(),
            source=("mailing", self.id),
        )

    def _retention_soften(self, verdict):
        """Leave to Odoo what it refuses itself, and show it among the cancelled.

        A part of an A/B test is drawn by chance each time: nobody waits for it.
        """
        own = {"address"}
        if self.use_exclusion_list:
            own.add("blacklist")
        if self.mailing_on_mailing_list:
            own.add("optout")
        if verdict.cause in own:
            return caps.Verdict(caps.ALLOWED)
        part = self.ab_testing_enabled and not self.ab_testing_is_winner_mailing
        if part and verdict.state == caps.DEFERRED:
            return verdict._replace(state=caps.BLOCKED, action=caps.SKIP)
        return verdict

    def _retention_company(self):
        return self.user_id.company_id or self.env.company

    def _retention_channel(self):
        code = "sms" if self.mailing_type == "sms" else "email"
        return self.env.ref(f"crm_retention.channel_{code}")

    def _retention_last(self):
        """Return the last moment at which somebody may get it."""
        since = self.retention_since or fields.Datetime.now()
        longest = since + timedelta(days=LONGEST_DAYS)
        if not self.retention_last_date:
            return longest
        day = datetime.combine(self.retention_last_date, time.max)
        zone = self._retention_company()._retention_now().tzinfo
        return min(longest, caps.to_utc(day.replace(microsecond=0), zone))

    def _retention_get_refused(self, res_ids):
        """Return those whom this mailing has left out: they stay so."""
        # sudo: the log is read to obey it, whoever sends
        decisions = self.env["retention.decision"].sudo()
        rows = decisions.search_fetch(
            [
                ("mailing_id", "=", self.id),
                ("verdict", "=", "blocked"),
                ("res_id", "in", res_ids),
            ],
            ["res_id"],
        )
        return set(rows.mapped("res_id"))

    def _retention_settle(self, res_ids):
        """Note that these recipients, or all (None), no longer wait."""
        self.env.execute_query(
            SQL(
                """
                UPDATE retention_decision SET is_waiting = FALSE
                 WHERE mailing_id = ANY(%s) AND is_waiting
                   AND (%s OR res_id = ANY(%s::int[]))
                RETURNING id
                """,
                self.ids,
                res_ids is None,
                list(res_ids or []),
            )
        )
        self.env["retention.decision"].invalidate_model(["is_waiting"])

    # ---- the queue -------------------------------------------------------------

    def _retention_wake(self, moment):
        # sudo: the job's record belongs to the administrator
        cron = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue").sudo()
        # the queue takes what lies before its own time, not what begins now
        cron._trigger(at=moment + timedelta(seconds=1))

    def _action_send_mail(self, res_ids=None):
        for mailing in self:
            chosen = res_ids or mailing._get_remaining_recipients()
            if not chosen and (mailing.retention_left_out or mailing.retention_waiting):
                # nobody is left: it ends as in the queue, instead of with an error
                mailing.write({"state": "done", "sent_date": fields.Datetime.now()})
                continue
            super(MailingMailing, mailing)._action_send_mail(res_ids=chosen)
        return True

    def write(self, vals):
        state = vals.get("state")
        if state == "draft":
            self._retention_forget()
        if state != "done":
            return super().write(vals)
        waiting = self.filtered("retention_next_at")
        done = self - waiting
        if done:
            super(MailingMailing, done).write(vals)
            done._retention_settle(None)
        for mailing in waiting:
            # one by one: each goes on at a moment of its own
            super(MailingMailing, mailing).write(mailing._retention_requeue(vals))
        return True

    def _retention_requeue(self, vals):
        """Return ``vals`` for a mailing that waits for its next recipient."""
        self.ensure_one()
        moment = self.retention_next_at
        self._retention_wake(moment)
        kept = {"state", "sent_date", "kpi_mail_required"}
        return {name: value for name, value in vals.items() if name not in kept} | {
            "state": "in_queue",
            "schedule_type": "scheduled",
            "schedule_date": moment,
        }

    def _retention_forget(self):
        """Begin anew when a mailing is taken out of the queue."""
        started = self.filtered(lambda mailing: mailing.state != "draft")
        started.write({"retention_since": False, "retention_next_at": False})
        # sudo: the rows stay in the customers' history, this mailing starts afresh
        decisions = self.env["retention.decision"].sudo()
        decisions.search([("mailing_id", "in", started.ids)]).write(
            {"res_id": False, "is_waiting": False}
        )

    # ---- actions ---------------------------------------------------------------

    def action_retention_decisions(self):
        """Open whom this mailing left out or waits for."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_decision_action"
        )
        return action | {
            "domain": [("mailing_id", "=", self.id), ("res_id", "!=", False)],
            "context": {},
        }

    def action_retention_preview(self):
        """Say how many recipients could get it at this moment; keeps nothing."""
        self.ensure_one()
        self.check_access("read")
        everybody = self.with_context(retention_everybody=True)
        res_ids = everybody._get_remaining_recipients()
        customers = self._retention_get_customers(res_ids)
        requests = [self._retention_request(*each) for each in customers.values()]
        verdicts = [
            self._retention_soften(verdict)
            for verdict in self.env["retention.guard"]._judge(
                self._retention_company(), requests
            )
        ]
        states = [verdict.state for verdict in verdicts]
        kept = len(states) - states.count(caps.ALLOWED)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "sticky": True,
                "message": self.env._(
                    "Now %(now)s of %(all)s recipients could get it; %(waiting)s would "
                    "wait, %(left)s be left out.",
                    now=len(res_ids) - kept,
                    all=len(res_ids),
                    waiting=states.count(caps.DEFERRED),
                    left=states.count(caps.BLOCKED),
                ),
            },
        }

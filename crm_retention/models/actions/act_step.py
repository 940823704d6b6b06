from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import caps

BATCH = 400  # mails or activities a transaction
PARTS = ("follow", "automatic", "feedback", "personal", "watch", "complaints")


class RetentionTouch(models.Model):
    """The act step: planned touches to activities and mails.

    Whatever is made for a touch is made in the transaction that marks it, so a killed
    worker leaves both or neither and nothing is sent twice.
    """

    _inherit = "retention.touch"

    for_person = fields.Boolean(
        string="Handed to a Person",
        readonly=True,
        copy=False,
        help="Was to be sent automatically; the rules let a person decide.",
    )

    @api.model
    def _step_act(self, run):
        """Do one batch of the act step; as ``retention.profile._step_score``.

        The cursor is ``{"part": name, "after": id of a touch}``.
        """
        cursor = run.cursor or {"part": PARTS[0]}
        part = cursor["part"]
        seen, changed, after = getattr(self, f"_act_{part}")(
            run, cursor.get("after", 0)
        )
        if after:
            return seen, changed, {"part": part, "after": after}
        if part == PARTS[-1]:
            return seen, changed, None
        return seen, changed, {"part": PARTS[PARTS.index(part) + 1]}

    # ---- parts -------------------------------------------------------------------

    def _act_follow(self, run, _after):
        """Activities whose touches were moved or closed meanwhile."""
        return 0, self._sync_activities(company=run.company_id), None

    def _act_automatic(self, run, after):
        """Send what is due, if sending is on."""
        if not run.company_id.retention_sending:
            return 0, 0, None
        touches = self._get_due(run, after, "automatic")
        done = run._in_pieces(touches, self._send_allowed) if touches else 0
        return len(touches), done, touches[-1:].id

    def _act_personal(self, run, after):
        """Make activities for what people are to do."""
        touches = self._get_due(run, after, "personal")
        done = run._in_pieces(touches, self._make_activities) if touches else 0
        return len(touches), done, touches[-1:].id

    def _act_watch(self, run, _after):
        """Warn of policies under which customers complain; once a night."""
        if run.kind == "light":
            return 0, 0, None
        policies = self.env["retention.contact.policy"].search(
            [("company_id", "=", run.company_id.id)]
        )
        return 0, policies._watch(run.as_of), None

    @api.model
    def _get_due(self, run, after, mode):
        """Return the next planned touches to carry out, by id.

        A person's must have somebody who does it; an automatic one needs nobody.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT touch.id
                  FROM retention_touch touch
                  LEFT JOIN retention_cadence cadence ON cadence.id = touch.cadence_id
                  LEFT JOIN res_users responsible ON responsible.id = touch.user_id
                 WHERE touch.company_id = %(company)s AND touch.state = 'planned'
                   AND touch.activity_id IS NULL AND touch.due_date <= %(day)s
                   AND (touch.act_at IS NULL OR touch.act_at <= %(now)s)
                   AND touch.id > %(after)s AND (%(mode)s)
                 ORDER BY touch.id LIMIT %(limit)s
                """,
                company=run.company_id.id,
                day=run.as_of,
                now=fields.Datetime.now(),
                after=after,
                mode=self._automatic_sql()
                if mode == "automatic"
                else self._personal_sql(),
                limit=BATCH,
            )
        )
        return self.browse([row[0] for row in rows])

    @api.model
    def _automatic_sql(self):
        """Return the condition that ``touch`` is sent by itself."""
        return SQL("cadence.mode = 'automatic' AND touch.for_person IS NOT TRUE")

    @api.model
    def _personal_sql(self):
        """Return the condition that ``touch`` is a person's, who gets an activity."""
        return SQL("(%s) IS NOT TRUE AND responsible.active", self._automatic_sql())

    # ---- work on a batch ---------------------------------------------------------

    @api.model
    def _make_activities(self, touches):
        return len(touches._create_activities())

    @api.model
    def _send_allowed(self, touches):
        """Ask the guard about these touches now; send what it allows, hold the rest."""
        verdicts = touches._ask_guard()
        allowed, rest = self.browse(), []
        for touch, verdict in zip(touches, verdicts, strict=True):
            if verdict.state == caps.ALLOWED:
                allowed |= touch
            else:
                rest.append((touch, verdict))
        self._hold_back(rest)
        for line, group in allowed.grouped("cadence_id").items():
            for channel, same in group.grouped("channel_id").items():
                same._send_by(line, line._get_automation(channel))
        return len(touches)

    def _prepare_request(self):
        """Return what the guard is asked about this touch."""
        self.ensure_one()
        return caps.Request(
            customer_id=self.partner_id.id,
            person_id=self._get_person().id,
            channel_id=self.channel_id.id,
            category=self.category,
            purpose_id=self.cadence_id.purpose_id.id or None,
            touch_id=self.id,
            source=("cadence", self.cadence_id.id) if self.cadence_id else None,
        )

    def _ask_guard(self):
        """Return the guard's verdicts on touches of one company, now; log them."""
        guard = self.env["retention.guard"]
        company = self.company_id
        requests = [touch._prepare_request() for touch in self]
        guard._hold(company, self.partner_id.ids)
        verdicts = guard._judge(company, requests)
        guard._log(company, requests, verdicts)
        return verdicts

    @api.model
    def _hold_back(self, rest):
        """Do what the guard says with touches that may not be sent now.

        :param rest: pairs of a touch and its verdict.
        """
        skipped = self.browse()
        for touch, verdict in rest:  # each has a reason of its own; flushed in batches
            touch.skip_reason = verdict.reason
            if verdict.state == caps.DEFERRED:
                touch.act_at = verdict.until
            elif verdict.action == caps.PERSON:
                touch.for_person = True
            else:
                touch.state = "skipped"
                skipped |= touch
        if skipped:
            skipped._replan_customers()

    def _send_by(self, line, automation):
        """Queue what ``line`` sends to these touches; hand over what it cannot send."""
        if automation == "mail" and line._find_unfinished(line.mail_template_id):
            self._note_error(self._say_unfinished(line.mail_template_id))
        elif automation == "mail":
            self._queue_mails(line.mail_template_id)
        elif automation == "sms" and self._sms_is_set_up():
            self._queue_sms(line.sms_text)
        else:
            self.write(
                {
                    "for_person": True,
                    "skip_reason": self.env._("Cannot be sent by this channel."),
                }
            )

    def _note_error(self, error):
        """Keep on this touch why it could not be carried out; try again tomorrow."""
        self.write(
            {
                "act_error": str(error) or type(error).__name__,
                "act_at": fields.Datetime.now() + timedelta(days=1),
            }
        )

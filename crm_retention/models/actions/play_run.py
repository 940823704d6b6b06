from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html

from ...tools import caps, points


class RetentionAlert(models.Model):
    """Running a play on alerts: once each, all of it in one transaction."""

    _inherit = "retention.alert"

    def _run_play(self, play, user=None):
        """Run ``play`` on these alerts; each keeps what was done.

        :param user: who gets the activities of alerts that nobody owns, and those
            that a play leaves open; by default the owner of each alert.
        :raises UserError: where an alert is closed, or a play was run on it before.
        """
        self._check_may_act()
        self._check_playable(play)
        # sudo: what a play does was decided by who wrote it; the right was checked
        alerts = self.sudo()
        alerts.lock_for_update()
        alerts.invalidate_recordset(["played_at", "state"])
        alerts._check_not_played()
        alerts.filtered(lambda alert: not alert.user_id).user_id = user or self.env.user
        done = {alert: [] for alert in alerts}
        for company, some in alerts.grouped("company_id").items():
            mine = some.with_company(company)
            for step in (
                mine._play_activities,
                mine._play_message,
                mine._play_points,
                mine._play_ticket,
            ):
                for alert, texts in step(play).items():
                    done[alerts.browse(alert.id)] += texts
        alerts._note_played(play, done)
        return alerts

    def _check_playable(self, play):
        self._check_open()
        play.check_access("read")
        wrong = self.company_id - play.company_id if play.company_id else False
        if wrong:
            raise UserError(
                self.env._(
                    "The play %(play)s belongs to another company.", play=play.name
                )
            )

    def _check_not_played(self):
        played = self.filtered("played_at")
        if played:
            raise UserError(
                self.env._(
                    "A play was run on the alert on %s already: a second one would "
                    "do everything twice.",
                    played[0].partner_id.display_name,
                )
            )

    # ---- activities --------------------------------------------------------------

    def _play_activities(self, play):
        """Plan what people are to do; return ``{alert: [text]}``.

        What reaches the customer is a planned contact, so that it stands on Today and
        the rules of contacts know of it; anything else a plain activity.
        """
        steps = self._get_steps(play)
        contacts = [each for each in steps if each[1].retention_channel_id]
        if contacts:
            self._get_contacts().with_context(retention_of_alert=True).write(
                {
                    "state": "dropped",
                    "skip_reason": self.env._("The play %s was run.", play.name),
                }
            )
            touches = self.env["retention.touch"].create(
                [self._prepare_step_touch(play, each) for each in contacts]
            )
            today = self.env.company._retention_today()
            due = touches.filtered(lambda touch: touch.due_date <= today)
            due._create_activities()
        others = [each for each in steps if not each[1].retention_channel_id]
        self._create_step_activities(others)
        texts = {alert: [] for alert in self}
        for alert, kind, summary, day, user in steps:
            texts[alert].append(self._describe_step(kind, summary, day, user))
        return texts

    def _get_steps(self, play):
        """Return (alert, activity type, summary, day, person) for each activity."""
        today = self.env.company._retention_today()
        steps = []
        for alert in self:
            owner = alert.user_id or self.env.user
            for line in play.plan_id.template_ids:
                found = line._determine_responsible(owner, alert.partner_id)
                user = found["responsible"] if found["responsible"].active else owner
                day = max(line._get_date_deadline(today), today)
                kind = line.activity_type_id
                steps.append((alert, kind, line.summary or kind.name, day, user))
        return steps

    @api.model
    def _prepare_step_touch(self, play, step):
        alert, kind, summary, day, user = step
        return {
            "alert_id": alert.id,
            "play_id": play.id,
            "partner_id": alert.partner_id.id,
            "company_id": alert.company_id.id,
            "channel_id": kind.retention_channel_id.id,
            "category": "relationship",
            "depth": "conversation",
            "due_date": day,
            "user_id": user.id,
            "reason": summary,
            "origin": "alert",
        }

    @api.model
    def _create_step_activities(self, steps):
        quiet = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True, retention_quiet=True
        )
        model_id = self.env["ir.model"]._get_id("res.partner")
        activities = quiet.create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": alert.partner_id.id,
                    "activity_type_id": kind.id,
                    "summary": summary,
                    "note": plaintext2html(alert.reason or ""),
                    "date_deadline": day,
                    "user_id": user.id,
                    "automated": True,
                }
                for alert, kind, summary, day, user in steps
            ]
        )
        for step, activity in zip(steps, activities, strict=True):
            step[0].play_activity_ids |= activity

    def _describe_step(self, kind, summary, day, user):
        return self.env._(
            "%(kind)s on %(day)s by %(user)s: %(summary)s",
            kind=kind.name,
            day=format_date(self.env, day),
            user=user.name,
            summary=summary,
        )

    # ---- message -----------------------------------------------------------------

    def _play_message(self, play):
        """Plan the message; the act step sends it when the rules of contacts allow."""
        if play.message == "none":
            return {}
        channel = play._get_channel()
        day = self._get_message_day(play)
        self.env["retention.touch"].create(
            [
                {
                    "alert_id": alert.id,
                    "play_id": play.id,
                    "partner_id": alert.partner_id.id,
                    "company_id": alert.company_id.id,
                    "channel_id": channel.id,
                    "category": play.category,
                    "due_date": day,
                    "user_id": alert.user_id.id,
                    "is_bulk": True,  # sent by itself, no personal contact
                    "reason": self.env._("Play: %s", play.name),
                    "origin": "alert",
                }
                for alert in self
            ]
        )
        text = self._describe_message(play, day)
        return {alert: [text] for alert in self}

    def _get_message_day(self, play):
        return self.env.company._retention_today() + timedelta(days=play.wait_days)

    def _describe_message(self, play, day):
        kinds = dict(play._fields["message"]._description_selection(self.env))
        what = play.mail_template_id.name if play.message == "mail" else play.sms_text
        return self.env._(
            "%(kind)s on %(day)s: %(what)s",
            kind=kinds[play.message],
            day=format_date(self.env, day),
            what=what,
        )

    def _get_message_obstacles(self, play):
        """Return ``{alert: why its message does not leave now}``, of those alone.

        As the guard answers at this moment; it is asked again when the message is due.
        """
        if play.message == "none":
            return {}
        company = self.company_id
        if not company.retention_sending:
            text = self.env._("sending is off, it stays planned")
            return dict.fromkeys(self, text)
        if play.is_unfinished:
            text = self.env._("its text is still to be written")
            return dict.fromkeys(self, text)
        requests = [
            caps.Request(
                customer_id=alert.partner_id.id,
                person_id=alert.partner_id.id,
                channel_id=play._get_channel().id,
                category=play.category,
                purpose_id=play.consent_id.id or None,
            )
            for alert in self
        ]
        verdicts = self.env["retention.guard"]._judge(company, requests)
        return {
            alert: verdict.reason
            for alert, verdict in zip(self, verdicts, strict=True)
            if verdict.state != caps.ALLOWED
        }

    # ---- points ------------------------------------------------------------------

    def _get_points_programs(self):
        """Return ``{alert: program}`` of those whose customers collect points."""
        company = self.company_id
        programs = self.env["retention.points.program"].sudo()  # sudo: see _run_play
        assigned = programs._assign(company, self.partner_id.ids)
        return {
            alert: assigned[alert.partner_id.id]
            for alert in self
            if assigned.get(alert.partner_id.id)
        }

    def _play_points(self, play):
        """Give points, once for each alert by the key of the movement."""
        if not play.points:
            return {}
        texts = {alert: [self._describe_no_points()] for alert in self}
        by_program = {}
        for alert, program in self._get_points_programs().items():
            by_program.setdefault(program, self.browse())
            by_program[program] |= alert
            texts[alert] = [self._describe_points(play)]
        accounts = self.env["retention.points.account"]
        for program, alerts in by_program.items():
            expires_on = program._get_expiry(self.company_id._retention_today())
            entries = accounts._post_rows(
                program,
                [
                    {
                        "partner_id": alert.partner_id.id,
                        "key": f"play:{alert.id}",
                        "kind": points.ADJUST,
                        "points": play.points,
                        "expires_on": expires_on,
                        "res_model": "retention.alert",
                        "res_id": alert.id,
                        "reason": play.points_reason.strip(),
                    }
                    for alert in alerts
                ],
            )
            for alert in alerts:
                alert.entry_id = entries[f"play:{alert.id}"]
        return texts

    def _describe_points(self, play):
        return self.env._(
            "%(points)s points: %(reason)s",
            points=play.points,
            reason=play.points_reason,
        )

    def _describe_no_points(self):
        return self.env._("No points: this customer collects none.")

    # ---- ticket ------------------------------------------------------------------

    def _play_ticket(self, play):
        """Open a ticket for the service team."""
        if not play.makes_ticket:
            return {}
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": play.ticket_title,
                    "description": plaintext2html(alert.reason or play.ticket_title),
                    "partner_id": alert.partner_id.id,
                    "company_id": alert.company_id.id,
                    "priority": "2" if alert.severity == "high" else "1",
                }
                | ({"team_id": play.ticket_team_id.id} if play.ticket_team_id else {})
                for alert in self
            ]
        )
        for alert, ticket in zip(self, tickets, strict=True):
            alert.ticket_id = ticket
        return {
            alert: [self.env._("Ticket: %s", alert.ticket_id.display_name)]
            for alert in self
        }

    # ---- keeping -----------------------------------------------------------------

    def _note_played(self, play, done):
        """Keep on these alerts and on their customers what was done."""
        self.write(
            {
                "played_id": play.id,
                "played_at": self.env.cr.now(),
                "played_by_id": self.env.uid,
            }
        )
        self._start_work()
        head = self.env._("The play %s was run:", play.name)
        bodies = {
            alert: Markup("<p>%s</p><ul>%s</ul>")
            % (head, Markup().join(Markup("<li>%s</li>") % each for each in texts))
            for alert, texts in done.items()
        }
        author = self.env.user.partner_id.id
        self._message_log_batch(
            {alert.id: body for alert, body in bodies.items()}, author_id=author
        )
        self.partner_id._message_log_batch(
            {alert.partner_id.id: body for alert, body in bodies.items()},
            author_id=author,
        )

    # ---- before ------------------------------------------------------------------

    def _preview_play(self, play):
        """Return in lines what running ``play`` on these alerts would do.

        Writes nothing. Of one alert everything, of several how many of each.
        """
        lines = []
        alerts = self.sudo()  # sudo: as above
        for company, some in alerts.grouped("company_id").items():
            mine = some.with_company(company)
            lines += mine._preview_steps(play) + mine._preview_message(play)
            lines += mine._preview_points(play)
            if play.makes_ticket:
                lines.append(
                    self.env._("Ticket: %s", play.ticket_title)
                    if len(some) == 1
                    else self.env._("%s tickets", len(some))
                )
        return lines

    def _preview_steps(self, play):
        if len(self) > 1:
            count = len(self) * len(play.plan_id.template_ids)
            return [self.env._("%s activities for the owners", count)] if count else []
        return [
            self._describe_step(kind, summary, day, user)
            for _alert, kind, summary, day, user in self._get_steps(play)
        ]

    def _preview_message(self, play):
        if play.message == "none":
            return []
        text = self._describe_message(play, self._get_message_day(play))
        obstacles = self._get_message_obstacles(play)
        if not obstacles:
            return [text]
        counts = {}
        for reason in obstacles.values():
            counts[reason] = counts.get(reason, 0) + 1
        if len(self) == 1:
            [why] = counts
            return [self.env._("%(what)s – not now: %(why)s", what=text, why=why)]
        return [text] + [
            self.env._(
                "not now for %(count)s of them: %(why)s", count=count, why=reason
            )
            for reason, count in counts.items()
        ]

    def _preview_points(self, play):
        if not play.points:
            return []
        without = len(self) - len(self._get_points_programs())
        if without and len(self) == 1:
            return [self._describe_no_points()]
        lines = [self._describe_points(play)]
        if without:
            lines.append(
                self.env._("no points for %s of them: they collect none", without)
            )
        return lines

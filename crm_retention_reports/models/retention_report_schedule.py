import ast
import logging

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ..tools.months import last_day

_logger = logging.getLogger(__name__)

EVERY = {"week": {"weeks": 1}, "month": {"months": 1}, "quarter": {"months": 3}}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
MENU = "crm_retention_reports.retention_report_export_menu"
MAIL_BYTES = 50_000  # for all of a mail that is not its files


class RetentionReportSchedule(models.Model):
    """Evaluation reports that go out by mail, to each reader with what he may see."""

    _name = "retention.report.schedule"
    _description = "Report by Mail"
    _order = "next_date, id"

    name = fields.Char(
        required=True, translate=True, help="The subject of the mail and the title."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    period = fields.Selection(
        selection=[
            ("month", "Last Month"),
            ("quarter", "Last Quarter"),
            ("year", "Last Year"),
            ("months_12", "Last 12 Months"),
        ],
        required=True,
        default="month",
        help="Which days the figures are of, on the day of sending.",
    )
    every = fields.Selection(
        selection=[("week", "Week"), ("month", "Month"), ("quarter", "Quarter")],
        required=True,
        default="month",
    )
    next_date = fields.Date(
        string="Next Mail",
        required=True,
        default=lambda self: self._default_next_date(),
        help="Sent on the morning of this day, then again every week, month or "
        "quarter.",
    )
    page_ids = fields.Many2many(
        comodel_name="retention.report.page",
        relation="retention_report_schedule_page_rel",
        string="Reports",
        required=True,
        default=lambda self: self.env["retention.report.page"].search([]),
        help="A reader gets those of them that he may open.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="retention_report_schedule_user_rel",
        string="Readers",
        help="Each gets the figures of the customers that he may see.",
    )
    domain = fields.Char(
        string="Customers", default="[]", help="Only these customers; empty: all."
    )
    with_pdf = fields.Boolean(string="PDF File", default=True)
    with_xlsx = fields.Boolean(string="Spreadsheet File", default=True)
    last_sent = fields.Datetime(readonly=True, copy=False)
    last_problem = fields.Char(
        readonly=True, copy=False, help="Why somebody got no mail the last time."
    )

    @api.model
    def _default_next_date(self):
        """The second of next month: by then the last day has been counted."""
        today = self.env.company._retention_today()
        return today.replace(day=2) + relativedelta(months=1)

    @api.constrains("user_ids", "company_id")
    def _check_users(self):
        for schedule in self:
            strangers = schedule.user_ids - schedule._get_readers()
            if strangers:
                raise ValidationError(
                    self.env._(
                        "These people may not read reports of %(company)s: %(names)s.",
                        company=schedule.company_id.name,
                        names=", ".join(strangers.mapped("name")),
                    )
                )

    @api.constrains("with_pdf", "with_xlsx")
    def _check_files(self):
        if any(not one.with_pdf and not one.with_xlsx for one in self):
            raise ValidationError(self.env._("Choose at least one kind of file."))

    @api.constrains("domain")
    def _check_domain(self):
        for schedule in self:
            try:
                domain = Domain(ast.literal_eval(schedule.domain or "[]"))
                domain.validate(self.env["retention.profile"])
            except (AttributeError, SyntaxError, TypeError, ValueError) as error:
                raise ValidationError(
                    self.env._("The condition on customers cannot be read.")
                ) from error

    def _get_readers(self):
        """Return those of the chosen people who may read reports of the company."""
        self.ensure_one()
        return self.user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and self.company_id in user.company_ids
                and user.has_group("crm_retention.group_retention_user")
            )
        )

    def _has_report(self, user):
        """Tell whether there is anything in it that this reader may open."""
        return bool(self.page_ids.with_user(user)._filter_allowed())

    # ---- sending -------------------------------------------------------------------

    def action_send_now(self):
        """Queue the mails of today, without moving the next date."""
        self.check_access("write")
        for schedule in self:
            # sudo: mails of the readers, as the job sends them; a page that somebody
            # else attaches would become plain text
            schedule.with_user(SUPERUSER_ID)._send()
        problems = [one.last_problem for one in self if one.last_problem]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if problems else "success",
                "message": "\n".join(problems)
                or self.env._("The mails are on their way."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_send(self, batch_size=1):
        """Send what is due, a schedule at a time; a mail goes out once."""
        Cron = self.env["ir.cron"]
        due = self._get_due()
        Cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), batch_size):
            batch = due[start : start + batch_size].try_lock_for_update()
            # somebody may have changed the day since
            batch._filter_due()._send_due()
            if not Cron._commit_progress(batch_size):
                break

    @api.model
    def _get_due(self):
        """Return what is to be sent, by the day of each company."""
        tomorrow = fields.Date.today() + relativedelta(days=1)
        found = self.search(
            [("next_date", "<=", tomorrow), ("company_id.active", "=", True)]
        )
        return found._filter_due()

    def _filter_due(self):
        return self.filtered(
            lambda one: (
                one.active and one.next_date <= one.company_id._retention_today()
            )
        )

    def _send_due(self):
        for schedule in self:
            try:
                with self.env.cr.savepoint():
                    schedule._send()
            except Exception:
                # one report that fails must not keep the others from going out
                _logger.exception("Report by mail %s could not be made", schedule.id)
                schedule.last_problem = self.env._(
                    "The report could not be made. The server's log says why."
                )
            schedule.next_date = schedule._get_next_date()

    def _get_next_date(self):
        """Return the first day after today on which it is due again.

        The last day of a month is followed by the last day of another: else February
        would move all mails after it.
        """
        self.ensure_one()
        today, number = self.company_id._retention_today(), 1
        step = EVERY[self.every]
        is_end = "weeks" not in step and self.next_date == last_day(self.next_date)
        while True:
            # counted from one day: a run missed does not move the others
            day = self.next_date + relativedelta(
                **{unit: count * number for unit, count in step.items()}
            )
            day = last_day(day) if is_end else day
            if day > today:
                return day
            number += 1

    def _send(self):
        """Queue one mail a reader with the files that he may see."""
        self.ensure_one()
        chosen = self.with_context(active_test=False).user_ids
        readers = self._get_readers().filtered(self._has_report)
        reachable = readers.filtered("email_normalized")
        mails, failed = [], self.env["res.users"]
        for user in reachable:
            try:
                with self.env.cr.savepoint():
                    mails.append(self._prepare_mail(user))
            except Exception:
                # one reader's report that fails must not keep it from the others
                _logger.exception("Report by mail %s, user %s", self.id, user.id)
                failed |= user
        self.env["mail.mail"].create(mails)
        problems = self._say_left_out(chosen - readers, readers - reachable, failed)
        self.write(
            {
                "last_sent": fields.Datetime.now() if mails else self.last_sent,
                "last_problem": "\n".join(problems) or False,
            }
        )

    def _say_left_out(self, strangers, unreachable, failed):
        """Return in sentences who got no mail, and why."""

        def name(users):
            return ", ".join(users.mapped("name"))

        said = []
        if strangers:
            said.append(
                self.env._(
                    "No mail to %(names)s: they may not read reports any more.",
                    names=name(strangers),
                )
            )
        if unreachable:
            said.append(
                self.env._(
                    "No mail to %(names)s: they have no e-mail address.",
                    names=name(unreachable),
                )
            )
        if failed:
            said.append(
                self.env._(
                    "No mail to %(names)s: the report could not be made. The server's "
                    "log says why.",
                    names=name(failed),
                )
            )
        return said

    def _prepare_mail(self, user):
        """Return the values of one reader's mail, in his language."""
        plan = self.with_context(lang=user.lang)
        export = self._make_export(user, plan)
        first, last = export._get_spans()[0]
        days = export.env["retention.analysis"]._say_days(first, last)
        made = self._make_files(export)
        files, too_large = self._fit(made)
        body = plan.env["ir.qweb"]._render(
            "crm_retention_reports.report_mail",
            {
                "lines": [
                    *plan._get_words(user, days),
                    *plan._get_hints(made, too_large),
                ]
            },
        )
        files = [
            # of the message, so that they go with it once the mail is sent
            {
                "name": name,
                "raw": content,
                "mimetype": kind,
                "res_model": "mail.message",
            }
            for name, content, kind in files
        ]
        return {
            "subject": plan.env._("%(name)s, %(days)s", name=plan.name, days=days),
            "body_html": body,
            "email_from": plan.company_id.email_formatted or user.email_formatted,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "attachment_ids": [Command.create(values) for values in files],
            "auto_delete": True,
        }

    def _get_words(self, user, days):
        """Return the paragraphs of the mail to one reader."""
        return [
            self.env._("Hello %(name)s,", name=user.name),
            self.env._(
                "the evaluation “%(report)s” of %(company)s for %(days)s is attached. "
                "It holds the customers that you may see, and says how each figure is "
                "counted.",
                report=self.name,
                company=self.company_id.name,
                days=days,
            ),
            self.env._("You get this mail because a manager chose you as its reader."),
        ]

    def _get_hints(self, made, too_large):
        """Return what is to be said of files that are not as they were asked for."""
        hints = []
        if self.with_pdf and PDF not in [kind for _name, _content, kind in made]:
            hints.append(
                self.env._(
                    "The server could not make a PDF file: the report is a page that "
                    "opens in the browser and can be printed there."
                )
            )
        if too_large:
            hints.append(
                self.env._(
                    "Too large for a mail: %(names)s. In Odoo, the menu “%(menu)s” of "
                    "the retention reports makes the same file.",
                    names=", ".join(too_large),
                    menu=self.env.ref(MENU).name,
                )
            )
        return hints

    @api.model
    def _fit(self, files):
        """Return the files that go into one mail, and the names of the others."""
        server = self.env["ir.mail_server"].search([], limit=1)
        # mails carry files in letters, four for each three bytes
        room = server._get_max_email_size() * 1024 * 1024 * 3 / 4 - MAIL_BYTES
        taken, too_large = [], []
        for file in sorted(files, key=lambda file: len(file[1])):
            room -= len(file[1])
            if room < 0:
                too_large.append(file[0])
            else:
                taken.append(file)
        return taken, too_large

    def _make_export(self, user, plan):
        """Return the reader's own export, with which his files are made."""
        Export = self.env["retention.report.export"].with_user(user)
        return Export.with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=self.company_id.ids
        ).create(
            {
                "title": plan.name,
                "company_id": self.company_id.id,
                "period": self.period,
                "number": 1,
                "page_ids": [Command.set(self.page_ids.ids)],
                "domain": self.domain,
            }
        )

    def _make_files(self, export):
        """Return [(name, content, media type)] of the reader's files."""
        found = []
        if self.with_pdf:
            found.append(export._make_document())
        if self.with_xlsx:
            name, content = export._make_xlsx()
            found.append((name, content, XLSX))
        return found

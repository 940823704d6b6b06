from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import caps


class RetentionMailWizard(models.TransientModel):
    """One template to many planned contacts, with who is left out and why."""

    _name = "retention.mail.wizard"
    _description = "Mail by Template to Planned Contacts"

    touch_ids = fields.Many2many(
        comodel_name="retention.touch", string="Contacts", required=True
    )
    template_id = fields.Many2one(
        comodel_name="mail.template",
        domain=[("model", "=", "res.partner")],
        compute="_compute_template_id",
        store=True,
        readonly=False,
    )
    preview_id = fields.Many2one(
        comodel_name="res.partner",
        string="As Seen by",
        compute="_compute_preview_id",
        store=True,
        readonly=False,
    )
    person_ids = fields.Many2many(
        comodel_name="res.partner", compute="_compute_excluded"
    )
    subject = fields.Char(compute="_compute_preview")
    body = fields.Html(compute="_compute_preview", sanitize=False)
    count = fields.Integer(string="Get the Mail", compute="_compute_excluded")
    excluded_count = fields.Integer(string="Left Out", compute="_compute_excluded")
    excluded_text = fields.Text(string="Why", compute="_compute_excluded")

    @api.depends("touch_ids")
    def _compute_template_id(self):
        for wizard in self:
            lines = wizard.touch_ids.cadence_id
            lines = lines.filtered(lambda line: not line.survey_id)
            wizard.template_id = lines.mail_template_id[:1]

    def _judge(self):
        """Return the touches that may be mailed now, and (touch, reason) of the others.

        As the guard judges mail at this moment, whatever channel was planned.
        """
        self.ensure_one()
        # sudo: touches are written by methods only; these the user may read
        touches = self.touch_ids._origin._filtered_access("read").sudo()
        touches = touches.filtered(lambda touch: touch.state == "planned")
        may, others = touches.browse(), []
        source = ("template", self.template_id.id)
        for company, group in touches.grouped("company_id").items():
            requests = [
                touch._prepare_request()._replace(
                    channel_id=self._get_channel().id, source=source
                )
                for touch in group
            ]
            verdicts = self.env["retention.guard"]._judge(company, requests)
            for touch, verdict in zip(group, verdicts, strict=True):
                if verdict.state != caps.ALLOWED:
                    others.append((touch, verdict.reason))
                elif not touch._get_person().email_normalized:
                    others.append((touch, self.env._("No valid e-mail address.")))
                else:
                    may |= touch
        return may, others

    @api.model
    def _get_channel(self):
        return self.env["retention.channel"].search(
            [("automation", "=", "mail")], limit=1
        )

    @api.depends("touch_ids", "template_id")
    def _compute_excluded(self):
        for wizard in self:
            may, others = wizard._judge()
            reasons = Counter(reason for _touch, reason in others)
            wizard.count = len(may)
            wizard.person_ids = self.env["res.partner"].union(
                *(touch._get_person() for touch in may)
            )
            wizard.excluded_count = len(others)
            wizard.excluded_text = "\n".join(
                self.env._("%(count)s: %(reason)s", count=count, reason=reason)
                for reason, count in reasons.most_common()
            )

    @api.depends("touch_ids", "template_id")
    def _compute_preview_id(self):
        for wizard in self:
            wizard.preview_id = wizard.person_ids[:1]

    @api.depends("template_id", "preview_id")
    def _compute_preview(self):
        for wizard in self:
            template, person = wizard.template_id, wizard.preview_id._origin
            wizard.subject = wizard.body = False
            if template and person:
                values = template._generate_template(
                    person.ids, ("subject", "body_html")
                )[person.id]
                wizard.subject = values["subject"]
                wizard.body = values["body_html"]

    def action_send(self):
        """Queue the mails of those who may get one, and offer to undo it."""
        self.ensure_one()
        self.touch_ids._check_may_act()
        if not self.template_id:
            raise UserError(self.env._("Choose a template."))
        if not self.env.company.retention_sending:
            raise UserError(
                self.env._(
                    "Sending to customers is off. A manager can switch it on under "
                    "Configuration / Settings."
                )
            )
        for company, touches in self.touch_ids.grouped("company_id").items():
            self.env["retention.guard"]._hold(company, touches.partner_id.ids)
        may, _others = self._judge()
        if not may:
            raise UserError(self.env._("Nobody of these may be mailed now."))
        seconds = self.env.company.retention_undo_seconds
        until = fields.Datetime.now() + timedelta(seconds=seconds)
        sent = may._mail_by_hand(self.template_id, self._get_channel(), until)
        return sent.with_env(self.env)._offer_undo(
            self.env._(
                "%(count)s mails leave in %(seconds)s seconds.",
                count=len(sent),
                seconds=seconds,
            )
        )

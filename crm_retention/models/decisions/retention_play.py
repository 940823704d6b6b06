from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.points import MOST
from ..facts.retention_touch import CATEGORIES

PURPOSES = [
    ("onboarding", "Onboarding"),
    ("second", "Second Purchase"),
    ("cooling", "Cooling Down"),
    ("at_risk", "At Risk"),
    ("win_back", "Win Back"),
    ("satisfaction", "Low Satisfaction"),
    ("complaint", "High-Value Complaint"),
    ("payment", "Late Payment"),
    ("other", "Other"),
]
MESSAGES = [
    ("none", "Nothing"),
    ("mail", "E-Mail"),
    ("sms", "SMS"),
]
CHANNELS = {
    "mail": "crm_retention.channel_email",
    "sms": "crm_retention.channel_sms",
}


class RetentionPlay(models.Model):
    """What is done about a customer of whom we were warned: activities, a message,
    points, a ticket. Run by a person, once for each alert.
    """

    _name = "retention.play"
    _description = "Play"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(string="Play", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        ondelete="cascade",
        help="Empty: every company may use it.",
    )
    purpose = fields.Selection(selection=PURPOSES, default="other", required=True)
    guidance = fields.Text(
        translate=True, help="When to use it and what to say; shown on the alert."
    )
    plan_id = fields.Many2one(
        comodel_name="mail.activity.plan",
        string="Activity Plan",
        domain="[('res_model', '=', 'res.partner'),"
        " ('company_id', 'in', [company_id, False])]",
        ondelete="restrict",
        help="Its activities are planned on the customer, for the owner of the alert.",
    )
    message = fields.Selection(
        selection=MESSAGES,
        default="none",
        required=True,
        help="Sent by itself when the play runs, if the rules of contacts allow it "
        "and sending is on. Until then it stays planned.",
    )
    mail_template_id = fields.Many2one(
        comodel_name="mail.template",
        domain=[("model", "=", "res.partner")],
        ondelete="restrict",
    )
    sms_text = fields.Text(
        string="Text of the SMS",
        translate=True,
        help="Placeholders as in e-mail templates: {{ object.name }}.",
    )
    wait_days = fields.Integer(
        string="Send After (days)", help="Days after the play was run."
    )
    category = fields.Selection(
        selection=CATEGORIES,
        default="relationship",
        required=True,
        help="Which limits hold for the message.",
    )
    consent_id = fields.Many2one(
        comodel_name="retention.purpose",
        string="Contact Purpose",
        ondelete="restrict",
        help="What the customer must have agreed to, if the purpose asks for it.",
    )
    points = fields.Integer(help="Given when the play is run. 0: none.")
    points_reason = fields.Char(
        string="Reason of the Points",
        translate=True,
        help="The customer can read it beside the points.",
    )
    makes_ticket = fields.Boolean(
        string="Opens a Ticket", help="So that the service team looks into it."
    )
    ticket_team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team",
        string="Team of the Ticket",
        ondelete="set null",
        help="Empty: as the helpdesk hands out tickets.",
    )
    ticket_title = fields.Char(string="Title of the Ticket", translate=True)
    is_unfinished = fields.Boolean(
        string="To Be Written",
        compute="_compute_is_unfinished",
        help="The message holds a ✎ where its text is missing: it is not sent.",
    )
    steps_text = fields.Char(string="What It Does", compute="_compute_steps_text")

    _sane = models.Constraint(
        f"""CHECK (points >= 0 AND points <= {MOST}
            AND wait_days BETWEEN 0 AND 365)""",
        "Points are 0 or more, and a message waits at most 365 days.",
    )

    # ---- rules -------------------------------------------------------------------

    @api.constrains("plan_id", "message", "points", "makes_ticket")
    def _check_does_something(self):
        for play in self:
            if not (
                play.plan_id
                or play.message != "none"
                or play.points
                or play.makes_ticket
            ):
                raise ValidationError(
                    self.env._(
                        "%s does nothing yet: choose an activity plan, a message, "
                        "points or a ticket.",
                        play.name,
                    )
                )

    @api.constrains("plan_id", "company_id")
    def _check_plan(self):
        for play in self.filtered("plan_id"):
            if play.plan_id.res_model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "%s: the activity plan must be one for contacts.", play.name
                    )
                )
            if play.plan_id.company_id not in (
                play.company_id,
                self.env["res.company"],
            ):
                raise ValidationError(
                    self.env._(
                        "%s: the activity plan is one of another company.", play.name
                    )
                )

    @api.constrains("message", "mail_template_id", "sms_text")
    def _check_message(self):
        for play in self:
            if play.message == "mail" and not play.mail_template_id:
                raise ValidationError(
                    self.env._("%s: choose the template of the mail.", play.name)
                )
            if play.message == "sms" and not (play.sms_text or "").strip():
                raise ValidationError(
                    self.env._("%s: write the text of the SMS.", play.name)
                )

    @api.constrains("points", "points_reason", "makes_ticket", "ticket_title")
    def _check_words(self):
        for play in self:
            if play.points and not (play.points_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: say why points are given, the customer can read it.",
                        play.name,
                    )
                )
            if play.makes_ticket and not (play.ticket_title or "").strip():
                raise ValidationError(
                    self.env._("%s: give the ticket a title.", play.name)
                )

    # ---- the message -------------------------------------------------------------

    @api.depends("message", "mail_template_id")
    def _compute_is_unfinished(self):
        unfinished = self._find_unfinished(self.mail_template_id)
        for play in self:
            play.is_unfinished = (
                play.message == "mail" and play.mail_template_id in unfinished
            )

    @api.model
    def _find_unfinished(self, templates):
        """Return those of these templates whose text is not written yet."""
        return self.env["retention.cadence"]._find_unfinished(templates)

    def _get_automation(self, channel):
        """Return by what the message of this play reaches ``channel``, or False."""
        return self.message if channel.automation == self.message else False

    def _get_channel(self):
        """Return the channel of the message; none where nothing is sent."""
        self.ensure_one()
        if self.message not in CHANNELS:
            return self.env["retention.channel"]
        return self.env.ref(CHANNELS[self.message])

    # ---- in words ----------------------------------------------------------------

    @api.depends("plan_id.template_ids", "message", "points", "makes_ticket")
    @api.depends_context("lang")
    def _compute_steps_text(self):
        kinds = dict(self._fields["message"]._description_selection(self.env))
        for play in self:
            count = len(play.plan_id.template_ids)
            steps = [
                count == 1 and self.env._("1 activity"),
                count > 1 and self.env._("%s activities", count),
                play.message != "none" and kinds.get(play.message),
                play.points and self.env._("%s points", play.points),
                play.makes_ticket and self.env._("a ticket"),
            ]
            play.steps_text = self.env._(" + ").join(filter(None, steps))

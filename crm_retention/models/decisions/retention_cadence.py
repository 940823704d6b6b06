from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..facts.retention_touch import CATEGORIES, DEPTHS

TO_WRITE = "✎"  # marks in a template what the company still has to write


class RetentionCadence(models.Model):
    """One line of a contact policy: what is done every so many days."""

    _name = "retention.cadence"
    _description = "Contact Rhythm"
    _order = "policy_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    policy_id = fields.Many2one(
        comodel_name="retention.contact.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="policy_id.company_id",
        store=True,  # stored for the company rule
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    channel_id = fields.Many2one(
        comodel_name="retention.channel", required=True, ondelete="restrict"
    )
    second_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Else by",
        ondelete="restrict",
        help="Used where the first one is not allowed.",
    )
    third_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Or else by",
        ondelete="restrict",
        help="Used where neither of the others is allowed.",
    )
    depth = fields.Selection(
        selection=DEPTHS,
        default="information",
        required=True,
        help="The interval counts from the last real contact at least this deep; one "
        "whose depth nobody noted counts as a conversation. New customers get "
        "onboarding, those at risk a deep conversation, dormant ones a greeting.",
    )
    category = fields.Selection(
        selection=CATEGORIES,
        default="relationship",
        required=True,
        help="Which limits hold.",
    )
    interval_days = fields.Integer(string="Ideal Interval (days)", default=30)
    longest_days = fields.Integer(
        string="Longest Interval (days)",
        default=60,
        help="Later than this the contact is overdue.",
    )
    adapts = fields.Boolean(
        string="Adapts to the Customer",
        help="The interval follows how the customer responds, between the bounds.",
    )
    shortest_days = fields.Integer(string="Not More Often than (days)", default=7)
    slowest_days = fields.Integer(string="Not Less Often than (days)", default=180)
    keydate_id = fields.Many2one(
        comodel_name="retention.keydate",
        string="Key Date",
        ondelete="restrict",
        help="Due on this date of the customer, once a year, instead of an interval.",
    )
    purpose_id = fields.Many2one(
        comodel_name="retention.purpose",
        ondelete="restrict",
        help="What the customer must have agreed to, if the purpose asks for it.",
    )
    mode = fields.Selection(
        selection=[
            ("personal", "By a person, as an activity"),
            ("automatic", "Automatically, by template"),
        ],
        default="personal",
        required=True,
    )
    responsible = fields.Selection(
        selection=[
            ("manager", "Account manager, else salesperson"),
            ("salesperson", "Salesperson"),
            ("lead", "Team lead"),
            ("named", "Named person"),
            ("team", "Members of a team in turn"),
        ],
        default="manager",
        required=True,
        help="Where there is nobody, or he is archived: the account manager, the "
        "salesperson, then the owner of the policy.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Named Person",
        domain=[("share", "=", False)],
        ondelete="restrict",
    )
    team_id = fields.Many2one(comodel_name="crm.team", ondelete="restrict")
    mail_template_id = fields.Many2one(
        comodel_name="mail.template",
        domain=[("model", "=", "res.partner")],
        ondelete="restrict",
    )
    guidance = fields.Text(
        translate=True, help="What the person is to say or do; shown in the activity."
    )
    is_unfinished = fields.Boolean(
        string="To Be Written",
        compute="_compute_is_unfinished",
        help="The e-mail holds a ✎ where its text is missing: it is not sent.",
    )
    when_text = fields.Char(string="When", compute="_compute_when_text")
    how_text = fields.Char(string="By", compute="_compute_how_text")

    _intervals = models.Constraint(
        """CHECK (interval_days > 0 AND longest_days >= interval_days
            AND shortest_days > 0 AND shortest_days <= interval_days
            AND slowest_days >= interval_days)""",
        "Intervals are days from 1 up: not more often ≤ ideal ≤ longest, and ideal ≤ "
        "not less often.",
    )
    _intervals_sane = models.Constraint(
        "CHECK (longest_days <= 3650 AND slowest_days <= 3650)",
        "An interval is at most 3,650 days.",
    )

    @api.depends("keydate_id", "interval_days", "adapts", "slowest_days")
    def _compute_when_text(self):
        for line in self:
            if line.keydate_id:
                line.when_text = line.keydate_id._describe()
            elif line.adapts:
                line.when_text = self.env._(
                    "Every %(days)s days (%(shortest)s–%(slowest)s)",
                    days=line.interval_days,
                    shortest=line.shortest_days,
                    slowest=line.slowest_days,
                )
            else:
                line.when_text = self.env._(
                    "Every %(days)s days", days=line.interval_days
                )

    @api.depends("channel_id", "second_channel_id", "third_channel_id", "mode")
    def _compute_how_text(self):
        for line in self:
            line.how_text = " → ".join(line._get_channels().mapped("name"))

    @api.depends("mail_template_id", "mode")
    def _compute_is_unfinished(self):
        unfinished = self._find_unfinished(self.mail_template_id)
        for line in self:
            line.is_unfinished = (
                line.mode == "automatic" and line.mail_template_id in unfinished
            )

    @api.model
    def _find_unfinished(self, templates):
        """Return those of these templates that hold a ✎, in whatever language."""
        templates.flush_recordset(["subject", "body_html"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM mail_template
                    WHERE id = ANY(%(ids)s)
                      AND (subject::text LIKE %(mark)s OR body_html::text LIKE %(mark)s)
                """,
                ids=templates.ids,
                mark=f"%{TO_WRITE}%",
            )
        )
        return templates.browse([row[0] for row in rows])

    @api.constrains("channel_id", "second_channel_id", "third_channel_id", "mode")
    def _check_channels(self):
        for line in self:
            listed = [
                channel.id
                for channel in (
                    line.channel_id,
                    line.second_channel_id,
                    line.third_channel_id,
                )
                if channel
            ]
            if len(set(listed)) < len(listed):
                raise ValidationError(
                    self.env._("%s: each channel can be given once.", line.name)
                )
            manual = line._get_channels().filtered(lambda each: not each.automation)
            if line.mode == "automatic" and manual:
                raise ValidationError(
                    self.env._(
                        "%(line)s: nothing can be sent automatically by %(channel)s.",
                        line=line.name,
                        channel=manual[0].name,
                    )
                )

    @api.constrains("mode", "channel_id", "second_channel_id", "mail_template_id")
    def _check_template(self):
        for line in self.filtered(lambda each: each.mode == "automatic"):
            by_mail = "mail" in line._get_channels().mapped("automation")
            if by_mail and not line.mail_template_id:
                raise ValidationError(
                    self.env._("%s: an automatic mail needs a template.", line.name)
                )

    @api.constrains("responsible", "user_id", "team_id")
    def _check_responsible(self):
        for line in self:
            if line.responsible == "named" and not line.user_id:
                raise ValidationError(self.env._("%s: name the person.", line.name))
            if line.responsible == "team" and not line.team_id:
                raise ValidationError(self.env._("%s: name the team.", line.name))

    def _get_channels(self):
        """Return the channels of this line, the preferred one first."""
        self.ensure_one()
        return self.channel_id | self.second_channel_id | self.third_channel_id

from odoo import fields, models

from ..facts.retention_touch import CATEGORIES, DEPTHS


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
        ondelete="restrict",
        help="Used where the first one is not allowed.",
    )
    third_channel_id = fields.Many2one(
        comodel_name="retention.channel", ondelete="restrict"
    )
    depth = fields.Selection(selection=DEPTHS, default="information", required=True)
    category = fields.Selection(
        selection=CATEGORIES, default="relationship", required=True
    )
    interval_days = fields.Integer(string="Ideal Interval (days)", default=30)
    longest_days = fields.Integer(
        string="Longest Interval (days)",
        default=60,
        help="Later than this the contact is overdue.",
    )
    adapts = fields.Boolean(
        help="The interval follows how the customer responds, between the bounds."
    )
    shortest_days = fields.Integer(string="Not More Often than (days)", default=7)
    slowest_days = fields.Integer(string="Not Less Often than (days)", default=180)
    keydate_id = fields.Many2one(
        comodel_name="retention.keydate",
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
        default="salesperson",
        required=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Named Person", ondelete="restrict"
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

    _intervals = models.Constraint(
        """CHECK (interval_days > 0 AND longest_days >= interval_days
            AND shortest_days > 0 AND shortest_days <= interval_days
            AND slowest_days >= interval_days)""",
        "Intervals are days from 1 up: not more often ≤ ideal ≤ longest, and ideal ≤ "
        "not less often.",
    )

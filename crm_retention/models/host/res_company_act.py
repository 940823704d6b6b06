from odoo import fields, models


class ResCompany(models.Model):
    """How planned contacts are carried out."""

    _inherit = "res.company"

    retention_sending = fields.Boolean(
        string="Send to Customers",
        help="Planned e-mails and SMS really leave. While this is off nothing reaches "
        "a customer by itself: automatic contacts stay planned, and staff still get "
        "their activities.",
    )
    retention_holdout_share = fields.Integer(
        string="Comparison Group (%)",
        default=0,
        help="Always the same share of the customers gets no promotion, automatic or "
        "by mass mailing, so that the effect of promotions can be told. 0: nobody is "
        "left out.",
    )
    retention_undo_seconds = fields.Integer(
        string="Mail Waits (seconds)",
        default=60,
        help="Mail sent from Today waits so long before it leaves: until then Undo "
        "takes it back.",
    )
    retention_watch_percent = fields.Float(
        string="Complaints and Opt-Outs (%)",
        default=3.0,
        digits=(5, 1),
        help="The owner of a pilot or a new policy is warned when this share of the "
        "customers it contacted in the last 30 days complained or opted out after it, "
        "and more of them than in as long a time before. 0: never.",
    )
    retention_watch_least = fields.Integer(
        string="Customers at Least",
        default=20,
        help="Fewer contacted customers say nothing about a policy.",
    )
    retention_watch_stops = fields.Boolean(
        string="Stop Such a Policy",
        help="A pilot or new policy above the share is switched off by itself; "
        "otherwise its owner is only warned.",
    )

    _retention_act_sane = models.Constraint(
        """CHECK (retention_holdout_share BETWEEN 0 AND 90
            AND retention_undo_seconds BETWEEN 0 AND 3600
            AND retention_watch_percent BETWEEN 0 AND 100
            AND retention_watch_least >= 0)""",
        "The comparison group is from 0 to 90 %, mail waits from 0 to 3,600 seconds, "
        "and a share is from 0 to 100 %.",
    )

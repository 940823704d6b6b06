from odoo import fields, models


class RetentionTouch(models.Model):
    """What carries a planned touch out: an activity, or a mail in the queue."""

    _inherit = "retention.touch"

    activity_id = fields.Many2one(
        comodel_name="mail.activity", readonly=True, ondelete="set null", copy=False
    )
    mail_id = fields.Many2one(
        comodel_name="mail.mail", readonly=True, ondelete="set null", copy=False
    )
    act_at = fields.Datetime(
        string="Not Before",
        readonly=True,
        help="The moment at which the guard allows it.",
    )
    snoozed_until = fields.Date(readonly=True)
    skip_reason = fields.Char(readonly=True)

    _activity_idx = models.Index("(activity_id) WHERE activity_id IS NOT NULL")
    _mail_idx = models.Index("(mail_id) WHERE mail_id IS NOT NULL")

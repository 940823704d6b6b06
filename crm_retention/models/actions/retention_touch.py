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
    skip_reason = fields.Char(
        string="Why Not",
        readonly=True,
        help="Why it was put off or left out, by a person or by the rules.",
    )
    act_error = fields.Char(
        string="Problem",
        readonly=True,
        copy=False,
        help="Why it could not be carried out. It is tried again a day later.",
    )
    undo = fields.Json(readonly=True, copy=False)
    undo_until = fields.Datetime(readonly=True, copy=False)

    _activity_idx = models.Index("(activity_id) WHERE activity_id IS NOT NULL")
    _mail_idx = models.Index("(mail_id) WHERE mail_id IS NOT NULL")
    # what the act step looks for every quarter of an hour, among many planned ones
    _to_act_idx = models.Index(
        "(company_id, due_date) WHERE state = 'planned' AND activity_id IS NULL"
    )

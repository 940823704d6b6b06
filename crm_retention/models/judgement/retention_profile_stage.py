from odoo import fields, models

ENGAGEMENTS = [("active", "Active"), ("warm", "Warm"), ("frozen", "Frozen")]


class RetentionProfile(models.Model):
    """Where in the lifecycle a customer is, and how warm the contact."""

    _inherit = "retention.profile"

    stage_id = fields.Many2one(
        comodel_name="retention.stage", readonly=True, ondelete="set null"
    )
    stage_since = fields.Date(readonly=True)
    stage_reason = fields.Char(string="Why This Stage", readonly=True)
    engagement = fields.Selection(selection=ENGAGEMENTS, readonly=True)
    last_contact = fields.Datetime(
        readonly=True, help="Last real contact: personal, by any channel."
    )
    last_answer = fields.Datetime(
        readonly=True, help="When the customer last answered, wrote, called or bought."
    )
    stage_check_on = fields.Date(
        readonly=True,
        help="The first day on which stage or engagement change if nothing happens.",
    )

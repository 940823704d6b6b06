from odoo import api, fields, models


class RetentionTouch(models.Model):
    """What a planned touch owes to a policy."""

    _inherit = "retention.touch"

    cadence_id = fields.Many2one(
        comodel_name="retention.cadence", string="Rhythm", ondelete="set null"
    )
    policy_id = fields.Many2one(related="cadence_id.policy_id")
    wanted_on = fields.Date(
        string="Due by the Policy",
        readonly=True,
        help="Before closed days, limits and a full diary moved it.",
    )
    anchor_on = fields.Date(
        string="Interval Counts from",
        readonly=True,
        help="The day of the last contact that counts.",
    )
    anchor_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Last Channel",
        readonly=True,
        ondelete="set null",
    )
    interval_days = fields.Integer(
        string="Interval in Force (days)", readonly=True, aggregator="avg"
    )
    held_by = fields.Char(
        readonly=True, help="The kind of rule that put it off, while it does."
    )
    why = fields.Char(
        string="Why Now",
        compute="_compute_why",
        help="As it is today; what is stored holds on every day.",
    )

    # exactly one open planned touch of a customer and line
    _plan_unique = models.UniqueIndex(
        "(partner_id, company_id, cadence_id)"
        " WHERE state = 'planned' AND cadence_id IS NOT NULL",
        "This customer has a planned contact of this rhythm already.",
    )
    # when a line was last carried out or left out
    _line_idx = models.Index(
        "(partner_id, company_id, cadence_id)"
        " WHERE cadence_id IS NOT NULL AND state IN ('done', 'skipped')"
    )
    # whom the plan has to look at again; those that took place have an index already
    _skipped_idx = models.Index("(company_id, write_date) WHERE state = 'skipped'")

    @api.depends("reason", "state", "anchor_on", "interval_days", "anchor_channel_id")
    def _compute_why(self):
        today = self.env.company._retention_today()
        for touch in self:
            touch.why = touch.reason
            if touch.state != "planned" or not touch.anchor_on or touch.is_bulk:
                continue
            days = (today - touch.anchor_on).days
            touch.why = touch._describe_ago(max(days, 0))

    def _describe_ago(self, days):
        """Say how long ago the last contact was, against what the policy asks for."""
        self.ensure_one()
        if not self.anchor_channel_id:
            return self.env._(
                "%(days)s days since last time, policy every %(interval)s days",
                days=days,
                interval=self.interval_days,
            )
        return self.env._(
            "%(days)s days since last contact (%(channel)s), policy every "
            "%(interval)s days",
            days=days,
            channel=self.anchor_channel_id.name,
            interval=self.interval_days,
        )

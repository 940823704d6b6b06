from odoo import fields, models


class RetentionPinWizard(models.TransientModel):
    """Sets the interval of one customer and rhythm by hand, with a reason."""

    _name = "retention.pin.wizard"
    _description = "Set the Interval of One Customer"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    cadence_id = fields.Many2one(
        comodel_name="retention.cadence",
        string="Rhythm",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    interval_days = fields.Integer(string="Every (days)", required=True)
    reason = fields.Char(required=True)

    def action_apply(self):
        """Pin the interval; the plan follows at once."""
        self.ensure_one()
        self.env["retention.cadence.state"]._pin(
            self.partner_id, self.cadence_id, self.interval_days, self.reason
        )
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models


class RetentionRisk(models.Model):
    """Which alert pointed at a risk."""

    _inherit = "retention.risk"

    alert_id = fields.Many2one(
        comodel_name="retention.alert",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="The early warning by which it was noticed.",
    )


class RetentionAlert(models.Model):
    """Which risks an alert brought up."""

    _inherit = "retention.alert"

    risk_ids = fields.One2many(
        comodel_name="retention.risk", inverse_name="alert_id", string="Risks"
    )

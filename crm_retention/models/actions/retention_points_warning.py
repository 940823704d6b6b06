from odoo import fields, models


class RetentionPointsWarning(models.Model):
    """That a customer was warned of points that expire on a day: each once."""

    _name = "retention.points.warning"
    _description = "Warning of Expiring Points"
    _order = "id desc"
    _rec_name = "account_id"
    _log_access = False

    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(
        related="account_id.company_id",
        store=True,  # stored for the company rule
    )
    expires_on = fields.Date(required=True, readonly=True)
    number = fields.Integer(
        string="Warning", required=True, readonly=True, help="The first or the second."
    )
    points = fields.Integer(readonly=True, help="What was about to expire.")
    warned_on = fields.Date(required=True, readonly=True)
    reason = fields.Char(
        string="Not Sent Because", readonly=True, help="Empty: it was sent."
    )

    _once = models.UniqueIndex(
        "(account_id, expires_on, number)", "A customer is warned once."
    )

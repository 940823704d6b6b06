from odoo import fields, models


class RetentionBacktestLine(models.Model):
    """One alert that a rule would have raised last year, and whether it was right."""

    _name = "retention.backtest.line"
    _description = "Alert in Looking Back"
    _order = "opened_on desc, id"
    _rec_name = "partner_id"
    _log_access = False

    signal_id = fields.Many2one(
        comodel_name="retention.signal",
        string="Rule",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    opened_on = fields.Date(required=True, readonly=True)
    gone_on = fields.Date(
        readonly=True, help="The night on which the sign was gone again."
    )
    reason = fields.Char(string="Why", readonly=True)
    bought_on = fields.Date(
        string="Next Purchase", readonly=True, help="Within the rule's horizon."
    )
    is_right = fields.Boolean(
        string="Right",
        readonly=True,
        help="Nothing was bought within the rule's horizon after the alert.",
    )

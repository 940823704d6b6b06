from odoo import fields, models


class RetentionOpeningLine(models.TransientModel):
    """One balance in the dry run of taking over."""

    _name = "retention.opening.line"
    _description = "Balance to Take Over"
    _order = "state desc, id"

    wizard_id = fields.Many2one(
        comodel_name="retention.opening.wizard", required=True, ondelete="cascade"
    )
    reference = fields.Char(string="There")
    key = fields.Char()
    number = fields.Float(string="Points There")
    points = fields.Integer(string="Points Here")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer")
    expires_on = fields.Date()
    card_id = fields.Integer()
    state = fields.Selection(
        selection=[
            ("known", "Taken over before"),
            ("ready", "Ready"),
            ("wrong", "Problem"),
        ]
    )
    problem = fields.Char()

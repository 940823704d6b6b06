from odoo import fields, models


class RetentionStage(models.Model):
    """A place in the lifecycle of a customer. Shipped; the order is the lifecycle's."""

    _name = "retention.stage"
    _description = "Lifecycle Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Char(translate=True)

    _code_unique = models.UniqueIndex("(code)", "There is a stage with this code.")

from odoo import api, fields, models
from odoo.exceptions import UserError


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

    @api.model
    def _get_by_code(self):
        """Return ``{code: stage}``."""
        # sudo: the steps and whoever logs a contact need the stages' ids
        return {stage.code: stage for stage in self.sudo().search([])}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        raise UserError(
            self.env._("The stages belong to the lifecycle. They can be renamed.")
        )

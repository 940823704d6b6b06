from odoo import api, fields, models


class RetentionRun(models.Model):
    """The last step of a night: what each customer did is counted month by month."""

    _inherit = "retention.run"

    step = fields.Selection(
        selection_add=[("measure", "Measure")], ondelete={"measure": "cascade"}
    )

    @api.model
    def _get_steps(self):
        return super()._get_steps() | {"measure": "retention.month"}

from odoo import models


class RetentionCadenceState(models.Model):
    """A rhythm that a person set moves the plan at once."""

    _inherit = "retention.cadence.state"

    def _rhythm_changed(self):
        result = super()._rhythm_changed()
        for company, states in self.grouped("company_id").items():
            self.env["retention.touch"]._replan(company, states.partner_id.ids)
        return result

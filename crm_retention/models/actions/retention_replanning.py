from odoo import api, models


class RetentionReplanning(models.AbstractModel):
    """For documents that say whether a customer may be contacted.

    Writing one looks at the plan of its customers at once: who said no shall not be
    on somebody's list for today.
    """

    _name = "retention.replanning"
    _inherit = ["retention.marking"]
    _description = "Document That Moves the Plan of Its Customer"

    def _retention_get_marks(self):
        """Return the customers, of no company in particular."""
        none = self.env["res.company"]
        return {(none, partner) for partner in self._retention_get_customers()}

    @api.model
    def _retention_mark(self, pairs):
        partners = self.env["res.partner"].union(*(partner for _none, partner in pairs))
        self.env["retention.touch"]._replan_at_once(partners)

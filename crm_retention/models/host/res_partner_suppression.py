from odoo import models


class ResPartner(models.Model):
    """A barred address that comes back is barred again."""

    _name = "res.partner"
    _inherit = ["res.partner", "retention.suppression.met"]

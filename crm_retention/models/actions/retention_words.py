from odoo import models


class RetentionConsent(models.Model):
    """A yes or no moves the plan at once."""

    _name = "retention.consent"
    _inherit = ["retention.consent", "retention.replanning"]


class RetentionWish(models.Model):
    """So does how the customer wishes to be contacted."""

    _name = "retention.wish"
    _inherit = ["retention.wish", "retention.replanning"]

from odoo import fields, models


class RetentionHold(models.Model):
    """Who sends to a customer changes this row first; of two at once one must retry.

    Odoo's transactions see the database as it was when they began (REPEATABLE READ):
    two senders would both count the contacts of then, and both send. Changing one
    and the same row fails for the second of them, and its retry counts the first.
    """

    _name = "retention.hold"
    _description = "Customer Being Contacted"
    _log_access = False

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )
    version = fields.Integer(required=True, default=1)

    _customer_unique = models.UniqueIndex("(partner_id, company_id)")

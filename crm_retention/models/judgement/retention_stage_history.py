from odoo import fields, models


class RetentionStageHistory(models.Model):
    """That a customer was in a stage from one day to another, and why.

    ``date_from`` counts, ``date_to`` no longer does; an open row has none. Written
    by the stage step, never changed afterwards but for its end.
    """

    _name = "retention.stage.history"
    _description = "Lifecycle History"
    _order = "date_from desc, id desc"
    _rec_name = "stage_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    stage_id = fields.Many2one(
        comodel_name="retention.stage", required=True, readonly=True, ondelete="cascade"
    )
    previous_stage_id = fields.Many2one(
        comodel_name="retention.stage",
        string="Before",
        readonly=True,
        ondelete="set null",
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", readonly=True, help="Empty: today's stage.")
    reason = fields.Char(readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE date_to IS NULL",
        "A customer is in one stage at a time.",
    )
    _interval = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A stage cannot end before it begins.",
    )
    _history_idx = models.Index("(partner_id, company_id, date_from)")
    _moves_idx = models.Index("(company_id, date_from)")

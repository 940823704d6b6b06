from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import lifecycle
from .retention_membership import END_CAUSES

# what staff is told on the customer; the others are found in lists
NOTED = (lifecycle.AT_RISK, lifecycle.DORMANT, lifecycle.LOST, lifecycle.WON_BACK)


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
    end_cause = fields.Selection(
        selection=[*END_CAUSES, ("nothing", "Neither bought nor asked")],
        readonly=True,
        help="Why no other stage follows.",
    )
    stage_color = fields.Integer(
        related="stage_id.color", string="Stage Color", aggregator=None
    )

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.context.get("retention_customer_gone"):
            raise UserError(
                self.env._("The lifecycle of a customer is history and stays.")
            )

    @api.model
    def _get_open(self, partners, company=None):
        """Return the stages in which these customers are."""
        domain = [("partner_id", "in", partners.ids), ("date_to", "=", False)]
        if company:
            domain.append(("company_id", "=", company.id))
        return self.search(domain)

    @api.model
    def _move(self, moves, company, as_of):
        """End the open rows of customers who moved, and begin their new ones.

        :param moves: dictionaries with ``partner_id``, ``stage_id``, ``before`` and
            ``reason``. Through the ORM: automation rules may wait for it.
        """
        partners = self.env["res.partner"].browse([row["partner_id"] for row in moves])
        left = {row["partner_id"] for row in moves if not row["stage_id"]}
        open_rows = self._get_open(partners, company)
        gone = open_rows.filtered(lambda row: row.partner_id.id in left)
        gone.write({"date_to": as_of, "end_cause": "nothing"})
        (open_rows - gone).date_to = as_of
        self.flush_model()  # ends before begins: one open row at a time
        created = self.create(
            [
                {
                    "partner_id": row["partner_id"],
                    "company_id": company.id,
                    "stage_id": row["stage_id"],
                    "previous_stage_id": row["before"],
                    "date_from": as_of,
                    "reason": row["reason"],
                }
                for row in moves
                if row["stage_id"]
            ]
        )
        created._log_on_customers()

    def _end(self, cause, day):
        """End open rows on ``day`` without another one after them."""
        for begun, rows in self.grouped(lambda row: max(row.date_from, day)).items():
            rows.write({"date_to": begun, "end_cause": cause})

    def _log_on_customers(self):
        """Leave a note on customers who went quiet or came back; no figures in it.

        More people read a contact than may read its profile.
        """
        if self.env.context.get("retention_replay"):
            return  # long ago: the history tells it
        moved = self.filtered(
            lambda row: row.stage_id.code in NOTED and row.previous_stage_id
        )
        moved.partner_id._message_log_batch(
            bodies={
                row.partner_id.id: row.env._(
                    "Lifecycle: %(before)s → %(stage)s.",
                    before=row.previous_stage_id.name,
                    stage=row.stage_id.name,
                )
                for row in moved
            }
        )

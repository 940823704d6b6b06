from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

LONGEST_DAYS = 366


class RetentionPointsSimulation(models.TransientModel):
    """What an order would earn, and what some weeks would have cost."""

    _name = "retention.points.simulation"
    _description = "Points Simulation"

    program_id = fields.Many2one(
        comodel_name="retention.points.program", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="program_id.company_id")
    currency_id = fields.Many2one(related="program_id.currency_id")
    point_name = fields.Char(related="program_id.point_name")
    order_id = fields.Many2one(
        comodel_name="sale.order",
        ondelete="cascade",
        domain="[('company_id', '=', company_id)]",
    )
    order_text = fields.Char(string="This Order", compute="_compute_order_text")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) - relativedelta(months=1, day=1)
        ),
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self)
            - relativedelta(day=1)
            - relativedelta(days=1)
        ),
    )
    is_done = fields.Boolean()
    documents = fields.Integer(readonly=True)
    customers = fields.Integer(readonly=True)
    amount = fields.Monetary(string="Purchases of", readonly=True)
    points = fields.Integer(string="Ordinary Points", readonly=True)
    extra = fields.Integer(string="By Campaigns", readonly=True)
    reversed = fields.Integer(string="Taken Back by Refunds", readonly=True)
    total = fields.Integer(readonly=True)
    cost = fields.Monetary(
        readonly=True, help="If every point were spent: points times their worth."
    )
    share = fields.Float(string="Of the Purchases (%)", digits=(16, 2), readonly=True)
    line_ids = fields.One2many(
        comodel_name="retention.points.simulation.line",
        inverse_name="simulation_id",
        string="By Tier",
    )

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for wizard in self:
            days = (wizard.date_to - wizard.date_from).days
            if not 0 <= days <= LONGEST_DAYS:
                raise ValidationError(
                    self.env._("Choose days in order, of a year at most.")
                )

    @api.depends("order_id", "program_id")
    def _compute_order_text(self):
        for wizard in self:
            order = wizard.order_id
            wizard.order_text = bool(order) and (
                order.retention_points_text
                or self.env._("This order would earn nothing.")
            )

    def action_simulate(self):
        """Work it out and show it in the same window."""
        self.ensure_one()
        self.check_access("write")
        self.program_id.check_access("read")
        # sudo: documents of the whole company are counted; only sums are shown
        found = self.program_id.sudo()._simulate(self.date_from, self.date_to)
        cost = found.total * self.program_id.point_value
        self.write(
            {
                "is_done": True,
                "documents": found.documents,
                "customers": len(found.customers),
                "amount": found.amount,
                "points": found.points,
                "extra": found.extra,
                "reversed": found.reversed,
                "total": found.total,
                "cost": cost,
                "share": 100 * cost / found.amount if found.amount else 0,
                "line_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": tier.name if tier else self.env._("No tier"),
                            "documents": found.documents_by_tier[tier],
                            "points": number,
                        }
                    )
                    for tier, number in found.by_tier.most_common()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Simulation"),
        }

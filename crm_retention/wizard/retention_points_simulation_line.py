from odoo import fields, models


class RetentionPointsSimulationLine(models.TransientModel):
    """What one tier's customers would have earned."""

    _name = "retention.points.simulation.line"
    _description = "Points Simulation by Tier"

    simulation_id = fields.Many2one(
        comodel_name="retention.points.simulation", required=True, ondelete="cascade"
    )
    name = fields.Char(string="Tier", required=True)
    documents = fields.Integer(string="Purchases")
    points = fields.Integer()

from odoo import api, fields, models

from ...tools import health

PARTS = [
    (health.PURCHASES, "Purchases"),
    (health.CONTACT, "Contact"),
    (health.SERVICE, "Service"),
    (health.SATISFACTION, "Satisfaction"),
    (health.PAYMENT, "Payment"),
    (health.USE, "Visits and Use"),
]


class RetentionHealthPart(models.Model):
    """What one part of the health weighs."""

    _name = "retention.health.part"
    _description = "Part of Health"
    _order = "sequence, id"
    _rec_name = "part"

    model_id = fields.Many2one(
        comodel_name="retention.health.model",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="model_id.company_id",
        ondelete="cascade",
        store=True,  # for the company rule, and joined in SQL
    )
    sequence = fields.Integer()
    part = fields.Selection(selection=PARTS, required=True, readonly=True)
    weight = fields.Integer(
        string="Weight (%)", required=True, help="Of 100. 0: the part does not count."
    )
    meaning = fields.Text(string="Judged by", compute="_compute_meaning")

    _part_unique = models.UniqueIndex(
        "(model_id, part)", "Each part is in the model once."
    )
    _weight_sane = models.Constraint(
        "CHECK (weight BETWEEN 0 AND 100)", "A weight is from 0 to 100."
    )

    @api.depends("part")
    @api.depends_context("lang")
    def _compute_meaning(self):
        meanings = {
            health.PURCHASES: self.env._(
                "Days since the last purchase against the customer's own rhythm; from "
                "two years on also revenue against the year before"
            ),
            health.CONTACT: self.env._(
                "When the customer last said something, and how many of our contacts "
                "were answered in 180 days"
            ),
            health.SERVICE: self.env._(
                "Complaints of 180 days: how many, still open, reopened"
            ),
            health.SATISFACTION: self.env._(
                "The last three answers of a year, the newest counts most"
            ),
            health.PAYMENT: self.env._("How long the oldest unpaid invoice is overdue"),
            health.USE: self.env._(
                "Visits, logins and use of 90 days against the 90 before"
            ),
        }
        for line in self:
            line.meaning = meanings.get(line.part, False)

from odoo import api, fields, models
from odoo.fields import Domain

AXES = ("recency", "frequency", "monetary")


class RetentionClusterLine(models.TransientModel):
    """One group of similar customers, with what comes closest to it by scores.

    ``boxes``: lists of the three lowest and the three highest scores.
    """

    _name = "retention.cluster.line"
    _description = "Group of Similar Customers"

    wizard_id = fields.Many2one(
        comodel_name="retention.cluster.wizard", required=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    customers = fields.Integer(readonly=True)
    share = fields.Integer(string="Share (%)", readonly=True)
    days = fields.Integer(string="Days since Purchase", readonly=True)
    purchases = fields.Float(digits=(16, 1), readonly=True)
    revenue = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="wizard_id.company_id.currency_id")
    boxes = fields.Json(readonly=True)
    reached = fields.Integer(
        string="Reached (%)",
        readonly=True,
        help="So many of the group's customers have these scores.",
    )
    scores_text = fields.Char(string="Scores", compute="_compute_scores_text")

    @api.depends_context("lang")
    @api.depends("boxes")
    def _compute_scores_text(self):
        for line in self:
            line.scores_text = "; ".join(map(self._say_box, line.boxes or []))

    def _say_box(self, box):
        """Return the ranges of a box as segments show them."""
        recency, frequency, monetary = (
            str(low) if low == high else f"{low}–{high}"
            for low, high in zip(box[:3], box[3:], strict=True)
        )
        return self.env._(
            "R %(recency)s, F %(frequency)s, M %(monetary)s",
            recency=recency,
            frequency=frequency,
            monetary=monetary,
        )

    def _prepare_segments(self, number):
        """Return the values of this group's segments, one a box."""
        self.ensure_one()
        return [
            {"name": self.name, "sequence": number, "color": number}
            | {f"{axis}_min": low for axis, low in zip(AXES, box[:3], strict=True)}
            | {f"{axis}_max": high for axis, high in zip(AXES, box[3:], strict=True)}
            for box in self.boxes
        ]

    def _get_domain(self):
        """Return the domain of profiles whose scores lie in one of the boxes."""
        self.ensure_one()
        return Domain.OR(
            Domain.AND(
                Domain(f"{axis}_score", ">=", low) & Domain(f"{axis}_score", "<=", high)
                for axis, low, high in zip(AXES, box[:3], box[3:], strict=True)
            )
            for box in self.boxes
        )

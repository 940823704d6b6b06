from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import rfm


class RetentionSegment(models.Model):
    """A named group of customers by their three scores, with advice for staff.

    Segments never overlap; combinations that none claims belong to the one
    segment marked as "other".
    """

    _name = "retention.segment"
    _inherit = ["mail.thread"]
    _description = "Customer Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    advice = fields.Char(
        translate=True, help="What to do with these customers, in one sentence."
    )
    is_other = fields.Boolean(
        string="Everything Else",
        help="Takes every combination of scores that no other segment claims.",
    )
    recency_min = fields.Integer(
        string="Recency from", default=1, required=True, tracking=True
    )
    recency_max = fields.Integer(
        string="Recency to", default=5, required=True, tracking=True
    )
    frequency_min = fields.Integer(
        string="Frequency from", default=1, required=True, tracking=True
    )
    frequency_max = fields.Integer(
        string="Frequency to", default=5, required=True, tracking=True
    )
    monetary_min = fields.Integer(
        string="Monetary from", default=1, required=True, tracking=True
    )
    monetary_max = fields.Integer(
        string="Monetary to", default=5, required=True, tracking=True
    )
    profile_count = fields.Integer(string="Customers", compute="_compute_profile_count")
    scores_text = fields.Char(string="Scores", compute="_compute_scores_text")

    _other_unique = models.UniqueIndex(
        "(is_other) WHERE is_other",
        "Only one segment can take everything else.",
    )
    _ranges = models.Constraint(
        """CHECK (recency_min BETWEEN 1 AND recency_max AND recency_max <= 5
            AND frequency_min BETWEEN 1 AND frequency_max AND frequency_max <= 5
            AND monetary_min BETWEEN 1 AND monetary_max AND monetary_max <= 5)""",
        "Scores run from 1 to 5, and each range from its lower to its upper end.",
    )

    def _compute_profile_count(self):
        counts = dict(
            self.env["retention.profile"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.profile_count = counts.get(segment, 0)

    @api.depends_context("lang")
    @api.depends(
        "is_other",
        *(f"{name}_{end}" for name in rfm.DIMENSIONS for end in ("min", "max")),
    )
    def _compute_scores_text(self):
        for segment in self:
            if segment.is_other:
                segment.scores_text = self.env._("all the others")
                continue
            recency, frequency, monetary = (
                str(low) if low == high else f"{low}–{high}"
                for low, high in segment._as_box().values()
            )
            segment.scores_text = self.env._(
                "R %(recency)s, F %(frequency)s, M %(monetary)s",
                recency=recency,
                frequency=frequency,
                monetary=monetary,
            )

    @api.constrains(
        "is_other",
        "recency_min",
        "recency_max",
        "frequency_min",
        "frequency_max",
        "monetary_min",
        "monetary_max",
    )
    def _check_overlap(self):
        boxes = [
            (segment, segment._as_box())
            for segment in self.search([("is_other", "=", False)])
        ]
        for n, (one, box) in enumerate(boxes):
            for other, other_box in boxes[n + 1 :]:
                if rfm.boxes_overlap(box, other_box):
                    raise ValidationError(
                        self.env._(
                            "Segments %(one)s and %(other)s claim the same scores. "
                            "Narrow one of them.",
                            one=one.name,
                            other=other.name,
                        )
                    )
        if rfm.uncovered([box for _segment, box in boxes]) and not self.search_count(
            [("is_other", "=", True)], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "Some combinations of scores belong to no segment. Widen one, or "
                    "add a segment for everything else."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        self.env["retention.program"]._rules_of_all_changed()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if any(name.endswith(("_min", "_max", "_other")) for name in vals):
            self.env["retention.program"]._rules_of_all_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["retention.program"]._rules_of_all_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_other(self):
        if self.filtered("is_other"):
            raise ValidationError(
                self.env._("The segment for everything else stays: rename it instead.")
            )

    def _as_box(self):
        """Return this segment's ranges as :data:`tools.rfm.Box`."""
        self.ensure_one()
        return {
            name: (self[f"{name}_min"], self[f"{name}_max"]) for name in rfm.DIMENSIONS
        }

    def action_view_profiles(self):
        """Open the customers of this segment."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_profile_action"
        )
        return action | {
            "domain": [("segment_id", "in", self.ids)],
            "display_name": self[:1].name,
        }

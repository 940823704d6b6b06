from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import rfm
from .retention_tier import check_numbers

POINTS = tuple(f"point_{n}" for n in range(1, rfm.BINS))


class RetentionBreak(models.Model):
    """The four values that part one dimension of a program's customers into 1 to 5.

    Recency is in days (fewer is better), frequency in purchases in the window,
    monetary in company currency in the window. A person's own, or the fifths of
    the customers on the day of the last comparison.
    """

    _name = "retention.break"
    _inherit = ["retention.rule.part"]
    _description = "Break Points of a Score"
    _order = "program_id, sequence, id"
    _rec_name = "dimension"
    _rule_fields = POINTS

    program_id = fields.Many2one(
        comodel_name="retention.program", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    sequence = fields.Integer(default=10)
    dimension = fields.Selection(
        selection=[
            ("recency", "Recency: days since"),
            ("frequency", "Frequency: purchases"),
            ("monetary", "Monetary: revenue"),
        ],
        required=True,
    )
    point_1 = fields.Float(string="First", digits=(24, 6))
    point_2 = fields.Float(string="Second", digits=(24, 6))
    point_3 = fields.Float(string="Third", digits=(24, 6))
    point_4 = fields.Float(string="Fourth", digits=(24, 6))
    state = fields.Selection(
        selection=[
            ("ok", "In use"),
            ("flat", "All customers alike: everybody scores 3"),
            ("few", "Not enough customers: no score"),
        ],
        default="ok",
        required=True,
        readonly=True,
    )

    _dimension_unique = models.UniqueIndex(
        "(program_id, dimension)",
        "A program has one row of break points for each score.",
    )

    def _points(self):
        self.ensure_one()
        return tuple(self[name] for name in POINTS)

    def _check_ascending(self):
        """Refuse own break points that overlap."""
        for row in self:
            if not rfm.is_ascending(row._points()):
                raise ValidationError(
                    self.env._(
                        "The break points of “%(dimension)s” overlap: each must be "
                        "greater than the one before.",
                        dimension=dict(
                            self._fields["dimension"]._description_selection(self.env)
                        )[row.dimension],
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_numbers(self.env, vals, POINTS)
        return super().create(vals_list)

    def write(self, vals):
        check_numbers(self.env, vals, POINTS)
        result = super().write(vals)
        if any(name.startswith("point_") for name in vals):
            own = self.filtered(lambda row: row.program_id.break_mode == "own")
            own._check_ascending()
            own.program_id._rules_changed()
        return result

from odoo import api, fields, models

from ..tools import kpi


class RetentionReviewLine(models.Model):
    """One key figure of a review: against its target and the period before.

    Shows the last version of the figure of the company, or that nothing is known.
    """

    _name = "retention.review.line"
    _description = "Figure of a Review"
    _order = "review_id, sequence, id"
    _rec_name = "kpi_id"

    review_id = fields.Many2one(
        comodel_name="retention.review", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="review_id.company_id")
    state = fields.Selection(related="review_id.state")
    sequence = fields.Integer()
    kpi_id = fields.Many2one(
        comodel_name="retention.kpi",
        string="Key Figure",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    group = fields.Selection(related="kpi_id.group")
    formula = fields.Text(related="kpi_id.formula")
    value_id = fields.Many2one(
        comodel_name="retention.kpi.value",
        string="Figure of the Period",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    value = fields.Float(related="value_id.value", aggregator=None)
    n = fields.Integer(related="value_id.n", aggregator=None)
    figure_text = fields.Char(string="Figure", compute="_compute_status")
    goal_text = fields.Char(related="value_id.goal_text", string="Target")
    status = fields.Selection(
        selection=lambda self: (
            self.env["retention.kpi.value"]
            ._fields["status"]
            ._description_selection(self.env)
        ),
        compute="_compute_status",
    )
    trend = fields.Selection(related="value_id.trend")
    trend_text = fields.Char(related="value_id.trend_text")
    version = fields.Integer(related="value_id.version", aggregator=None)
    change_text = fields.Char(related="value_id.change_text")
    comment = fields.Text(help="Why it is so, and what to make of it.")

    _kpi_unique = models.UniqueIndex(
        "(review_id, kpi_id)", "A review has one line for each key figure."
    )

    @api.depends("value_id")
    @api.depends_context("lang")
    def _compute_status(self):
        for line in self:
            row = line.value_id
            line.status = row.status or kpi.UNKNOWN
            line.figure_text = row.figure_text or self.env._("Nothing to count")

    def action_open_records(self):
        """Open the records behind the figure."""
        self.ensure_one()
        return self.value_id and self.value_id.action_open_records()

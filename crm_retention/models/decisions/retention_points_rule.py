from odoo import api, fields, models


class RetentionPointsRule(models.Model):
    """That some products earn more than others, less, or nothing.

    The product's own exception holds before that of its category, and that of a
    category before that of the categories above it.
    """

    _name = "retention.points.rule"
    _description = "Points Exception"
    _order = "program_id, product_tmpl_id, category_id, id"

    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template", string="Product", ondelete="cascade"
    )
    category_id = fields.Many2one(
        comodel_name="product.category",
        ondelete="cascade",
        help="Also holds for the categories below it.",
    )
    factor = fields.Float(
        default=2.0,
        required=True,
        digits=(8, 2),
        help="The ordinary points times this: 2 doubles them, 0 gives none.",
    )

    _factor_sane = models.Constraint(
        "CHECK (factor >= 0 AND factor <= 1000)",
        "A factor is a number from 0 to 1,000.",
    )
    _one_thing = models.Constraint(
        "CHECK ((product_tmpl_id IS NULL) <> (category_id IS NULL))",
        "An exception is for a product or for a category.",
    )
    _product_unique = models.UniqueIndex(
        "(program_id, product_tmpl_id) WHERE product_tmpl_id IS NOT NULL",
        "There is an exception for this product already.",
    )
    _category_unique = models.UniqueIndex(
        "(program_id, category_id) WHERE category_id IS NOT NULL",
        "There is an exception for this category already.",
    )

    @api.depends("product_tmpl_id", "category_id", "factor")
    def _compute_display_name(self):
        for rule in self:
            name = rule.product_tmpl_id.name or rule.category_id.complete_name
            rule.display_name = f"{name} × {rule.factor:g}"

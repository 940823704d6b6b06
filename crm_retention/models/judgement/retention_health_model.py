from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...tools import health


class RetentionHealthModel(models.Model):
    """How the health of customers is put together in one company.

    Six parts whose weights are 100 together; ``version`` counts their changes, and
    everybody is judged anew after one.
    """

    _name = "retention.health.model"
    _inherit = ["mail.thread"]
    _description = "Health Model"
    _rec_name = "company_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    part_ids = fields.One2many(
        comodel_name="retention.health.part",
        inverse_name="model_id",
        string="Parts",
        default=lambda self: self._default_parts(),
    )
    total = fields.Integer(string="Weights Together", compute="_compute_total")
    least_known = fields.Integer(
        string="Least Known (%)",
        default=50,
        required=True,
        help="Customers of whom less than this share of the weights is known get no "
        "score: it would be a guess.",
    )
    good_from = fields.Integer(default=70, required=True)
    poor_below = fields.Integer(default=40, required=True)
    version = fields.Integer(
        default=1, readonly=True, copy=False, help="How often it was changed."
    )
    applied_version = fields.Integer(
        readonly=True,
        copy=False,
        help="The version by which everybody was last judged.",
    )
    is_pending = fields.Boolean(string="Not Applied Yet", compute="_compute_is_pending")

    _company_unique = models.UniqueIndex(
        "(company_id)", "A company has one health model."
    )
    _limits_sane = models.Constraint(
        """CHECK (least_known BETWEEN 1 AND 100 AND poor_below BETWEEN 1 AND 99
            AND good_from BETWEEN 2 AND 100 AND poor_below < good_from)""",
        "Limits are from 1 to 100, and poor ends below where good begins.",
    )

    @api.model
    def _default_parts(self):
        return self._prepare_parts("b2b")

    @api.model
    def _prepare_parts(self, preset):
        return [
            Command.create({"part": name, "weight": weight, "sequence": place})
            for place, (name, weight) in enumerate(health.PRESETS[preset].items())
        ]

    @api.depends("part_ids.weight")
    def _compute_total(self):
        for model in self:
            model.total = sum(model.part_ids.mapped("weight"))

    @api.depends("version", "applied_version")
    def _compute_is_pending(self):
        for model in self:
            model.is_pending = model.version != model.applied_version

    @api.constrains("part_ids")
    def _check_weights(self):
        for model in self:
            if sorted(model.part_ids.mapped("part")) != sorted(health.PARTS):
                raise ValidationError(
                    self.env._("A health model has each of the six parts once.")
                )
            if model.total != 100:
                raise ValidationError(
                    self.env._(
                        "The weights are %(total)s together; they must be 100.",
                        total=model.total,
                    )
                )

    def write(self, vals):
        before = {model: model._describe() for model in self}
        result = super().write(vals)
        for model in self.filtered(lambda each: each._describe() != before[each]):
            super(RetentionHealthModel, model).write({"version": model.version + 1})
            model.message_post(
                body=self.env._(
                    "Version %(version)s: %(after)s. Before: %(before)s.",
                    version=model.version,
                    after=model._describe(),
                    before=before[model],
                )
            )
        return result

    def _describe(self):
        """Return weights and limits in one line."""
        self.ensure_one()
        names = dict(self.part_ids._fields["part"]._description_selection(self.env))
        weights = [f"{names[line.part]} {line.weight}" for line in self.part_ids]
        limits = self.env._(
            "good from %(good)s, poor below %(poor)s, least known %(least)s %%",
            good=self.good_from,
            poor=self.poor_below,
            least=self.least_known,
        )
        return ", ".join([*weights, limits])

    @api.model
    def _get_of(self, company):
        """Return the health model of a company, made if there is none yet."""
        model = self.search([("company_id", "=", company.id)])
        # sudo: the nightly run and whoever founds a company get one by themselves
        return model or self.sudo().create({"company_id": company.id})

    def _weights(self):
        return {line.part: line.weight for line in self.part_ids}

    # ---- actions -------------------------------------------------------------------

    def action_use_b2b(self):
        """Take the weights for companies that sell to companies."""
        self._use_preset("b2b")

    def action_use_shop(self):
        """Take the weights for shops."""
        self._use_preset("shop")

    def _use_preset(self, name):
        for model in self:
            weights = health.PRESETS[name]
            model.part_ids = [
                Command.update(line.id, {"weight": weights[line.part]})
                for line in model.part_ids
            ]

    def action_apply(self):
        """Judge every customer of the company anew, in the background."""
        return self.env["retention.run"].action_recalculate_all(self.company_id)

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import points, rewards

MOST_DAYS = 3650
# what of Odoo's own loyalty programs hands a reward out
NATIVE_TYPES = {
    rewards.COUPON: ("coupons", "next_order_coupons"),
    rewards.CODE: ("promo_code",),
    rewards.WALLET: ("ewallet",),
}


class RetentionReward(models.Model):
    """Something that customers get for points: one line of the catalogue.

    What is worth money is handed out as a coupon, a discount code or e-wallet money
    of an Odoo loyalty program, so it works in Sales, Point of Sale and eCommerce.
    """

    _name = "retention.reward"
    _description = "Reward"
    _inherit = ["mail.thread", "image.mixin"]
    _order = "sequence, cost, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, help="What customers read about it in the catalogue."
    )
    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        string="Points Program",
        required=True,
        default=lambda self: self._default_program_id(),
        ondelete="restrict",
        index=True,
        help="Whose points pay for it.",
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    currency_id = fields.Many2one(related="program_id.currency_id")
    point_name = fields.Char(related="program_id.point_name")
    kind = fields.Selection(
        selection=lambda self: self._selection_kind(),
        default=rewards.COUPON,
        required=True,
        tracking=True,
        help="Coupon: each customer gets a code of his own that works once.\n"
        "Discount code: all get the same code; who knows it can use it, and points "
        "for it do not come back.\n"
        "E-wallet: money the customer pays with, in parts too.\n"
        "Gift: a person is asked to send it.",
    )
    cost = fields.Integer(
        string="Points",
        default=100,
        required=True,
        tracking=True,
        help="What it costs.",
    )
    amount = fields.Monetary(
        string="Worth", tracking=True, help="The money a customer gets for the points."
    )
    is_any_amount = fields.Boolean(
        string="Customer Chooses the Amount",
        tracking=True,
        help="More or less money for more or fewer points, at the same rate.",
    )
    least_amount = fields.Monetary(
        string="At Least", help="The smallest amount a customer can choose."
    )
    discount_kind = fields.Selection(
        selection=[
            ("amount", "Amount off the order"),
            ("percent", "Percent off the order"),
            ("product", "A free product"),
        ],
        string="Gives",
        default="amount",
        help="What the coupon program is made with.",
    )
    percent = fields.Float(string="Percent Off", default=10.0, digits=(5, 2))
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Free Product",
        ondelete="restrict",
        check_company=True,
    )
    loyalty_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Handed Out by",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="Odoo's own program whose coupons, code or wallet the customer gets.",
    )
    gives_text = fields.Char(string="Customer Gets", compute="_compute_gives_text")
    is_ready = fields.Boolean(compute="_compute_is_ready")
    valid_days = fields.Integer(
        string="Valid (days)",
        default=90,
        tracking=True,
        help="So long a coupon can be used after the exchange. 0: no end.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier",
        string="Reserved for",
        check_company=True,
        help="Only customers who hold one of these tiers. Empty: everybody.",
    )
    start_date = fields.Date(string="From", tracking=True)
    end_date = fields.Date(string="Until", tracking=True, help="The last day.")
    is_limited = fields.Boolean(
        string="Limited Number", tracking=True, help="Only so many are handed out."
    )
    stock = fields.Integer(string="Number", default=0, required=True, tracking=True)
    taken = fields.Integer(
        string="Handed Out of Them",
        default=0,
        required=True,  # counted by SQL
        readonly=True,
        copy=False,
        help="Cancelled ones do not count.",
    )
    stock_left = fields.Integer(string="Left", compute="_compute_stock_left")
    most_each = fields.Integer(
        string="Per Customer",
        default=0,
        tracking=True,
        help="So many times a customer can have it at most. 0: no limit.",
    )
    return_policy = fields.Selection(
        selection=[
            ("never", "Never"),
            ("cancelled", "If cancelled"),
            ("always", "If cancelled or expired"),
        ],
        string="Points Come Back",
        default="cancelled",
        required=True,
        tracking=True,
        help="Only of a reward that was not used.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Sent by",
        ondelete="set null",
        domain="[('share', '=', False)]",
        help="Gets a task for each gift. Empty: the customer's salesperson, or the "
        "owner of the points program.",
    )
    gift_days = fields.Integer(
        string="Within (days)", default=3, help="The deadline of the task."
    )
    event_ref = fields.Reference(
        selection=lambda self: self._selection_event(), string="Event"
    )

    _cost_sane = models.Constraint(
        f"CHECK (cost BETWEEN 1 AND {points.MOST})",
        "A reward costs 1 to 1,000,000,000 points.",
    )
    _stock_sane = models.Constraint(
        "CHECK (stock >= 0 AND taken >= 0 AND (NOT is_limited OR taken <= stock))",
        "No more can be handed out than there are.",
    )
    _numbers_sane = models.Constraint(
        f"""CHECK (valid_days BETWEEN 0 AND {MOST_DAYS} AND most_each >= 0
               AND gift_days BETWEEN 0 AND {MOST_DAYS}
               AND amount >= 0 AND least_amount >= 0)""",
        "Days are numbers from 0 to 3,650, limits and amounts are 0 or more.",
    )
    _percent_sane = models.Constraint(
        "CHECK (discount_kind IS DISTINCT FROM 'percent'"
        " OR (percent > 0 AND percent <= 100))",
        "A discount is more than 0 and at most 100 %.",
    )
    _dates_sane = models.Constraint(
        "CHECK (start_date <= end_date)", "A reward cannot end before it begins."
    )

    @api.model
    def _default_program_id(self):
        return self.env["retention.points.program"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )

    @api.depends("loyalty_program_id", "kind", "amount", "percent", "product_id")
    def _compute_gives_text(self):
        for reward in self:
            reward.gives_text = reward._describe_gift()

    def _describe_gift(self):
        """Say what a customer gets, in words."""
        self.ensure_one()
        if self.kind == rewards.WALLET:
            money = self.currency_id.format(self.amount) if self.currency_id else ""
            return self.env._("%s on the e-wallet", money)
        # sudo: customers read what Odoo's program says of itself, nothing else of it
        native = self.loyalty_program_id.sudo().reward_ids[:1]
        if native and self.kind in NATIVE_TYPES:
            return native.description
        if self.kind == rewards.EVENT and self.event_ref:
            return self.event_ref.display_name
        return False

    @api.depends("kind", "amount", "loyalty_program_id.active", "event_ref")
    def _compute_is_ready(self):
        for reward in self:
            # sudo: whether the program runs, for customers too
            native = reward.loyalty_program_id.sudo()
            if reward.kind in NATIVE_TYPES:
                ready = bool(native.active and native.reward_ids)
                reward.is_ready = ready and (
                    reward.kind != rewards.WALLET or reward.amount > 0
                )
            else:
                reward.is_ready = reward.kind != rewards.EVENT or bool(reward.event_ref)

    @api.depends("stock", "taken")
    def _compute_stock_left(self):
        for reward in self:
            reward.stock_left = reward.stock - reward.taken

    @api.model
    def _selection_kind(self):
        kinds = [
            (rewards.COUPON, self.env._("Coupon")),
            (rewards.CODE, self.env._("Discount code, the same for all")),
            (rewards.WALLET, self.env._("Money on the e-wallet")),
            (rewards.GIFT, self.env._("Gift, sent by a person")),
        ]
        if "event.event" in self.env:
            kinds.append((rewards.EVENT, self.env._("Place at an event")))
        return kinds

    @api.model
    def _selection_event(self):
        if "event.event" not in self.env:
            return []
        return [("event.event", self.env._("Event"))]

    @api.constrains(
        "kind", "loyalty_program_id", "amount", "is_any_amount", "program_id"
    )
    def _check_native(self):
        for reward in self.filtered("loyalty_program_id"):
            # sudo: who sets rewards need not have rights on Odoo's programs
            native = reward.loyalty_program_id.sudo()
            if native.program_type not in NATIVE_TYPES.get(reward.kind, ()):
                raise ValidationError(
                    self.env._(
                        "%(program)s does not hand out what %(reward)s is. Choose "
                        "another program, or have one made.",
                        program=native.name,
                        reward=reward.name,
                    )
                )
            if native.company_id and native.company_id != reward.company_id:
                raise ValidationError(
                    self.env._(
                        "%(program)s belongs to another company.", program=native.name
                    )
                )
            if reward.kind == rewards.WALLET and (
                native.currency_id != reward.currency_id
            ):
                raise ValidationError(
                    self.env._(
                        "The wallet of %(program)s is in another currency than the "
                        "points program.",
                        program=native.name,
                    )
                )

    @api.constrains("tier_ids", "program_id")
    def _check_tiers(self):
        for reward in self:
            if reward.tier_ids.company_id - reward.company_id:
                raise ValidationError(
                    self.env._("A reward is reserved for tiers of its own company.")
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        # sudo: who sets rewards need not have rights on Odoo's programs
        native = self.loyalty_program_id.sudo()
        if native.program_type not in NATIVE_TYPES.get(self.kind, ()):
            self.loyalty_program_id = False

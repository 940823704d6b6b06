from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import lifecycle

DEFAULT = lifecycle.Rules()
FIELDS = [f"retention_{name}" for name in lifecycle.Rules._fields]
MOST_DAYS = 3_650
MOST_FACTOR = 100


class ResCompany(models.Model):
    """The thresholds of the lifecycle, one per field of :class:`lifecycle.Rules`."""

    _inherit = "res.company"

    retention_new_days = fields.Integer(
        string="New for (days)",
        default=DEFAULT.new_days,
        help="So many days after the first purchase a customer is new.",
    )
    retention_own_from = fields.Integer(
        string="Own Interval from (purchases)",
        default=DEFAULT.own_from,
        help="With so many purchases a customer is judged by the median number of days "
        "between them, with fewer by the usual interval.",
    )
    retention_default_interval = fields.Integer(
        string="Usual Interval (days)",
        default=DEFAULT.default_interval,
        help="Days between two purchases that are usual in this company. Counts for "
        "customers with too few purchases for an interval of their own.",
    )
    retention_loyal_from = fields.Integer(
        string="Loyal from (purchases)",
        default=DEFAULT.loyal_from,
        help="Who has bought so many times, and buys in the own rhythm, is loyal.",
    )
    retention_risk_factor = fields.Float(
        string="At Risk after (intervals)",
        digits=(16, 2),
        default=DEFAULT.risk_factor,
        help="At risk after so many times the interval without a purchase.",
    )
    retention_risk_days = fields.Integer(
        string="At Risk after at Least (days)",
        default=DEFAULT.risk_days,
        help="But never earlier than this, however short the interval is.",
    )
    retention_dormant_factor = fields.Float(
        string="Dormant after (intervals)",
        digits=(16, 2),
        default=DEFAULT.dormant_factor,
        help="Dormant after so many times the interval without a purchase.",
    )
    retention_dormant_days = fields.Integer(
        string="Dormant after at Least (days)",
        default=DEFAULT.dormant_days,
        help="But never earlier than this, however short the interval is.",
    )
    retention_lost_factor = fields.Float(
        string="Lost after (intervals)",
        digits=(16, 2),
        default=DEFAULT.lost_factor,
        help="Lost after so many times the interval without a purchase.",
    )
    retention_lost_days = fields.Integer(
        string="Lost after at Least (days)",
        default=DEFAULT.lost_days,
        help="But never earlier than this, however short the interval is.",
    )
    retention_won_back_days = fields.Integer(
        string="Won Back for (days)",
        default=DEFAULT.won_back_days,
        help="So many days a customer who bought again after having been dormant or "
        "lost counts as won back.",
    )
    retention_active_days = fields.Integer(
        string="Active Contact within (days)",
        default=DEFAULT.active_days,
        help="The contact is active when the customer answered or bought within so "
        "many days.",
    )
    retention_warm_days = fields.Integer(
        string="Warm Contact within (days)",
        default=DEFAULT.warm_days,
        help="Warm when the last answer or purchase is within so many days; frozen "
        "when it is longer ago.",
    )
    retention_lifecycle_applied = fields.Char(
        readonly=True, help="The thresholds by which everybody was last judged."
    )

    def _retention_lifecycle_rules(self):
        """Return the thresholds as the pure functions take them."""
        self.ensure_one()
        return lifecycle.Rules._make(self[name] for name in FIELDS)

    @api.constrains(*FIELDS)
    def _check_retention_lifecycle(self):
        for company in self:
            company._check_lifecycle_rules(company._retention_lifecycle_rules())

    @api.model
    def _check_lifecycle_rules(self, rules):
        """Refuse thresholds that name no stage, in one sentence."""
        for name, value in zip(rules._fields, rules, strict=True):
            most = MOST_FACTOR if name.endswith("_factor") else MOST_DAYS
            if not 0 < value <= most:  # also NaN
                raise ValidationError(
                    self.env._(
                        "“%(field)s” must be more than 0 and at most %(most)s.",
                        field=self._fields[f"retention_{name}"]._description_string(
                            self.env
                        ),
                        most=most,
                    )
                )
        in_order = (
            rules.risk_factor < rules.dormant_factor < rules.lost_factor
            and rules.risk_days < rules.dormant_days < rules.lost_days
        )
        if not in_order:
            raise ValidationError(
                self.env._(
                    "A customer is first at risk, then dormant, then lost: the "
                    "intervals and the least days must grow in this order."
                )
            )
        if rules.active_days >= rules.warm_days:
            raise ValidationError(
                self.env._(
                    "A warm contact lasts longer than an active one: its number of "
                    "days must be greater."
                )
            )

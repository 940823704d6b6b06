from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

ATTENTION = ("cannot_lose", "at_risk")  # segments of good customers gone quiet


class RetentionProfile(models.Model):
    """What the board shows beside the figures: colors, and where a tier is heading."""

    _inherit = "retention.profile"

    tier_color = fields.Integer(
        related="tier_id.color", string="Tier Color", aggregator=None
    )
    segment_color = fields.Integer(
        related="segment_id.color", string="Segment Color", aggregator=None
    )
    segment_advice = fields.Char(related="segment_id.advice", string="Advice")
    tier_limit_text = fields.Char(related="tier_id.limit_text", string="Earned by")
    outlook = fields.Selection(
        selection=[
            ("falling", "About to be downgraded"),
            ("close", "Close to upgrade"),
            ("steady", "Steady"),
        ],
        compute="_compute_outlook",
        search="_search_outlook",
        help="Where the tier is heading by today's figures.",
    )
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention",
        search="_search_needs_attention",
        help="Bought often and has stopped: the segments Cannot Lose and At Risk.",
    )
    last_text = fields.Char(string="Last Purchase in Words", compute="_compute_last")

    @api.depends("is_falling", "is_close")
    def _compute_outlook(self):
        for profile in self:
            if profile.is_falling:
                profile.outlook = "falling"
            else:
                profile.outlook = "close" if profile.is_close else "steady"

    @api.model
    def _get_outlook_domains(self):
        """Return the domain of each outlook; a profile fits exactly one."""
        falling = Domain("is_falling", "=", True)
        close = Domain("is_close", "=", True) & ~falling
        return {"falling": falling, "close": close, "steady": ~falling & ~close}

    def _search_outlook(self, operator, value):
        if operator != "in":
            return NotImplemented
        domains = self._get_outlook_domains()
        return Domain.OR(domains[each] for each in value if each in domains)

    @api.model
    def _get_attention_segments(self):
        segments = self.env["retention.segment"]
        for name in ATTENTION:
            segments |= (
                self.env.ref(
                    f"crm_retention.retention_segment_{name}", raise_if_not_found=False
                )
                or segments
            )
        return segments

    @api.depends("segment_id")
    def _compute_needs_attention(self):
        segments = self._get_attention_segments()
        for profile in self:
            profile.needs_attention = profile.segment_id in segments

    def _search_needs_attention(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("segment_id", "in", self._get_attention_segments().ids)

    @api.depends_context("lang", "uid")
    @api.depends("last_purchase", "lifetime_revenue")
    def _compute_last(self):
        for profile in self:
            profile.last_text = profile.last_purchase and self.env._(
                "Last bought on %(date)s, %(days)s days ago; %(revenue)s in all.",
                date=format_date(self.env, profile.last_purchase),
                days=profile.recency_days,
                revenue=profile.currency_id.format(profile.lifetime_revenue),
            )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the outlook its SQL, so that the board can count it by column."""
        if field_expr != "outlook":
            return super()._field_to_sql(alias, field_expr, query)
        falling, close = (
            self._get_outlook_domains()[name]
            .optimize_full(self)
            ._to_sql(self, alias, query)
            for name in ("falling", "close")
        )
        return SQL(
            "CASE WHEN %s THEN 'falling' WHEN %s THEN 'close' ELSE 'steady' END",
            falling,
            close,
        )

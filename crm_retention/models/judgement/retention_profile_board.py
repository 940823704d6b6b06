from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

SOON_DAYS = 90  # a tier that ends within so many days is about to fall
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
            ("below", "Figures below the tier"),
            ("steady", "Steady"),
            ("close", "Close to upgrade"),
        ],
        compute="_compute_outlook",
        search="_search_outlook",
        help="Where the tier is heading by today's figures. About to be downgraded: "
        "it ends within 90 days unless it is earned again.",
    )
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention",
        search="_search_needs_attention",
        help="Bought often and has stopped: the segments Cannot Lose and At Risk.",
    )
    last_text = fields.Char(string="Last Purchase in Words", compute="_compute_last")

    @api.depends("is_falling", "is_close", "fall_date")
    def _compute_outlook(self):
        soon = self._today() + timedelta(days=SOON_DAYS)
        for profile in self:
            if profile.is_falling:
                falls = profile.fall_date and profile.fall_date <= soon
                profile.outlook = "falling" if falls else "below"
            else:
                profile.outlook = "close" if profile.is_close else "steady"

    @api.model
    def _get_outlook_domains(self):
        """Return the domain of each outlook, of which the first that fits counts."""
        below = Domain("is_falling", "=", True)
        return {
            "falling": below
            & self._get_soon_domain()
            & ~Domain("has_override", "=", True),
            "below": below,
            "close": Domain("is_close", "=", True),
            "steady": Domain.TRUE,
        }

    @api.model
    def _get_soon_domain(self):
        """Return the domain of customers whose promise and grace end soon."""
        soon = self._today() + timedelta(days=SOON_DAYS)
        Membership = self.env["retention.membership"]
        # the first day without the tier is the one after promise and grace
        return Domain.OR(
            Domain("program_id", "=", program.id)
            & Domain(
                "partner_id",
                "in",
                Membership._search(
                    Domain("program_id", "=", program.id)
                    & Domain("date_to", "=", False)
                    & Domain("valid_until", "<", soon - timedelta(program.grace_days))
                ).subselect(SQL.identifier(Membership._table, "partner_id")),
            )
            for program in self.env["retention.program"].search([])
        )

    def _search_outlook(self, operator, value):
        if operator != "in":
            return NotImplemented
        fits, before = [], Domain.FALSE
        for name, domain in self._get_outlook_domains().items():
            if name in value:
                fits.append(domain & ~before)
            before |= domain
        return Domain.OR(fits)

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
                "Last bought on %(date)s, %(ago)s; %(revenue)s in all.",
                date=format_date(self.env, profile.last_purchase),
                ago=profile._describe_ago(),
                revenue=profile.currency_id.format(profile.lifetime_revenue),
            )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the outlook its SQL, so that the board can count it by column."""
        if field_expr != "outlook":
            return super()._field_to_sql(alias, field_expr, query)
        cases = SQL(" ").join(
            SQL(
                "WHEN %s THEN %s",
                domain.optimize_full(self)._to_sql(self, alias, query),
                name,
            )
            for name, domain in self._get_outlook_domains().items()
        )
        return SQL("CASE %s END", cases)

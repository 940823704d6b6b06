from functools import cache

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import lifecycle

ENGAGEMENTS = [("active", "Active"), ("warm", "Warm"), ("frozen", "Frozen")]


class RetentionProfile(models.Model):
    """Where in the lifecycle a customer is, and how warm the contact."""

    _inherit = "retention.profile"

    stage_id = fields.Many2one(
        comodel_name="retention.stage",
        readonly=True,
        ondelete="set null",
        group_expand="_group_expand_stage",
    )
    stage_since = fields.Date(readonly=True)
    stage_reason = fields.Char(string="Why This Stage", compute="_compute_stage_reason")
    stage_color = fields.Integer(
        related="stage_id.color", string="Stage Color", aggregator=None
    )
    engagement = fields.Selection(
        selection=ENGAGEMENTS,
        readonly=True,
        help="Active: answered or bought within 30 days; warm: within 180; frozen: "
        "longer ago. The numbers of days stand in the settings.",
    )
    last_contact = fields.Datetime(
        readonly=True, help="Last real contact: personal, by any channel."
    )
    last_answer = fields.Datetime(
        readonly=True, help="When the customer last answered, wrote, called or bought."
    )
    last_event = fields.Datetime(
        string="Last Visit or Use",
        readonly=True,
        help="When the customer last visited, logged in or used the product.",
    )
    stage_check_on = fields.Date(
        readonly=True,
        help="The first day on which stage or engagement change if nothing happens.",
    )
    staged_at = fields.Datetime(
        string="Stage Changed",
        readonly=True,
        help="When stage, engagement or last contact last became different.",
    )
    stage_history_ids = fields.One2many(
        comodel_name="retention.stage.history",
        compute="_compute_stage_history_ids",
        string="Lifecycle",
    )
    stage_move_count = fields.Integer(
        string="Stages so Far", compute="_compute_stage_history_ids"
    )

    @api.model
    def _group_expand_stage(self, stages, domain):
        """Show every stage in the order of the lifecycle, also empty ones."""
        return stages.search(Domain.TRUE)

    @api.depends_context("lang", "uid")
    @api.depends(
        "stage_id",
        "stage_since",
        "first_purchase",
        "last_purchase",
        "purchase_count",
        "purchase_interval",
    )
    def _compute_stage_reason(self):
        rules = {
            company: company._retention_lifecycle_rules() for company in self.company_id
        }
        say_day = self._get_day_sayer()
        for profile in self:
            reason = lifecycle.explain(
                profile.stage_id.code,
                profile._lifecycle_facts(),
                rules[profile.company_id],
                profile.stage_since,
            )
            profile.stage_reason = profile._describe_stage(reason, say_day)

    def _lifecycle_facts(self):
        """Return what the lifecycle is judged from."""
        self.ensure_one()
        return lifecycle.Facts(
            self.first_purchase or None,
            self.last_purchase or None,
            self.purchase_count,
            self.purchase_interval,
            self.is_prospect,
        )

    def _compute_stage_history_ids(self):
        rows = self.env["retention.stage.history"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        grouped = rows.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.stage_history_ids = grouped.get(key, rows.browse())
            profile.stage_move_count = len(profile.stage_history_ids)

    # ---- in words ----------------------------------------------------------------

    @api.model
    def _get_day_sayer(self):
        """Return a function that writes dates; the same day is formatted only once."""
        return cache(lambda day: format_date(self.env, day))

    def _describe_stage(self, reason, say_day):
        """Turn a :class:`lifecycle.Reason` into one sentence."""
        stage, _dash, whose = reason.key.rpartition("_")
        if whose not in ("own", "usual"):
            return self._describe_simple_stage(reason, say_day)
        numbers = reason.numbers
        interval = f"{numbers['interval']:g}"
        said = {
            "last": say_day(numbers["last"]),
            "until": say_day(numbers["until"]),
            "rhythm": (
                self.env._("buys every %s days as a rule", interval)
                if whose == "own"
                else self.env._("no own rhythm yet, %s days are taken", interval)
            ),
        }
        if stage == lifecycle.ACTIVE:
            return self.env._(
                "Bought on %(last)s: %(rhythm)s; at risk after %(until)s", **said
            )
        if stage == lifecycle.LOYAL:
            return self.env._(
                "%(count)s purchases, the last on %(last)s: %(rhythm)s; at risk after "
                "%(until)s",
                count=numbers["count"],
                **said,
            )
        return self._describe_silence(stage, numbers["days"], said)

    def _describe_silence(self, stage, days, said):
        if stage == lifecycle.AT_RISK:
            return self.env._(
                "Nothing bought since %(last)s, for more than %(days)s days: "
                "%(rhythm)s; dormant after %(until)s",
                days=days,
                **said,
            )
        if stage == lifecycle.DORMANT:
            return self.env._(
                "Nothing bought since %(last)s, for more than %(days)s days: "
                "%(rhythm)s; lost after %(until)s",
                days=days,
                **said,
            )
        return self.env._(
            "Nothing bought since %(last)s, for more than %(days)s days: %(rhythm)s",
            last=said["last"],
            rhythm=said["rhythm"],
            days=days,
        )

    def _describe_simple_stage(self, reason, say_day):
        numbers = reason.numbers
        if reason.key == lifecycle.NEW:
            return self.env._(
                "First purchase on %(first)s; new until %(until)s",
                first=say_day(numbers["first"]),
                until=say_day(numbers["until"]),
            )
        if reason.key == lifecycle.WON_BACK:
            return self.env._(
                "Bought again on %(last)s after a long silence; won back until "
                "%(until)s",
                last=say_day(numbers["last"]),
                until=say_day(numbers["until"]),
            )
        if reason.key == lifecycle.PROSPECT:
            return self.env._("Has asked, but not bought yet")
        return False

    # ---- actions -----------------------------------------------------------------

    def action_view_stage_history(self):
        """Open the stages that this customer went through."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_stage_history_action"
        )
        return action | {"domain": self._document_domain(), "context": {}}

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools import contribution
from .contribution_sql import sign_figures
from .score_sql import ScoreSQL

REVIEWS = [
    (contribution.CONFIRMED, "Confirmed"),
    (contribution.EXCLUDED, "Excluded"),
]
REVIEW_FIELDS = ("review_state", "review_reason", "review_user_id", "review_date")


class RetentionProfile(models.Model):
    """Whether a customer is of high value: which signs, and what a person says.

    The signs are written by the score step; the review by a person alone.
    """

    _inherit = "retention.profile"

    gives_amount = fields.Boolean(
        string="High Revenue",
        readonly=True,
        help="Sign of high value: revenue of 12 months.",
    )
    gives_steady = fields.Boolean(
        string="Steady Buyer",
        readonly=True,
        help="Sign of high value: repurchase rate over 12 months in a row.",
    )
    gives_friends = fields.Boolean(
        string="Brings Customers",
        readonly=True,
        help="Sign of high value: new customers brought in who buy again.",
    )
    is_top = fields.Boolean(
        string="Among the Best",
        readonly=True,
        help="Sign of high value: best by RFM, or figures of a high tier that waits "
        "for a review.",
    )
    contribution = fields.Integer(
        string="Signs of High Value",
        readonly=True,
        aggregator="avg",
        help="How many signs of high value count, 0 to 4.",
    )
    is_high_value = fields.Boolean(
        string="High Value",
        compute="_compute_is_high_value",
        search="_search_is_high_value",
        help="At least one sign of high value counts.",
    )
    review_state = fields.Selection(selection=REVIEWS, string="Review", readonly=True)
    review_reason = fields.Char(string="Reason of the Review", readonly=True)
    review_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Reviewed by",
        readonly=True,
        ondelete="set null",
    )
    review_date = fields.Date(string="Reviewed on", readonly=True)
    is_waiting = fields.Boolean(
        string="Waits for Review",
        compute="_compute_is_waiting",
        search="_search_is_waiting",
        help="Among the best, and nobody has confirmed or excluded the customer yet.",
    )
    review_text = fields.Char(string="Review Says", compute="_compute_review_text")
    signs_text = fields.Char(string="Signs", compute="_compute_signs_text")
    contribution_text = fields.Text(
        string="Signs in Numbers", compute="_compute_contribution_text"
    )

    @api.depends("contribution")
    def _compute_is_high_value(self):
        for profile in self:
            profile.is_high_value = profile.contribution > 0

    def _search_is_high_value(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("contribution", ">", 0)

    @api.depends("is_top", "review_state")
    def _compute_is_waiting(self):
        for profile in self:
            profile.is_waiting = profile.is_top and not profile.review_state

    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("is_top", "=", True) & Domain("review_state", "=", False)

    @api.depends_context("lang", "uid")
    @api.depends(*REVIEW_FIELDS, "is_top")
    def _compute_review_text(self):
        states = dict(self._fields["review_state"]._description_selection(self.env))
        for profile in self:
            if profile.review_state:
                profile.review_text = profile.env._(
                    "%(state)s by %(user)s on %(date)s: %(reason)s",
                    state=states[profile.review_state],
                    user=profile.review_user_id.name or profile.env._("somebody"),
                    date=format_date(self.env, profile.review_date),
                    reason=profile.review_reason or profile.env._("no reason given"),
                )
            else:
                waits = profile.env._("Waits for a person's review")
                profile.review_text = waits if profile.is_top else False

    @api.depends_context("lang")
    @api.depends("gives_amount", "gives_steady", "gives_friends", "is_top")
    def _compute_signs_text(self):
        for profile in self:
            told = {
                "gives_amount": profile.env._("high revenue"),
                "gives_steady": profile.env._("steady buyer"),
                "gives_friends": profile.env._("brings customers"),
                "is_top": profile.env._("among the best"),
            }
            names = [name for field, name in told.items() if profile[field]]
            profile.signs_text = ", ".join(names)

    # ---- the numbers behind the signs ------------------------------------------

    @api.depends_context("lang", "uid")
    @api.depends("contribution", "review_state", "changed_at")
    def _compute_contribution_text(self):
        figures = self._get_sign_figures()
        for profile in self:
            lines = profile._describe_signs(figures.get(profile.id))
            profile.contribution_text = "\n".join(lines)

    def _get_sign_figures(self):
        """Return ``{profile id: (revenue, months, friends, their revenue, again)}``."""
        found = {}
        for company, profiles in self.grouped("company_id").items():
            # sudo: numbers of customers whose profile the reader may read
            judge = ScoreSQL(company.sudo(), company._retention_today())
            by_partner = {profile.partner_id.id: profile.id for profile in profiles}
            query = sign_figures(
                judge,
                lambda column, ids=list(by_partner): SQL("%s = ANY(%s)", column, ids),
            )
            for partner_id, *figures in self.env.execute_query(query):
                found[by_partner[partner_id]] = figures
        return found

    def _describe_signs(self, figures):
        """Return a line for each sign that the program looks at, with its numbers."""
        self.ensure_one()
        program, lines = self.program_id, []
        if not figures or not program.marks_high:
            return lines
        revenue, months, friends, their_revenue, again = figures
        if program.amount_bound:
            lines.append(
                self.env._(
                    "Revenue of 12 months: %(have)s; a sign from %(bound)s",
                    have=self.currency_id.format(float(revenue or 0)),
                    bound=self.currency_id.format(program.amount_bound),
                )
            )
        if program.steady_share:
            lines.append(self._describe_steady(months or 0))
        if program.brought_least:
            their_revenue = float(their_revenue or 0)
            share = 100 * float(again or 0) / their_revenue if their_revenue > 0 else 0
            lines.append(
                self.env._(
                    "New customers brought in who bought: %(count)s, %(share)s %% of "
                    "their revenue recurring; a sign from %(least)s and %(bound)s %%",
                    count=friends or 0,
                    share=round(share),
                    least=program.brought_least,
                    bound=f"{program.brought_recurring:g}",
                )
            )
        return lines

    def _describe_steady(self, months):
        """Say in how many of the last periods the customer bought."""
        program = self.program_id
        length = int(program.steady_period)
        masks = contribution.masks(length)
        hits = sum(bool(months & mask) for mask in masks)
        units = dict(program._fields["steady_period"]._description_selection(self.env))
        return self.env._(
            "Bought in %(hits)s of %(all)s %(unit)s (%(rate)s %%); a sign from "
            "%(bound)s %%",
            hits=hits,
            all=len(masks),
            unit=units[program.steady_period],
            rate=round(100 * hits / len(masks)),
            bound=f"{program.steady_share:g}",
        )

    @api.model
    def _brought_query(self, company):
        """Return the select of (partner_id, friend_id): who brought whom; or None.

        For those who know of it.
        """
        return None

    # ---- review ----------------------------------------------------------------

    def _waits_for_review(self, tier):
        """Tell whether only a review keeps the customer from ``tier``."""
        self.ensure_one()
        program = tier.program_id
        if tier.band != "high" or not program.marks_high:
            return False
        return not contribution.may_be_high(
            program.review_mode, self.review_state or None, self.contribution
        )

    def _review(self, state, reason):
        """Keep what a person says of these customers, and judge them by it at once.

        :param state: CONFIRMED, EXCLUDED or False to take the review back.
        """
        self.write(
            {
                "review_state": state,
                "review_reason": reason,
                "review_user_id": self.env.uid if state else False,
                "review_date": fields.Date.context_today(self) if state else False,
            }
        )
        self._log_review(state, reason)
        for company, profiles in self.grouped("company_id").items():
            customers = profiles.partner_id.ids
            self._score_customers(company, customers)
            self._place_customers(company, customers)

    def _log_review(self, state, reason):
        """Leave a note on the customers."""
        said = {
            contribution.CONFIRMED: self.env._("Confirmed as of high value."),
            contribution.EXCLUDED: self.env._("Excluded from those of high value."),
            False: self.env._("The review of high value was taken back."),
        }[state]
        body = f"{said} {reason or ''}".strip()
        self.partner_id._message_log_batch(
            bodies=dict.fromkeys(self.partner_id.ids, body)
        )

    @api.model
    def _merge(self, sources, target):
        """Keep a review of a source where the target has none."""
        everyone = self._with_archived().search(
            [
                ("partner_id", "in", (sources | target).ids),
                ("review_state", "!=", False),
            ]
        )
        ranked = everyone.sorted(lambda row: row.partner_id != target)
        kept = {}
        for profile in ranked:
            kept.setdefault(
                profile.company_id,
                {
                    name: profile[name].id
                    if name == "review_user_id"
                    else profile[name]
                    for name in REVIEW_FIELDS
                },
            )
        result = super()._merge(sources, target)
        left = self._with_archived().search(
            [("partner_id", "in", (sources | target).ids)]
        )
        for profile in left:
            if profile.company_id in kept and not profile.review_state:
                profile.write(kept[profile.company_id])
        return result

    # ---- actions -----------------------------------------------------------

    def action_confirm_high(self):
        """Confirm that these customers are of high value."""
        self.env["retention.program"].check_access("write")
        # sudo: profiles are written by the rules only; the right was checked above
        self.sudo()._review(contribution.CONFIRMED, self.env._("Looked at"))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_review(self):
        """Open the dialog that confirms or excludes these customers, with a reason."""
        self.env["retention.program"].check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review of High Value"),
            "res_model": "retention.review.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_profile_ids": self.ids,
                "default_decision": self.env.context.get("retention_decision"),
            },
        }

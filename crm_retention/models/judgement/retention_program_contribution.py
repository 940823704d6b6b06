from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...tools import contribution


class RetentionProgram(models.Model):
    """What makes a customer one of high value: the contribution index."""

    _inherit = "retention.program"

    marks_high = fields.Boolean(
        string="Mark High-Value Customers",
        default=True,
        tracking=True,
        help="A customer is of high value if any of the signs below is there. Seen in "
        "the list of customers, in filters, and in policies by their population.",
    )
    amount_bound = fields.Monetary(
        string="Revenue of 12 Months from",
        tracking=True,
        help="Refunds deducted. 0: not looked at.",
    )
    steady_share = fields.Float(
        string="Buys Again in (%)",
        digits=(5, 1),
        default=95,
        tracking=True,
        help="Repurchase rate: in how many percent of the periods of the last 12 whole "
        "calendar months the customer bought. 0: not looked at.",
    )
    steady_period = fields.Selection(
        selection=[("1", "months"), ("3", "quarters"), ("6", "half-years")],
        string="Of the Last 12 Months'",
        default="1",
        required=True,
        tracking=True,
    )
    brought_least = fields.Integer(
        string="New Customers Brought In, from",
        default=3,
        tracking=True,
        help="Friends brought in by referral who bought. 0: not looked at.",
    )
    brought_recurring = fields.Float(
        string="And of Their Revenue Recurring (%)",
        digits=(5, 1),
        default=50,
        tracking=True,
        help="Of what they bought in 12 months, the share after their first day.",
    )
    top_share = fields.Float(
        string="Best by RFM (%)",
        digits=(5, 2),
        default=20,
        tracking=True,
        help="The best share of the customers who bought, by RFM score, then revenue. "
        "0: not looked at.",
    )
    review_mode = fields.Selection(
        selection=[
            (contribution.AT_ONCE, "Count at once, are reviewed afterwards"),
            (contribution.AFTER, "Count only after a person's review"),
        ],
        string="The Best",
        default=contribution.AT_ONCE,
        required=True,
        tracking=True,
        help="Who waits for the review earns no tier of high value meanwhile, unless "
        "another sign is there. Who is excluded earns none at all.",
    )
    has_top_limit = fields.Boolean(readonly=True, copy=False)
    top_limit_score = fields.Float(digits=(24, 6), readonly=True, copy=False)
    top_limit_revenue = fields.Float(digits=(24, 6), readonly=True, copy=False)
    waiting_count = fields.Integer(string="To Review", compute="_compute_waiting_count")

    _signs_sane = models.Constraint(
        """CHECK (amount_bound >= 0 AND brought_least >= 0
            AND steady_share BETWEEN 0 AND 100 AND top_share BETWEEN 0 AND 100
            AND brought_recurring BETWEEN 0 AND 100)""",
        "Amounts and numbers of the signs of high value are from 0 up, shares are from "
        "0 to 100 %.",
    )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["retention.profile"]._read_group(
                [("program_id", "in", self.ids), ("is_waiting", "=", True)],
                ["program_id"],
                ["__count"],
            )
        )
        for program in self:
            program.waiting_count = counts.get(program, 0)

    @api.constrains("metric", "marks_high")
    def _check_contribution(self):
        for program in self:
            if program.metric == "contribution" and not program.marks_high:
                raise ValidationError(
                    self.env._(
                        "%(program)s goes by the signs of high value: have it mark "
                        "high-value customers.",
                        program=program.name,
                    )
                )

    def _top_limit_exact(self):
        """Return (score, revenue) from which one is at the top, as exact texts."""
        self.ensure_one()
        [pair] = self.env.execute_query(
            SQL(
                """SELECT top_limit_score::text, top_limit_revenue::text
                     FROM retention_program WHERE id = %s""",
                self.id,
            )
        )
        return pair

    def _get_moved_spans(self, since, as_of):
        """Add the documents that came into or fell out of the signs' months."""
        spans = super()._get_moved_spans(since, as_of)
        if not self.marks_high:
            return spans
        day = timedelta(days=1)
        if self.amount_bound:
            spans.add((contribution.year_from(since), contribution.year_from(as_of)))
        before, now = contribution.months_span(since), contribution.months_span(as_of)
        if self.steady_share and before != now:
            spans.add((before[0] - day, now[0] - day))  # no longer among the twelve
            spans.add((before[1] - day, now[1] - day))  # their month is whole now
        return spans

    def _get_moved_customers(self, since, as_of):
        """Add who brought others in: those buy without his doing anything."""
        customers = super()._get_moved_customers(since, as_of)
        query = self.env["retention.profile"]._brought_query(self.company_id)
        if query and self.marks_high and self.brought_least:
            rows = self.env.execute_query(
                SQL("SELECT DISTINCT partner_id FROM (%s) brought", query)
            )
            customers |= {row[0] for row in rows}
        return customers

    def action_view_waiting(self):
        """Open the customers who wait for a review."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_profile_action_review"
        )
        return action | {"domain": [("program_id", "in", self.ids)]}

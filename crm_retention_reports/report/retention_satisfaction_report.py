from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_retention.models.facts.retention_feedback import KINDS
from odoo.addons.crm_retention.tools import satisfaction

SPANS = [("030", "Last 30 days"), ("090", "Last 90 days"), ("365", "Last 12 months")]
VIEWS = [
    ("all", "Everybody"),
    ("tier", "By tier"),
    ("team", "By service team"),
    ("user", "By person"),
]
# what each way of looking counts together: the column and its place in the key
COLUMNS = {"tier": "tier_id", "team": "team_id", "user": "user_id"}


class RetentionSatisfactionReport(models.Model):
    """How satisfied customers are: a figure, how sure it is, and how many answered.

    One row a question, time, and tier, team or person; counted when it is looked at.
    An answer belongs to the day of its invitation, so that who was asked and who
    answered are the same customers; without an invitation to the day it was given.
    """

    _name = "retention.satisfaction.report"
    _description = "Satisfaction"
    _auto = False
    _order = "dimension, kind desc, days, answers desc, id"
    _rec_name = "kind"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    kind = fields.Selection(selection=KINDS, string="Question", readonly=True)
    days = fields.Selection(selection=SPANS, string="Time", readonly=True)
    dimension = fields.Selection(selection=VIEWS, string="Of Whom", readonly=True)
    tier_id = fields.Many2one(comodel_name="retention.tier", readonly=True)
    team_id = fields.Many2one(comodel_name="helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Looked After by", readonly=True
    )
    name = fields.Char(string="Who", compute="_compute_name")
    invited = fields.Integer(
        readonly=True, aggregator=None, help="Asked by us, by e-mail."
    )
    replied = fields.Integer(
        readonly=True, aggregator=None, help="Answers of those who were asked by us."
    )
    answers = fields.Integer(
        readonly=True, aggregator=None, help="All answers, also in the portal."
    )
    high_count = fields.Integer(
        string="High", readonly=True, aggregator=None, help="Promoters; good answers."
    )
    middle_count = fields.Integer(
        string="Middle", readonly=True, aggregator=None, help="Passives; neutral ones."
    )
    low_count = fields.Integer(
        string="Low", readonly=True, aggregator=None, help="Detractors; bad answers."
    )
    score = fields.Float(
        string="Figure",
        compute="_compute_figure",
        digits=(16, 1),
        help="The net promoter score from −100 to 100; of all else the share of good "
        "answers in %.",
    )
    score_low = fields.Float(string="At Least", compute="_compute_figure")
    score_high = fields.Float(string="At Most", compute="_compute_figure")
    is_small = fields.Boolean(compute="_compute_figure")
    figure_text = fields.Char(
        string="Satisfaction",
        compute="_compute_figure",
        help="With 95 % certainty the figure of all customers lies in the brackets.",
    )
    response_text = fields.Char(string="Response", compute="_compute_response_text")

    _depends = {
        "retention.feedback": [
            "company_id",
            "kind",
            "state",
            "grade",
            "tier_id",
            "team_id",
            "user_id",
            "invited_at",
            "answered_at",
        ],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT ('x' || substr(md5(concat_ws('-', company_id, kind, days, dimension,
                                                tier_id, team_id, user_id)), 1, 12)
                   )::bit(48)::bigint AS id, *
              FROM (%s) counted
            """,
            SQL(" UNION ALL ").join(
                self._select_dimension(dimension) for dimension, _name in VIEWS
            ),
        )

    def _select_dimension(self, dimension) -> SQL:
        """Count the answers of every time, for everybody or by one column."""
        column = COLUMNS.get(dimension)
        columns = [
            SQL("%s AS %s", SQL("said.%s", SQL.identifier(name)), SQL.identifier(name))
            if name == column
            else SQL("NULL::integer AS %s", SQL.identifier(name))
            for name in COLUMNS.values()
        ]
        key = SQL("said.%s", SQL.identifier(column)) if column else None
        return SQL(
            """
            SELECT said.company_id, said.kind, span.days, %(dimension)s AS dimension,
                   %(columns)s,
                   count(said.invited_at) AS invited,
                   count(said.invited_at) FILTER (WHERE said.state = 'answered')
                     AS replied,
                   count(*) FILTER (WHERE said.state = 'answered') AS answers,
                   count(*) FILTER (WHERE said.grade = ANY(%(high)s)) AS high_count,
                   count(*) FILTER (WHERE said.grade = ANY(%(middle)s)) AS middle_count,
                   count(*) FILTER (WHERE said.grade = ANY(%(low)s)) AS low_count
              FROM retention_feedback said
              JOIN unnest(%(spans)s::varchar[]) AS span (days)
                ON COALESCE(said.invited_at, said.answered_at)
                   > (now() AT TIME ZONE 'UTC') - make_interval(days => days::integer)
             WHERE said.state IN ('asked', 'answered') AND %(known)s
             GROUP BY said.company_id, said.kind, span.days%(by)s
            """,
            dimension=dimension,
            columns=SQL(", ").join(columns),
            high=list(satisfaction.HIGH),
            middle=list(satisfaction.MIDDLE),
            low=list(satisfaction.LOW),
            spans=[days for days, _name in SPANS],
            known=SQL("%s IS NOT NULL", key) if key else SQL("TRUE"),
            by=SQL(", %s", key) if key else SQL(),
        )

    @api.depends("dimension", "tier_id", "team_id", "user_id")
    def _compute_name(self):
        for row in self:
            which = row.tier_id or row.team_id or row.user_id
            # sudo: the names of those of whom the figure tells
            row.name = which.sudo().display_name or self.env._("Everybody")

    @api.depends("high_count", "middle_count", "low_count")
    @api.depends_context("lang")
    def _compute_figure(self):
        for row in self:
            figure = satisfaction.figure(
                row.kind, row.high_count, row.middle_count, row.low_count
            )
            row.score = figure.score if figure else 0
            row.score_low = figure.low if figure else 0
            row.score_high = figure.high if figure else 0
            row.is_small = not figure or figure.is_small
            row.figure_text = row._describe_figure(figure)

    def _describe_figure(self, figure):
        """Say the figure with its interval, or that too few answered."""
        if not figure:
            return self.env._("No answers yet")
        values = {
            "score": round(figure.score),
            "low": round(figure.low),
            "high": round(figure.high),
            "count": figure.answers,
        }
        if figure.is_small:
            return self.env._("too few: %(count)s answers", **values)
        if self.kind == satisfaction.NPS:
            return self.env._("%(score)s (%(low)s to %(high)s)", **values)
        return self.env._("%(score)s %% (%(low)s to %(high)s)", **values)

    @api.depends("invited", "replied")
    @api.depends_context("lang")
    def _compute_response_text(self):
        for row in self:
            row.response_text = (
                self.env._(
                    "%(share)s %% of %(count)s",
                    share=round(100 * row.replied / row.invited),
                    count=row.invited,
                )
                if row.invited
                else self.env._("Nobody was asked")
            )

    def action_view_answers(self):
        """Open the answers behind the figure, those that the reader may see."""
        self.ensure_one()
        since = f"now -{int(self.days)}d"
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("kind", "=", self.kind)
            & Domain("state", "in", ("asked", "answered"))
            & (
                Domain("invited_at", ">", since)
                | (Domain("invited_at", "=", False) & Domain("answered_at", ">", since))
            )
        )
        if column := COLUMNS.get(self.dimension):
            domain &= Domain(column, "=", self[column].id)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_feedback_action"
        )
        return action | {"domain": list(domain), "context": {}}

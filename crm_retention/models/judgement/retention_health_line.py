from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import health
from .retention_health_part import PARTS

OPENS = {
    health.PURCHASES: "crm_retention.retention_transaction_action",
    health.CONTACT: "crm_retention.retention_touch_action",
    health.SERVICE: "helpdesk_mgmt.helpdesk_ticket_action",
    health.SATISFACTION: "crm_retention.retention_feedback_action",
    health.PAYMENT: "account.action_move_out_invoice_type",
    health.USE: "crm_retention.retention_event_action",
}
COMMERCIAL = (health.SERVICE, health.PAYMENT)  # by the commercial partner of documents


class RetentionHealthLine(models.Model):
    """Why a customer's health is what it is: a row a part, read from the profile."""

    _name = "retention.health.line"
    _description = "Why This Health"
    _auto = False
    _order = "profile_id, place"
    _rec_name = "part"

    profile_id = fields.Many2one(comodel_name="retention.profile", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    place = fields.Integer(readonly=True, aggregator=None)
    part = fields.Selection(selection=PARTS, readonly=True)
    weight = fields.Integer(string="Weight (%)", readonly=True, aggregator="avg")
    is_known = fields.Boolean(string="Enough Data", readonly=True)
    score = fields.Integer(readonly=True, aggregator="avg", help="From 0 to 100.")
    before = fields.Integer(string="Score Last Month", readonly=True, aggregator="avg")
    before_on = fields.Date(string="Compared with", readonly=True)
    change = fields.Integer(
        readonly=True, aggregator="avg", help="Since the beginning of the month."
    )
    change_text = fields.Char(string="Since Last Month", compute="_compute_texts")
    reason = fields.Text(string="Why", compute="_compute_texts")

    _depends = {
        "retention.profile": [
            "partner_id",
            "company_id",
            "health_on",
            *(f"health_{name}" for name in health.PARTS),
        ],
        "retention.health.history": ["partner_id", "company_id", "day"],
        "retention.health.part": ["part", "weight", "company_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT profile.id::bigint * 8 + part.place AS id,
                   profile.id AS profile_id, profile.partner_id, profile.company_id,
                   part.place, part.name AS part, part.score,
                   part.score IS NOT NULL AS is_known,
                   COALESCE(line.weight, 0) AS weight,
                   part.before, history.day AS before_on,
                   part.score - part.before AS change
              FROM retention_profile profile
              LEFT JOIN LATERAL (
                SELECT * FROM retention_health_history known
                 WHERE known.partner_id = profile.partner_id
                   AND known.company_id = profile.company_id
                   AND known.day < profile.health_on
                 ORDER BY known.month DESC LIMIT 1) history ON TRUE
             CROSS JOIN LATERAL (VALUES %s) part (place, name, score, before)
              LEFT JOIN retention_health_part line
                ON line.company_id = profile.company_id AND line.part = part.name
             WHERE profile.health_on IS NOT NULL
            """,
            SQL(", ").join(
                SQL(
                    "(%s, %s, %s, %s)",
                    place,
                    name,
                    SQL.identifier("profile", f"health_{name}"),
                    SQL.identifier("history", f"health_{name}"),
                )
                for place, name in enumerate(health.PARTS)
            ),
        )

    @api.depends_context("lang", "uid")
    @api.depends("part", "score", "before", "is_known")
    def _compute_texts(self):
        # sudo: whoever may read the line may read why; only its figures are shown
        found = self.profile_id.sudo()._explain_health()
        for line in self:
            reasons = found.get(line.profile_id.id, {})
            line.reason = reasons.get(line.part, False)
            line.change_text = line._describe_change()

    def _describe_change(self):
        if not self.is_known or not self.before_on:
            return False
        if not self.change:
            return self.env._("Same")
        return f"{'▲' if self.change > 0 else '▼'} {abs(self.change)}"

    def action_open_records(self):
        """Open the records from which this part is judged."""
        self.ensure_one()
        customer = "partner_id"
        if self.part in COMMERCIAL:
            customer = "commercial_partner_id"
        action = self.env["ir.actions.act_window"]._for_xml_id(OPENS[self.part])
        return action | {
            "domain": [
                (customer, "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                *(
                    [("move_type", "=", "out_invoice")]
                    if self.part == health.PAYMENT
                    else []
                ),
            ],
            "context": {},
        }

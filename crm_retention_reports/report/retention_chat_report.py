from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from odoo.addons.crm_retention.models.decisions.retention_service_limit import MINUTES
from odoo.addons.crm_retention.tools import service

HISTORY = "im_livechat_channel_member_history"


class RetentionChatReport(models.Model):
    """How soon live chats are taken: a row for each agent of a chat, as that app keeps.

    Empty without that app. The share is 1 for a chat in which the agent wrote within
    what the target for everybody promises, 0 for one that was later, or is over
    without a word of the agent's; empty as long as it may still be in time.
    """

    _name = "retention.chat.report"
    _description = "Live Chats Taken"
    _auto = False
    _order = "started_on desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(comodel_name="res.users", string="Agent", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    started_on = fields.Datetime(readonly=True)
    seconds = fields.Integer(
        string="Seconds to the First Word", readonly=True, aggregator="avg"
    )
    promised = fields.Integer(
        string="Promised (seconds)", readonly=True, aggregator=None
    )
    chat_count = fields.Integer(string="Chats", readonly=True)
    late_count = fields.Integer(
        string="Taken Late",
        readonly=True,
        help="Or over without a word from the agent.",
    )
    is_decided = fields.Boolean(
        string="Taken or Over",
        readonly=True,
        help="Whether it is known if it was taken in time.",
    )
    taken_share = fields.Float(
        string="Taken in Time (%)",
        readonly=True,
        aggregator="avg",
        help="Of the chats that were taken or are over.",
    )

    _depends = {
        "retention.service.limit": ["amount", "part", "unit", "target_id"],
        "retention.service.target": ["active", "company_id", "is_fallback"],
    }

    @property
    def _table_query(self) -> SQL:
        if not table_exists(self.env.cr, HISTORY):
            return SQL(
                """
                SELECT NULL::int AS id, NULL::int AS user_id, NULL::int AS company_id,
                       NULL::timestamp AS started_on, NULL::int AS seconds,
                       NULL::int AS promised, NULL::int AS chat_count,
                       NULL::int AS late_count, NULL::bool AS is_decided,
                       NULL::numeric AS taken_share
                 WHERE FALSE
                """
            )
        return SQL(
            """
            SELECT history.id, agent.id AS user_id, agent.company_id,
                   history.create_date AS started_on, said.seconds, promise.seconds
                     AS promised, 1 AS chat_count,
                   COALESCE(1 - taken.share, 0)::int AS late_count,
                   taken.share IS NOT NULL AS is_decided,
                   taken.share AS taken_share
              FROM %(history)s history
              JOIN res_users agent ON agent.partner_id = history.partner_id
              JOIN discuss_channel channel ON channel.id = history.channel_id
              JOIN LATERAL (
                   SELECT round(limits.amount * %(unit)s)::int AS seconds
                     FROM retention_service_limit limits
                     JOIN retention_service_target target
                       ON target.id = limits.target_id AND target.is_fallback
                    WHERE limits.part = %(chat)s
                      AND target.company_id = agent.company_id) promise ON TRUE
              CROSS JOIN LATERAL (
                   SELECT round(NULLIF(history.response_time_hour, 0) * 3600)::int
                       AS seconds) said
              CROSS JOIN LATERAL (
                   SELECT CASE WHEN said.seconds <= promise.seconds THEN 1.0
                               WHEN said.seconds > promise.seconds THEN 0.0
                               WHEN channel.livechat_end_dt IS NOT NULL THEN 0.0
                           END AS share) taken
             WHERE history.livechat_member_type = 'agent'
            """,
            history=SQL.identifier(HISTORY),
            chat=service.CHAT,
            unit=SQL(
                "CASE limits.unit %s END",
                SQL(" ").join(
                    SQL("WHEN %s THEN %s", unit, round(minutes * 60))
                    for unit, minutes in MINUTES.items()
                ),
            ),
        )

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.actions.retention_alert import RESULTS, STATES
from odoo.addons.crm_retention.models.decisions.retention_signal import SEVERITIES

# measures that are quotients of sums, in percent: (sum above, sums below)
SHARES = {
    "precision:avg": (("saved_count", "lost_count"), ("closed_count",)),
    "false_share:avg": (("false_count",), ("closed_count",)),
    "saved_share:avg": (("saved_count",), ("saved_count", "lost_count")),
    "confirmed_share:avg": (("confirmed_count",), ("checked_count",)),
}


class RetentionAlertReport(models.Model):
    """What became of alerts: one row each, with how long it took.

    Read only. Somebody acted when the alert was first acknowledged or judged, its play
    was run, or a contact about it took place, whichever came first; what went away by
    itself before that was acted on by nobody.
    """

    _name = "retention.alert.report"
    _inherit = ["retention.customer.report"]
    _description = "Alert Analysis"
    _auto = False
    _order = "opened_on desc, id desc"
    _rec_name = "partner_id"

    alert_id = fields.Many2one(comodel_name="retention.alert", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    signal_id = fields.Many2one(
        comodel_name="retention.signal", string="Rule", readonly=True
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Owner", readonly=True)
    severity = fields.Selection(selection=SEVERITIES, readonly=True)
    state = fields.Selection(selection=STATES, readonly=True)
    result = fields.Selection(
        selection=RESULTS,
        string="What Followed",
        readonly=True,
        help="Whether the customer then did what was said of the alert.",
    )
    opened_on = fields.Date(string="Raised on", readonly=True)
    acted_on = fields.Date(
        readonly=True,
        help="When the alert was first acknowledged or judged, its play run, or the "
        "customer contacted about it. Empty: nobody did anything.",
    )
    closed_on = fields.Date(readonly=True)
    alert_count = fields.Integer(string="Raised", readonly=True)
    open_count = fields.Integer(string="Open", readonly=True)
    closed_count = fields.Integer(string="Closed", readonly=True)
    saved_count = fields.Integer(string="Saved", readonly=True)
    lost_count = fields.Integer(string="Lost", readonly=True)
    false_count = fields.Integer(string="False Alarms", readonly=True)
    over_count = fields.Integer(string="Over by Itself", readonly=True)
    ignored_count = fields.Integer(
        string="Nobody Acted", readonly=True, help="Closed ones on which nobody acted."
    )
    confirmed_count = fields.Integer(string="Confirmed", readonly=True)
    checked_count = fields.Integer(
        string="Checked",
        readonly=True,
        help="Those of which it is known by now what the customer did.",
    )
    precision = fields.Float(
        string="Worth It (%)",
        readonly=True,
        aggregator="avg",
        help="Saved and lost ones among all closed alerts: the customer was really "
        "about to leave.",
    )
    false_share = fields.Float(
        string="False Alarms (%)",
        readonly=True,
        aggregator="avg",
        help="Those that people closed as false alarm, among all closed ones.",
    )
    saved_share = fields.Float(
        string="Saved (%)",
        readonly=True,
        aggregator="avg",
        help="Saved ones among saved and lost. As people judged them; nobody was left "
        "out to compare with, so it does not tell what the work on them brought.",
    )
    confirmed_share = fields.Float(
        string="Confirmed (%)",
        readonly=True,
        aggregator="avg",
        help="Judgements that agree with what the customer then bought, among those "
        "that could be checked.",
    )
    days_to_act = fields.Float(
        string="Days to Act",
        readonly=True,
        aggregator="avg",
        help="From the day it was raised until somebody acted; of those on which "
        "somebody did.",
    )
    days_to_close = fields.Float(
        string="Days to Close",
        readonly=True,
        aggregator="avg",
        help="From the day it was raised until it was closed; of closed ones.",
    )
    value = fields.Monetary(
        string="At Stake",
        readonly=True,
        help="What the customers bought in the twelve months before their alerts.",
    )
    saved_value = fields.Monetary(
        string="At Stake of Saved", readonly=True, help="The same, of those saved."
    )

    _depends = {
        "mail.message": ["model", "res_id", "date"],
        "mail.tracking.value": ["field_id", "mail_message_id"],
        "retention.alert": [
            "signal_id",
            "partner_id",
            "company_id",
            "user_id",
            "state",
            "result",
            "opened_on",
            "closed_on",
            "closed_by_itself",
            "played_at",
            "value",
        ],
        "retention.profile": ["partner_id", "company_id", "tier_id", "segment_id"],
        "retention.touch": ["alert_id", "state", "done_at"],
        "res.company": ["currency_id", "resource_calendar_id"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "res.users": ["sale_team_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT alert.id, alert.id AS alert_id, alert.partner_id, alert.company_id,
                   alert.signal_id, alert.user_id, alert.severity, alert.state,
                   alert.result, alert.opened_on, alert.closed_on,
                   acted.day AS acted_on,
                   1 AS alert_count, alert.is_open::integer AS open_count,
                   (alert.is_open IS NOT TRUE)::integer AS closed_count,
                   (alert.state = 'saved')::integer AS saved_count,
                   (alert.state = 'lost')::integer AS lost_count,
                   (alert.state = 'false')::integer AS false_count,
                   (alert.state = 'over')::integer AS over_count,
                   (alert.is_open IS NOT TRUE AND acted.day IS NULL)::integer
                     AS ignored_count,
                   COALESCE(alert.result = 'right', FALSE)::integer AS confirmed_count,
                   COALESCE(alert.result IN ('right', 'wrong'), FALSE)::integer
                     AS checked_count,
                   0 AS precision, 0 AS false_share, 0 AS saved_share,
                   0 AS confirmed_share,
                   CASE WHEN acted.day IS NOT NULL
                        THEN GREATEST(acted.day - alert.opened_on, 0) END
                     AS days_to_act,
                   alert.closed_on - alert.opened_on AS days_to_close,
                   alert.value,
                   CASE WHEN alert.state = 'saved' THEN alert.value ELSE 0 END
                     AS saved_value, %s
            """,
            self._customer_columns(),
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM retention_alert alert
              %(joins)s
              LEFT JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
              LEFT JOIN LATERAL (
                SELECT (LEAST(%(judged)s, %(contacted)s, alert.played_at)
                        AT TIME ZONE 'UTC'
                        AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS day
              ) acted ON TRUE
            """,
            joins=self._customer_joins("alert"),
            judged=self._judged(),
            contacted=SQL(
                """(SELECT min(touch.done_at) FROM retention_touch touch
                     WHERE touch.alert_id = alert.id AND touch.state = 'done'
                       AND touch.partner_id = alert.partner_id)"""  # by its index
            ),
        )

    def _judged(self) -> SQL:
        """When its state first changed, unless it only went away by itself."""
        state = self.env["ir.model.fields"]._get("retention.alert", "state")
        return SQL(
            """
            (SELECT CASE WHEN alert.closed_by_itself AND count(*) < 2 THEN NULL
                         ELSE min(said.date) END
               FROM mail_message said
               JOIN mail_tracking_value changed ON changed.mail_message_id = said.id
              WHERE said.model = 'retention.alert' AND said.res_id = alert.id
                AND changed.field_id = %s)
            """,
            state.id,
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in SHARES:
            return super()._read_group_select(aggregate_spec, query)
        above, below = (
            SQL(" + ").join(
                SQL("SUM(%s)", self._field_to_sql(self._table, name, query))
                for name in names
            )
            for names in SHARES[aggregate_spec]
        )
        return SQL("100.0 * (%s) / NULLIF(%s, 0)", above, below)

    def action_open_alert(self):
        """Open the alert."""
        self.ensure_one()
        return self.alert_id.get_formview_action()

from odoo import api, fields, models


class RetentionAlert(models.Model):
    """What was done about an alert: the play that was run, and all it brought about."""

    _inherit = "retention.alert"

    play_id = fields.Many2one(related="signal_id.play_id", string="Suggested Play")
    guidance = fields.Text(related="signal_id.play_id.guidance")
    played_id = fields.Many2one(
        comodel_name="retention.play",
        string="Play Run",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    played_at = fields.Datetime(string="Run on", readonly=True, copy=False)
    played_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Run by",
        readonly=True,
        ondelete="set null",
        copy=False,
    )
    touch_ids = fields.One2many(
        comodel_name="retention.touch",
        inverse_name="alert_id",
        string="Contacts",
        readonly=True,
    )
    play_activity_ids = fields.Many2many(
        comodel_name="mail.activity",
        relation="retention_alert_activity_rel",
        string="Other Activities",
        readonly=True,
        copy=False,
        context={"active_test": False},
    )
    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        string="Points Given",
        readonly=True,
        ondelete="set null",
        copy=False,
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        ondelete="set null",
        copy=False,
    )


class RetentionPlay(models.Model):
    """How often a play was run, and what became of those customers."""

    _inherit = "retention.play"

    alert_ids = fields.One2many(
        comodel_name="retention.alert", inverse_name="played_id", string="Alerts"
    )
    run_count = fields.Integer(string="Times Run", compute="_compute_counts")
    saved_count = fields.Integer(
        string="Saved", compute="_compute_counts", help="Alerts closed as saved."
    )
    lost_count = fields.Integer(
        string="Lost", compute="_compute_counts", help="Alerts closed as lost."
    )
    outcome_text = fields.Char(string="What Came of It", compute="_compute_counts")

    @api.depends("alert_ids.state")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_counts(self):
        # sudo: how a play does depends on all customers, whoever looks at it
        alerts = self.env["retention.alert"].sudo()
        rows = alerts._read_group(
            [
                ("played_id", "in", self.ids),
                ("company_id", "in", self.env.companies.ids),
            ],
            ["played_id", "state"],
            ["__count"],
        )
        counts = {}
        for play, state, count in rows:
            counts.setdefault(play.id, {})[state] = count
        for play in self:
            own = counts.get(play.id, {})
            play.run_count = sum(own.values())
            play.saved_count, play.lost_count = own.get("saved", 0), own.get("lost", 0)
            play.outcome_text = play._describe_outcome()

    def _describe_outcome(self):
        """Say what came of this play; association only, nobody was left out."""
        self.ensure_one()
        if not self.run_count:
            return False
        return self.env._(
            "Run %(runs)s times: %(saved)s customers saved, %(lost)s lost. Whether the "
            "play did it is not known: nobody was left out to compare with.",
            runs=self.run_count,
            saved=self.saved_count,
            lost=self.lost_count,
        )

    def action_view_alerts(self):
        """Open the alerts on which this play was run."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_alert_action"
        )
        return action | {"domain": [("played_id", "=", self.id)], "context": {}}

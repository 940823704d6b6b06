from odoo import api, fields, models

# which play fits a sign; the company may choose another one for each rule
PLAYS = {
    "overdue": "play_at_risk",
    "drop": "play_cooling",
    "slow": "play_cooling",
    "amount": "play_cooling",
    "second": "play_second_purchase",
    "contacts": "play_cooling",
    "silent": "play_cooling",
    "satisfaction": "play_low_satisfaction",
    "complaints": "play_high_value_complaint",
    "surveys": "play_cooling",
    "mails": "play_cooling",
    "campaigns": "play_cooling",
    "unsubscribed": "play_cooling",
    "contract_end": "play_at_risk",
    "tier_loss": "play_cooling",
}
STAGE_PLAYS = {
    "new": "play_onboarding",
    "won_back": "play_onboarding",
    "at_risk": "play_at_risk",
    "dormant": "play_win_back",
    "lost": "play_win_back",
}


class RetentionSignal(models.Model):
    """What a rule suggests to do about its alerts."""

    _inherit = "retention.signal"

    play_id = fields.Many2one(
        comodel_name="retention.play",
        string="Suggested Play",
        compute="_compute_play_id",
        store=True,  # a person may choose another one
        readonly=False,
        precompute=True,
        ondelete="set null",
        check_company=True,
        tracking=True,
        help="What is proposed on each alert of this rule. A person runs it.",
    )

    @api.depends("kind", "stage_id")
    def _compute_play_id(self):
        """Suggest by the sign, where nobody has chosen a play yet."""
        for signal in self:
            if not signal.play_id:
                signal.play_id = signal._suggest_play()

    def _suggest_play(self):
        """Return the shipped play for this rule's sign, or none."""
        self.ensure_one()
        name = PLAYS.get(self.kind)
        if self.kind == "stage":
            name = STAGE_PLAYS.get(self.stage_id.code)
        play = name and self.env.ref(f"crm_retention.{name}", raise_if_not_found=False)
        return play if play and play.active else self.env["retention.play"]

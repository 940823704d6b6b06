from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

WISH = ("channel_id", "most_a_month", "pause_until", "reason")


class RetentionConsentWizard(models.TransientModel):
    """What a customer said about being contacted, recorded by staff."""

    _name = "retention.consent.wizard"
    _description = "Record Consent or Wish"

    profile_id = fields.Many2one(
        comodel_name="retention.profile", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Customer")
    word = fields.Selection(
        selection=[
            ("refused", "Refuses"),
            ("withdrawn", "Withdraws consent"),
            ("granted", "Agrees"),
            ("wish", "Has a wish"),
            ("private", "Wishes not to be profiled"),
            ("profiled", "May be profiled again"),
        ],
        string="The Customer",
        default="refused",
        required=True,
    )
    said_channel_id = fields.Many2one(
        comodel_name="retention.channel", string="By", help="Empty: by any channel."
    )
    purpose_id = fields.Many2one(
        comodel_name="retention.purpose",
        string="About",
        help="Empty: about everything but their orders.",
    )
    given_at = fields.Datetime(string="When", default=fields.Datetime.now)
    how = fields.Selection(
        selection=lambda self: (
            self.env["retention.consent"]
            ._fields["how"]
            ._description_selection(self.env)
        ),
        default="phone",
    )
    proof = fields.Char(help="Where it can be looked up.")
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Only by",
        compute="_compute_wish",
        store=True,
        readonly=False,
        help="Empty: by any channel.",
    )
    most_a_month = fields.Integer(
        string="At Most a Month",
        compute="_compute_wish",
        store=True,
        readonly=False,
        help="Contacts in 30 days. 0: no limit.",
    )
    pause_until = fields.Date(
        string="Not before", compute="_compute_wish", store=True, readonly=False
    )
    reason = fields.Char(
        string="In Their Words", compute="_compute_wish", store=True, readonly=False
    )

    @api.depends("profile_id")
    def _compute_wish(self):
        """Begin with the wish that holds."""
        for wizard in self:
            for name in WISH:
                wizard[name] = wizard.profile_id.wish_id[name]

    def _describe_how(self):
        """Say when and how the customer said so, in one line."""
        options = dict(self._fields["how"]._description_selection(self.env))
        return self.env._(
            "Said on %(day)s (%(how)s). %(proof)s",
            day=format_date(self.env, self.given_at),
            how=options[self.how],
            proof=self.proof or "",
        )

    def action_apply(self):
        """Keep it: it holds from this moment on."""
        self.ensure_one()
        if self.word == "wish":
            self.profile_id._note_wish(
                {
                    "channel_id": self.channel_id.id,
                    "most_a_month": self.most_a_month,
                    "pause_until": self.pause_until,
                    "reason": self.reason,
                }
            )
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if not self.given_at or not self.how:
            raise ValidationError(self.env._("Say when and how the customer said so."))
        if self.word in ("private", "profiled"):
            self.profile_id._note_profiling(
                self.word == "private", self._describe_how()
            )
        else:
            self.profile_id._note_consent(
                {
                    "channel_id": self.said_channel_id.id,
                    "purpose_id": self.purpose_id.id,
                    "state": self.word,
                    "given_at": self.given_at,
                    "how": self.how,
                    "proof": self.proof,
                }
            )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

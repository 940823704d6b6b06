from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

from ...tools import caps

USER = "crm_retention.group_retention_user"
AUDITOR = "crm_retention.group_retention_auditor"
MANAGER = "crm_retention.group_retention_manager"
BOUGHT = "purchase"  # a way by which customers come to us, not we to them


class RetentionProfile(models.Model):
    """What the customer said about being contacted, and what follows from it."""

    _inherit = "retention.profile"

    consent_ids = fields.One2many(
        comodel_name="retention.consent",
        compute="_compute_words",
    )
    wish_id = fields.Many2one(comodel_name="retention.wish", compute="_compute_words")
    wish_text = fields.Char(string="Wishes", compute="_compute_words")
    decision_count = fields.Integer(
        string="Refused or Put Off", compute="_compute_decision_count"
    )

    def _compute_words(self):
        domain = [
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        consents = self.env["retention.consent"].search(domain)
        wishes = self.env["retention.wish"].search(domain)
        said = consents.grouped(lambda row: (row.partner_id, row.company_id))
        wished = wishes.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.consent_ids = said.get(key, consents.browse())
            profile.wish_id = wished.get(key, wishes.browse())
            profile.wish_text = profile.wish_id._describe() or False

    def _compute_decision_count(self):
        rows = self.env["retention.decision"]._read_group(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id"],
            ["__count"],
        )
        counts = {row[:2]: row[2] for row in rows}
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.decision_count = counts.get(key, 0)

    # ---- may I contact? ----------------------------------------------------------

    def get_channels(self, category="relationship"):
        """Return for every channel whether this customer may be contacted now.

        :return: list of dicts: ``channel_id``, ``name``, ``icon``, ``code``,
            ``state`` (allowed, deferred, blocked), ``until`` (text in the reader's
            time zone or ""), ``reason`` (a sentence or "").
        """
        self.ensure_one()
        self.check_access("read")
        if category not in caps.CATEGORIES:
            category = "relationship"
        channels = self.env["retention.channel"].search(
            [("active", "=", True), ("code", "!=", BOUGHT)]
        )
        verdicts = self._judge_channels(channels, category)
        return [
            {
                "channel_id": channel.id,
                "name": channel.name,
                "icon": channel.icon,
                "code": channel.code,
                "state": verdict.state,
                "until": (
                    format_datetime(self.env, verdict.until, dt_format="short")
                    if verdict.until
                    else ""
                ),
                "reason": verdict.reason,
            }
            for channel, verdict in zip(channels, verdicts, strict=True)
        ]

    def _judge_channels(self, channels, category):
        """Return the verdict for each channel by itself."""
        guard = self.env["retention.guard"]
        customer = self.partner_id.id
        requests = [
            caps.Request(customer, customer, channel.id, category)
            for channel in channels
        ]
        return guard._judge(self.company_id, requests, together=False)

    # ---- recording ---------------------------------------------------------------

    @api.model
    def _check_may_note(self):
        """Refuse who may only read."""
        user = self.env.user
        reads_only = user.has_group(AUDITOR) and not user.has_group(MANAGER)
        if not self.env.su and (reads_only or not user.has_group(USER)):
            raise AccessError(
                self.env._(
                    "You may read what customers said, not record it: ask a "
                    "retention manager."
                )
            )

    def _note_consent(self, values):
        """Keep what the customer said; it holds at once."""
        self.ensure_one()
        self._check_may_note()
        self.check_access("read")
        whose = {"partner_id": self.partner_id.id, "company_id": self.company_id.id}
        # sudo: consents are written by this method only; the rights were checked
        return self.env["retention.consent"].sudo().create(values | whose)

    def _note_wish(self, values):
        """Keep how the customer wishes to be contacted; an empty wish is none."""
        self.ensure_one()
        self._check_may_note()
        self.check_access("read")
        # sudo: wishes of own customers are written here; the rights were checked
        wish = self.wish_id.sudo()
        wished = any(
            values.get(name) for name in ("channel_id", "most_a_month", "pause_until")
        )
        if wish and wished:
            wish.write(values)
        elif wish:
            wish.unlink()
        elif wished:
            wish.create(
                values
                | {"partner_id": self.partner_id.id, "company_id": self.company_id.id}
            )
        self.invalidate_recordset(["wish_id", "wish_text"])

    def action_note_words(self):
        """Open the dialog in which staff records consent and wishes."""
        self.ensure_one()
        self._check_may_note()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_consent_wizard_action"
        )
        return action | {"context": {"default_profile_id": self.id}}

    def action_view_decisions(self):
        """Open what the guard refused or put off for this customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_decision_action"
        )
        return action | {
            "domain": self._document_domain(),
            "context": {},
            "display_name": self.env._(
                "Refused and put off: %s", self.partner_id.display_name
            ),
        }

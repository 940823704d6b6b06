from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class RetentionTouch(models.Model):
    """What the screens show beside a planned touch: the customer, the way to him."""

    _inherit = "retention.touch"

    profile_id = fields.Many2one(
        comodel_name="retention.profile",
        string="Customer Profile",
        compute="_compute_profile",
        search="_search_profile_id",
        compute_sudo=False,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    tier_id = fields.Many2one(related="profile_id.tier_id")
    tier_color = fields.Integer(related="profile_id.tier_color", aggregator=None)
    stage_id = fields.Many2one(related="profile_id.stage_id")
    revenue = fields.Monetary(
        related="profile_id.window_revenue", string="Value at Stake", aggregator=None
    )
    last_contact = fields.Datetime(related="profile_id.last_contact")
    phone = fields.Char(compute="_compute_reach")
    email = fields.Char(compute="_compute_reach")
    channel_text = fields.Char(
        string="Why This Channel", compute="_compute_channel_text"
    )
    guidance = fields.Text(related="cadence_id.guidance")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_act = fields.Boolean(compute="_compute_can_act")
    can_undo = fields.Boolean(compute="_compute_can_undo")
    is_waiting = fields.Boolean(
        compute="_compute_is_waiting",
        search="_search_is_waiting",
        help="The rules allow it at a later time only.",
    )

    # ---- the customer ------------------------------------------------------------

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_profile(self):
        profiles = (
            self.env["retention.profile"]
            ._with_archived()
            .search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                ]
            )
        )
        known = {(each.partner_id, each.company_id): each for each in profiles}
        for touch in self:
            touch.profile_id = known.get(
                (touch.partner_id, touch.company_id), profiles.browse()
            )

    def _search_profile_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        fits = Domain(value) if operator == "any" else Domain("id", "in", list(value))
        Profile = self.env["retention.profile"]._with_archived()
        customer = SQL.identifier(Profile._table, "partner_id")
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "partner_id",
                "in",
                Profile._search(fits & Domain("company_id", "=", company.id)).subselect(
                    customer
                ),
            )
            for company in self.env.companies
        )

    @api.depends("partner_id", "person_id")
    def _compute_reach(self):
        for touch in self:
            person = touch._get_person()
            touch.phone = person.phone or touch.partner_id.phone
            touch.email = person.email or touch.partner_id.email

    # ---- words -------------------------------------------------------------------

    @api.depends("channel_id", "cadence_id")
    @api.depends_context("lang")
    def _compute_channel_text(self):
        for touch in self:
            touch.channel_text = touch._describe_channel()

    def _describe_channel(self):
        """Say in words why this channel and no other."""
        self.ensure_one()
        line = self.cadence_id
        if not line:
            return self.env._("%s: chosen by a person.", self.channel_id.name)
        if self.channel_id == line.channel_id:
            return self.env._("%s: the first choice.", self.channel_id.name)
        if self.channel_id in line.second_channel_id | line.third_channel_id:
            return self.env._(
                "%(channel)s: the first choice, %(first)s, is not allowed now.",
                channel=self.channel_id.name,
                first=line.channel_id.name,
            )
        return self.env._("%s: the customer wishes it.", self.channel_id.name)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for touch in self:
            touch.is_mine = touch.user_id == self.env.user

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_act(self):
        may = self._may_act()
        for touch in self:
            touch.can_act = may and touch.state == "planned"

    @api.depends("undo_until")
    def _compute_can_undo(self):
        now = fields.Datetime.now()
        for touch in self:
            touch.can_undo = bool(touch.undo_until and touch.undo_until >= now)

    @api.depends("act_at", "state")
    def _compute_is_waiting(self):
        now = fields.Datetime.now()
        for touch in self:
            touch.is_waiting = bool(
                touch.state == "planned" and touch.act_at and touch.act_at > now
            )

    def _search_is_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "planned") & Domain(
            "act_at", ">", fields.Datetime.now()
        )

    # ---- buttons -----------------------------------------------------------------

    def action_done(self):
        """Open the small dialog: outcome and next date."""
        return self._open_wizard("done", self.env._("Contact Done"))

    def action_snooze(self):
        """Open the dialog that puts contacts off."""
        return self._open_wizard("snooze", self.env._("Put Off"))

    def action_skip(self):
        """Open the dialog that leaves contacts out."""
        return self._open_wizard("skip", self.env._("Leave Out This Time"))

    def action_reassign(self):
        """Open the dialog that hands contacts to somebody else."""
        return self._open_wizard("reassign", self.env._("Hand to a Colleague"))

    def _open_wizard(self, kind, title):
        self._check_may_act()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "retention.touch.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_touch_ids": self.ids,
                "dialog_size": "medium",
            },
        }

    def action_mail(self):
        """Write to one customer in Odoo's composer, to many by a template."""
        self._check_may_act()
        if len(self) > 1:
            return self._open_mail_wizard()
        person = self._get_person()
        # an invitation to a survey needs a link of its own: nothing to write by hand
        line = self.cadence_id.filtered(lambda each: not each.survey_id)
        template = line.mail_template_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to %s", person.display_name),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "res.partner",
                "default_res_ids": person.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": person.ids,
                "default_template_id": template.id,
                "default_subtype_xmlid": "mail.mt_comment",
                "retention_touch_ids": self.ids,
            },
        }

    def _open_mail_wizard(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mail by Template"),
            "res_model": "retention.mail.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_touch_ids": self.ids},
        }

    def action_open_partner(self):
        """Open the customer's contact form."""
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_open_profile(self):
        """Open the customer's profile."""
        self.ensure_one()
        return self.profile_id.get_formview_action()

    def action_undo(self):
        """Take back what was last done with these contacts."""
        touches = self._undo()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Undone: %s", touches._name_customers()),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _name_customers(self):
        names = self.partner_id.mapped("display_name")
        if len(names) > 3:
            return self.env._("%s customers", len(names))
        return self.env._(", ").join(names)

    def _offer_undo(self, message):
        """Return the action that closes a dialog, says it, and offers to undo it."""
        return {
            "type": "ir.actions.client",
            "tag": "crm_retention.undo",
            "params": {
                "message": message,
                "touch_ids": self.ids,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _mailed(self, messages):
        """These touches are done by mail that a person wrote; return them."""
        mail = self.env.ref("crm_retention.channel_email", raise_if_not_found=False)
        channel = self.channel_id.filtered(lambda each: each.automation == "mail")
        values = {"outcome": "reached", "told": True}
        if channel or mail:
            values["channel_id"] = (channel or mail)[:1].id
        if len(self) == len(messages) == 1:
            values["key"] = self._key_of_message(messages)
        done = self._do(values)
        # sudo: technical; whether the mail of this user's message still waits
        queued = self.env["mail.message.schedule"].sudo()
        waiting = queued.search([("mail_message_id", "in", messages.ids)])
        done._remember_more("scheduled", waiting.mail_message_id.ids)
        done._remember_more("mails", messages.ids)
        return done

    def _key_of_message(self, message):
        """Return the key by which the collect step would take this mail in."""
        return f"mail.message:{message.id}:{self.partner_id.id}"

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

LAST_TOUCHES = 5


class RetentionProfile(models.Model):
    """The contact rhythm of a customer as his page shows it."""

    _inherit = "retention.profile"

    rhythm_text = fields.Text(string="Rhythm", compute="_compute_rhythm")
    contact_text = fields.Char(string="Last Real Contact", compute="_compute_contact")
    next_touch_id = fields.Many2one(
        comodel_name="retention.touch", compute="_compute_rhythm"
    )
    next_contact = fields.Date(string="Next Contact on", compute="_compute_rhythm")
    next_contact_text = fields.Char(string="Next Contact", compute="_compute_rhythm")
    touch_ids = fields.One2many(
        comodel_name="retention.touch",
        string="Last Contacts",
        compute="_compute_touch_ids",
    )
    channel_states = fields.Json(string="Channels", compute="_compute_channel_states")
    is_never_contacted = fields.Boolean(
        string="Never Contacted",
        compute="_compute_is_never_contacted",
        search="_search_is_never_contacted",
    )
    is_over_contacted = fields.Boolean(
        string="Contacted Too Often",
        compute="_compute_is_over_contacted",
        search="_search_is_over_contacted",
        help="More contacts lie in the time of a limit than it allows.",
    )

    # ---- rhythm ------------------------------------------------------------------

    @api.depends_context("lang", "uid")
    def _compute_rhythm(self):
        planned = self.env["retention.touch"].search(
            self._touch_domain() & Domain("state", "=", "planned"),
            order="due_date, id",
        )
        by_customer = planned.grouped(lambda row: (row.partner_id, row.company_id))
        states = self.env["retention.cadence.state"].search(self._touch_domain())
        in_force = {
            (row.partner_id, row.company_id, row.cadence_id): row for row in states
        }
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            mine = by_customer.get(key, planned.browse())
            lines = [
                profile._describe_rhythm(touch, in_force.get((*key, touch.cadence_id)))
                for touch in mine
                if touch.cadence_id
            ]
            profile.rhythm_text = "\n".join(lines)
            profile.next_touch_id = mine[:1]
            profile.next_contact = mine[:1].due_date
            profile.next_contact_text = bool(mine) and profile._describe_next_touch(
                mine[0]
            )

    def _touch_domain(self):
        return Domain("partner_id", "in", self.partner_id.ids) & Domain(
            "company_id", "in", self.company_id.ids
        )

    def _describe_rhythm(self, touch, state):
        """Say one line of the rhythm: how often, what, and why so."""
        line = touch.cadence_id
        if line.keydate_id:
            return self.env._(
                "Once a year, %(what)s: %(name)s",
                what=line.keydate_id.name,
                name=line.name,
            )
        days = state.interval_days if state else line.interval_days
        why = (state.pin_reason or state.reason) if state else False
        text = self.env._("Every %(days)s days: %(name)s", days=days, name=line.name)
        return self.env._("%(line)s (%(why)s)", line=text, why=why) if why else text

    def _describe_next_touch(self, touch):
        """Say when the next contact is, by whom and how."""
        days = (touch.due_date - touch.company_id._retention_today()).days
        when = format_date(self.env, touch.due_date)
        if days < 0:
            when = self.env._("%(date)s, %(days)s days overdue", date=when, days=-days)
        return self.env._(
            "%(when)s by %(channel)s (%(user)s)",
            when=when,
            channel=touch.channel_id.name,
            user=touch.user_id.name or self.env._("nobody yet"),
        )

    @api.depends("last_contact")
    @api.depends_context("lang", "uid")
    def _compute_contact(self):
        now = fields.Datetime.now()
        last = self.env["retention.touch"].search(
            self._touch_domain()
            & Domain("is_real", "=", True)
            & Domain(
                "done_at", "in", [each for each in self.mapped("last_contact") if each]
            )
        )
        by_customer = {(row.partner_id, row.company_id): row for row in last}
        for profile in self:
            if not profile.last_contact:
                profile.contact_text = self.env._("None yet")
                continue
            touch = by_customer.get((profile.partner_id, profile.company_id))
            days = (now - profile.last_contact).days
            ago = self.env._("%s days ago", days) if days else self.env._("today")
            date = format_date(self.env, profile.last_contact)
            profile.contact_text = (
                self.env._(
                    "%(ago)s by %(channel)s, on %(date)s",
                    ago=ago,
                    channel=touch.channel_id.name,
                    date=date,
                )
                if touch
                else self.env._("%(ago)s, on %(date)s", ago=ago, date=date)
            )

    def _compute_touch_ids(self):
        model = self.env["retention.touch"]
        for profile in self:
            # the screen of one customer; a list never reads this field
            profile.touch_ids = model.search(
                profile._touch_domain() & Domain("state", "=", "done"),
                order="done_at desc, id desc",
                limit=LAST_TOUCHES,
            )

    # ---- channels ----------------------------------------------------------------

    @api.depends_context("lang", "uid")
    def _compute_channel_states(self):
        """Ask the guard how each of these customers may be reached now, and why not."""
        for profile in self:
            # the screen of one customer; a list never reads this field
            profile.channel_states = profile.get_channels()

    # ---- lists for managers --------------------------------------------------------

    @api.depends("last_contact")
    def _compute_is_never_contacted(self):
        for profile in self:
            profile.is_never_contacted = not profile.last_contact

    def _search_is_never_contacted(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("last_contact", "=", False)

    @api.depends_context("uid")
    def _compute_is_over_contacted(self):
        found = self.filtered_domain(
            self._search_is_over_contacted("in", [True]) & Domain("id", "in", self.ids)
        )
        for profile in self:
            profile.is_over_contacted = profile in found

    def _search_is_over_contacted(self, operator, value):
        if operator != "in":
            return NotImplemented
        caps = self.env["retention.cap"].search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("kind", "=", "rolling"),
                ("most", ">", 0),
                ("window_hours", ">", 0),
            ]
        )
        return Domain.OR(self._get_over_domain(cap) for cap in caps)

    @api.model
    def _get_over_domain(self, cap):
        """Return the domain of customers with more contacts than ``cap`` allows."""
        Touch = self.env["retention.touch"]
        counted = [
            name
            for name, _label in Touch._fields["category"].selection
            if cap[f"count_{name}"]
        ]
        since = fields.Datetime.now() - timedelta(hours=cap.window_hours)
        done = (
            Domain("company_id", "=", cap.company_id.id)
            & Domain("state", "=", "done")
            & Domain("direction", "=", "out")
            & Domain("category", "in", counted)
            & Domain("done_at", ">", since)
        )
        if cap.channel_ids:
            done &= Domain("channel_id", "in", cap.channel_ids.ids)
        query = Touch._search(done)
        query.groupby = SQL.identifier(Touch._table, "partner_id")
        query.having = SQL("count(*) > %s", cap.most)
        often = query.select(SQL.identifier(Touch._table, "partner_id"))
        domain = Domain("company_id", "=", cap.company_id.id) & Domain(
            "partner_id", "in", SQL("(%s)", often)
        )
        if cap.band:
            domain &= Domain("band", "=", cap.band)
        if cap.tier_ids:
            domain &= Domain("tier_id", "in", cap.tier_ids.ids)
        return domain

    # ---- buttons -----------------------------------------------------------------

    def action_plan_contact(self):
        """Open the dialog that plans one contact by hand."""
        self.ensure_one()
        self.check_access("read")
        self.env["retention.touch"]._check_may_act()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Contact"),
            "res_model": "retention.plan.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_profile_id": self.id,
                "dialog_size": "medium",
            },
        }

    def action_done_contact(self):
        """Log what came of the next planned contact."""
        self.ensure_one()
        return self.next_touch_id.action_done()

    def action_snooze_contact(self):
        """Put the next planned contact off."""
        self.ensure_one()
        return self.next_touch_id.action_snooze()

    def action_view_touches(self):
        """Open every contact with this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_touch_action_plan"
        )
        return action | {
            "domain": list(self._touch_domain()),
            "context": {},
        }

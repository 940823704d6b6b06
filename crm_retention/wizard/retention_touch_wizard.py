from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..models.facts.retention_touch import OUTCOMES

AGAIN_DAYS = 2  # after nobody was reached


class RetentionTouchWizard(models.TransientModel):
    """The small dialogs of Today: done, put off, left out, handed over."""

    _name = "retention.touch.wizard"
    _description = "What Became of a Planned Contact"

    kind = fields.Selection(
        selection=[
            ("done", "Done"),
            ("snooze", "Put off"),
            ("skip", "Left out"),
            ("reassign", "Handed over"),
        ],
        required=True,
        default="done",
    )
    touch_ids = fields.Many2many(
        comodel_name="retention.touch", string="Contacts", required=True
    )
    count = fields.Integer(compute="_compute_what")
    what = fields.Char(compute="_compute_what")
    guidance = fields.Text(compute="_compute_what")
    outcome = fields.Selection(selection=OUTCOMES, default="reached")
    note = fields.Text(help="Kept with the contact and in the customer's chatter.")
    next_date = fields.Date(
        string="Next Contact",
        compute="_compute_next_date",
        store=True,
        readonly=False,
        help="What the rhythm says; change it if you agreed on another day.",
    )
    planned_date = fields.Date(compute="_compute_planned_date")
    until = fields.Date(
        default=lambda self: self.env.company._retention_today() + timedelta(days=7)
    )
    reason = fields.Selection(
        selection=[
            ("asked", "The customer asked for it"),
            ("absent", "Away or on holiday"),
            ("recent", "We were in touch just now"),
            ("busy", "No time on our side"),
            ("moment", "Not the right moment"),
            ("other", "Another reason"),
        ],
        default="moment",
    )
    reason_text = fields.Char(string="In Words")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Colleague",
        domain="[('share', '=', False), ('company_ids', 'in', company_ids)]",
    )
    company_ids = fields.Many2many(
        comodel_name="res.company", compute="_compute_what", string="Companies"
    )

    @api.depends("touch_ids")
    def _compute_what(self):
        for wizard in self:
            touches = wizard.touch_ids
            wizard.count = len(touches)
            wizard.what = touches._name_customers() if touches else False
            wizard.guidance = touches.guidance if len(touches) == 1 else False
            wizard.company_ids = touches.company_id

    @api.depends("touch_ids")
    def _compute_planned_date(self):
        for wizard in self:
            touch = wizard.touch_ids._origin
            wizard.planned_date = touch._get_next_date() if len(touch) == 1 else False

    @api.depends("outcome", "planned_date")
    def _compute_next_date(self):
        for wizard in self:
            if wizard.outcome == "not_reached":
                today = wizard.env.company._retention_today()
                wizard.next_date = today + timedelta(days=AGAIN_DAYS)
            else:
                wizard.next_date = wizard.planned_date

    def _get_reason(self):
        """Return the reason as a sentence for people."""
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        return self.env._(": ").join(
            filter(None, (reasons.get(self.reason), self.reason_text))
        )

    def action_apply(self):
        """Do it, and offer to undo it."""
        self.ensure_one()
        done = getattr(self, f"_apply_{self.kind}")()
        return done._offer_undo(self._describe_result(done))

    def _apply_done(self):
        values = {"outcome": self.outcome, "note": self.note}
        if self.next_date and self.next_date != self.planned_date:
            values["next_date"] = self.next_date
        return self.touch_ids._do(values)

    def _apply_snooze(self):
        return self.touch_ids._snooze(self.until, self._get_reason())

    def _apply_skip(self):
        return self.touch_ids._skip(self._get_reason())

    def _apply_reassign(self):
        return self.touch_ids._reassign(self.user_id)

    def _describe_result(self, touches):
        """Say what was done and when the next contact is."""
        who = touches._name_customers()
        if self.kind == "snooze":
            return self.env._(
                "%(who)s: put off until %(date)s.",
                who=who,
                date=format_date(self.env, self.until),
            )
        if self.kind == "reassign":
            return self.env._(
                "%(who)s: handed to %(user)s.", who=who, user=self.user_id.name
            )
        following = touches._get_following()
        if len(touches) > 1 or not following:
            return self.env._("%s: noted.", who)
        return self.env._(
            "%(who)s: noted. Next contact on %(date)s.",
            who=who,
            date=format_date(self.env, following[0].due_date),
        )

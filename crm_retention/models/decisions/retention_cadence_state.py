from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import cadence


class RetentionCadenceState(models.Model):
    """The interval in force between one customer and one line of a policy, and why.

    There is a row where something was decided: where the line started from how warm
    the contact was, where the response was judged, or where a person pinned it. For
    all others the ideal interval of the line holds.
    """

    _name = "retention.cadence.state"
    _description = "Rhythm of One Customer"
    _rec_name = "cadence_id"
    _order = "partner_id, cadence_id, id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    cadence_id = fields.Many2one(
        comodel_name="retention.cadence",
        string="Rhythm",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    policy_id = fields.Many2one(related="cadence_id.policy_id")
    interval_days = fields.Integer(
        string="Interval in Force (days)",
        required=True,
        readonly=True,
        aggregator="avg",
    )
    decided_days = fields.Integer(
        string="Decided Interval (days)",
        readonly=True,
        aggregator="avg",
        help="Before chance moved it by a step.",
    )
    pinned = fields.Boolean(
        readonly=True, help="A person set the interval; it no longer adapts."
    )
    pin_reason = fields.Char(string="Reason of the Person", readonly=True)
    reason = fields.Char(string="Why", readonly=True)
    changed_on = fields.Date(readonly=True)
    checked_on = fields.Date(readonly=True, help="When it was last looked at.")
    touches = fields.Integer(
        string="Contacts", readonly=True, help="Contacts in the window."
    )
    responses = fields.Integer(readonly=True, help="Of these, answered.")
    rate = fields.Float(
        string="Response before",
        readonly=True,
        aggregator="avg",
        help="Share of answers when the interval was last changed.",
    )
    assignment = fields.Selection(
        selection=[
            ("longer", "Longer"),
            ("same", "As decided"),
            ("shorter", "Shorter"),
        ],
        readonly=True,
        default="same",
        help="Chance moved the interval by a step, so that its effect can be told.",
    )
    probability = fields.Float(
        readonly=True, default=1.0, help="How likely this assignment was."
    )

    _cadence_unique = models.UniqueIndex(
        "(partner_id, company_id, cadence_id)",
        "A customer has one rhythm for each line of a policy.",
    )
    _sane = models.Constraint(
        "CHECK (interval_days BETWEEN 1 AND 3650)",
        "An interval is a number of days from 1 to 3,650.",
    )
    _checked_idx = models.Index("(company_id, checked_on) WHERE NOT pinned")

    # ---- a person's decision -------------------------------------------------------

    def _check_may_pin(self, partners):
        """Refuse whoever may only read, or may not read these customers."""
        user = self.env.user
        if (
            not user.has_group("crm_retention.group_retention_user")
            or user.has_group("crm_retention.group_retention_auditor")
            and not user.has_group("crm_retention.group_retention_manager")
        ):
            raise AccessError(self.env._("You may not decide on rhythms."))
        partners.check_access("read")
        Profile = self.env["retention.profile"].with_context(active_test=False)
        known = Profile.search([("partner_id", "in", partners.ids)])
        if partners - known.partner_id and not self.env.su:
            raise AccessError(self.env._("This is not a customer of yours."))

    def _pin(self, partner, cadence_line, days, reason):
        """Set the interval of one customer and line for good; return its row."""
        self._check_may_pin(partner)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the interval is set."))
        company = cadence_line.company_id
        values = {
            "interval_days": days,
            "decided_days": days,
            "pinned": True,
            "pin_reason": reason,
            "reason": self.env._(
                "%(person)s set it: %(reason)s",
                person=self.env.user.name,
                reason=reason,
            ),
            "changed_on": company._retention_today(),
            "assignment": "same",
            "probability": 1.0,
        }
        # sudo: rows are written by the plan; the right was checked above
        states = self.sudo()
        state = states._find(partner, cadence_line)
        if state:
            state.write(values)
        else:
            state = states.create(
                values
                | {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "cadence_id": cadence_line.id,
                }
            )
        state._rhythm_changed()
        return state.with_env(self.env)

    def action_unpin(self):
        """Let the intervals adapt again, from where they are."""
        self._check_may_pin(self.partner_id)
        # sudo: rows are written by the plan; the right was checked above
        pinned = self.sudo().filtered("pinned")
        for company, states in pinned.grouped("company_id").items():
            states.write(
                {
                    "pinned": False,
                    "pin_reason": False,
                    "reason": self.env._("%s let it adapt again.", self.env.user.name),
                    "changed_on": company._retention_today(),
                }
            )
        pinned._rhythm_changed()

    def action_pin(self):
        """Open the dialog in which a person sets the interval."""
        self.ensure_one()
        return self._open_pin(self.partner_id, self.cadence_id, self.interval_days)

    def _open_pin(self, partner, cadence_line, days):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set the Interval"),
            "res_model": "retention.pin.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": partner.id,
                "default_cadence_id": cadence_line.id,
                "default_interval_days": days,
            },
        }

    def _find(self, partner, cadence_line):
        return self.search(
            [
                ("partner_id", "=", partner.id),
                ("cadence_id", "=", cadence_line.id),
                ("company_id", "=", cadence_line.company_id.id),
            ]
        )

    def _rhythm_changed(self):
        """Called when a person changed these; for later rooms, at once."""

    def _describe(self, cause, seen, window, days):
        """Say in one sentence why the interval is what it is."""
        figures = {
            "responses": seen.responses,
            "touches": seen.touches,
            "window": window,
            "days": days,
        }
        texts = {
            cadence.COMPLAINT: self.env._("A complaint: the longest interval at once."),
            cadence.OPT_OUT: self.env._(
                "Wishes to hear less: the longest interval at once."
            ),
            cadence.BOUNDS: self.env._("Brought within the bounds of the policy."),
            cadence.UP: self.env._(
                "Answered %(responses)s of %(touches)s contacts in %(window)s days, "
                "more than before: one step more often, every %(days)s days."
            ),
            cadence.DOWN: self.env._(
                "Answered %(responses)s of %(touches)s contacts in %(window)s days, "
                "less than before: one step less often, every %(days)s days."
            ),
            cadence.SAME: self.env._(
                "Answered %(responses)s of %(touches)s contacts in %(window)s days: "
                "stays at every %(days)s days."
            ),
            cadence.FEW: self.env._(
                "%(touches)s contacts in %(window)s days are too few to judge."
            ),
            "active": self.env._("Active contact: starts at every %(days)s days."),
            "warm": self.env._("Warm contact: starts at every %(days)s days."),
            "frozen": self.env._("Frozen contact: a greeting every %(days)s days."),
            "start": self.env._("Starts at every %(days)s days."),
        }
        return texts[cause] % figures

    @api.model
    def _merge(self, sources, target):
        """Leave one state of each line when contacts become one.

        One that a person pinned before others, then the target's own.
        """
        states = self.search([("partner_id", "in", (sources | target).ids)])
        rest = self.browse()
        for rows in states.grouped(
            lambda row: (row.company_id, row.cadence_id)
        ).values():
            ranked = rows.sorted(lambda row: (not row.pinned, row.partner_id != target))
            rest |= ranked[1:]
        rest.unlink()
        self.env.flush_all()

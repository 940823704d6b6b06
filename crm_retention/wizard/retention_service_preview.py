from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_datetime

from ..models.decisions.retention_service_limit import TICKET_PARTS
from ..models.decisions.retention_service_target import KINDS
from ..models.decisions.service_worktime import WorkTimes, has_hours
from ..tools import service
from ..tools.service_clock import find_due


class RetentionServicePreview(models.TransientModel):
    """When a ticket that came in at a moment would be due, by the targets of now."""

    _name = "retention.service.preview"
    _description = "Try Out Service Targets"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    raised_at = fields.Datetime(
        string="Received on", required=True, default=fields.Datetime.now
    )
    kind = fields.Selection(selection=KINDS, required=True, default=service.COMPLAINT)
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Customer's Tier",
        domain="[('company_id', '=', company_id)]",
    )
    team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team",
        domain="[('company_id', 'in', [company_id, False])]",
    )
    priority = fields.Selection(
        selection=[
            ("0", "Low"),
            ("1", "Medium"),
            ("2", "High"),
            ("3", "Very High"),
        ],
        required=True,
        default="1",
    )
    hours_text = fields.Char(string="Working Hours", compute="_compute_line_ids")
    line_ids = fields.One2many(
        comodel_name="retention.service.preview.line",
        inverse_name="preview_id",
        compute="_compute_line_ids",
    )

    @api.depends("company_id", "raised_at", "kind", "tier_id", "team_id", "priority")
    def _compute_line_ids(self):
        for preview in self:
            calendar = preview._get_calendar()
            preview.hours_text = (
                self.env._("%(name)s (%(zone)s)", name=calendar.name, zone=calendar.tz)
                if has_hours(calendar)
                else self.env._("No working hours are set: counted day and night.")
            )
            lines = preview._prepare_lines(calendar) if preview.raised_at else []
            preview.line_ids = [Command.clear(), *map(Command.create, lines)]

    def _get_calendar(self):
        """Return the working hours that hold: the team's, else the company's."""
        return (
            self.team_id.retention_calendar_id or self.company_id.resource_calendar_id
        )

    def _prepare_lines(self, calendar):
        """Return values of a line for each promise that would hold."""
        self.ensure_one()
        rules = self.env["retention.service.target"]._get_rules(self.company_id)
        case = service.Case(
            self.team_id._origin.id or None,
            self.tier_id._origin.id or None,
            self.tier_id.band or None,
            self.kind,
            self.priority,
        )
        picked = [
            service.pick([rule for rule in rules if rule.part == part], case)
            for part, _label in TICKET_PARTS
            if self.kind == service.COMPLAINT or part not in service.STEP_PARTS
        ]
        found = self.env["retention.service.limit"].browse(
            [rule.id for rule in picked if rule]
        )
        longest = max((limit.minutes for limit in found), default=1)
        start = self.raised_at
        times = WorkTimes(self.company_id, start, start + timedelta(days=1), longest)
        lines, begin = [], start
        for limit in found:
            is_step = limit.part in service.STEP_PARTS
            promise = limit._prepare_limit()
            due = find_due(promise, begin if is_step else start, [], times.of(calendar))
            lines.append(
                {
                    "promise": limit.display_name,
                    "target": limit.target_id.name,
                    "due": format_datetime(self.env, due, dt_format="EEE d MMM y HH:mm")
                    if due
                    else self.env._("never: nobody works"),
                }
            )
            begin = due or begin if is_step else begin
        return lines


class RetentionServicePreviewLine(models.TransientModel):
    """One promise of a preview."""

    _name = "retention.service.preview.line"
    _description = "Promise in a Preview"

    preview_id = fields.Many2one(
        comodel_name="retention.service.preview", ondelete="cascade"
    )
    promise = fields.Char()
    target = fields.Char(string="By Target")
    due = fields.Char(string="Due on")

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import service
from ...tools.service_clock import Limit

PARTS = [
    (service.ANSWER, "First answer"),
    (service.SOLVE, "Solution"),
    (service.RECEIVED, "Complaint classified"),
    (service.CLASSIFIED, "Complaint investigated"),
    (service.INVESTIGATED, "Remedy given"),
    (service.CHAT, "Live chat taken"),
]
TICKET_PARTS = [each for each in PARTS if each[0] != service.CHAT]
MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 24 * 60}
MOST_MINUTES = 366 * MINUTES["day"]


class RetentionServiceLimit(models.Model):
    """One promise of a service target: what is done within which time."""

    _name = "retention.service.limit"
    _description = "Service Limit"
    _order = "target_id, id"
    _rec_name = "part"

    target_id = fields.Many2one(
        comodel_name="retention.service.target",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="target_id.company_id",
        store=True,  # stored for the company rule
    )
    part = fields.Selection(
        selection=PARTS,
        string="Promise",
        required=True,
        default=service.ANSWER,
        help="First answer: the first public message or call to the customer. "
        "Solution: the ticket is closed, of a complaint: a remedy was given. Live "
        "chat: an agent writes, where that app is installed.",
    )
    amount = fields.Float(string="Within", required=True, default=24, digits=(8, 2))
    unit = fields.Selection(
        selection=[
            ("second", "seconds"),
            ("minute", "minutes"),
            ("hour", "hours"),
            ("day", "days"),
        ],
        required=True,
        default="hour",
    )
    mode = fields.Selection(
        selection=[("working", "working time"), ("elapsed", "day and night")],
        string="Counted",
        required=True,
        default="elapsed",
        help="Working time: of the team's or the company's working hours, holidays "
        "left out; without working hours day and night.",
    )
    latest_hours = fields.Float(
        string="At the Latest After (hours)",
        help="Day and night, whatever the working time. 0: no such limit.",
    )
    minutes = fields.Float(compute="_compute_minutes")

    _part_unique = models.UniqueIndex(
        "(target_id, part)", "A target makes each promise once."
    )
    _sane = models.Constraint(
        f"""CHECK (amount > 0 AND amount <= {MOST_MINUTES}
            AND latest_hours >= 0 AND latest_hours <= {MOST_MINUTES // 60})""",
        "A time limit is more than 0 and at most a year.",
    )

    @api.depends("amount", "unit")
    def _compute_minutes(self):
        for limit in self:
            limit.minutes = limit.amount * MINUTES.get(limit.unit, 0)

    @api.depends("part", "amount", "unit", "mode", "latest_hours")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for limit in self:
            limit.display_name = limit._describe()

    @api.constrains("unit", "mode", "amount", "latest_hours")
    def _check_time(self):
        for limit in self:
            if limit.minutes > MOST_MINUTES:
                raise ValidationError(
                    self.env._("A time limit is more than 0 and at most a year.")
                )
            if limit.unit == "day" and limit.mode == "working":
                raise ValidationError(
                    self.env._(
                        "Say working time in hours: a working day is not equally long "
                        "everywhere."
                    )
                )

    @api.constrains("part", "mode", "target_id")
    def _check_chat(self):
        for limit in self:
            if limit.part == service.CHAT and not (
                limit.target_id.is_fallback and limit.mode == "elapsed"
            ):
                raise ValidationError(
                    self.env._(
                        "Live chat is promised to everybody, day and night: who writes "
                        "is not known yet, and it is open only while somebody is there."
                    )
                )

    @api.constrains("part", "target_id", "amount", "unit", "mode", "latest_hours")
    def _check_target(self):
        # a form saves its promises one by one: the target checks them when all are in
        if not self.env.context.get("retention_promises_together"):
            self.target_id._check_promises()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fallback(self):
        for limit in self:
            if limit.target_id.is_fallback and limit.part == service.ANSWER:
                limit.target_id._refuse_fallback()

    def _prepare_limit(self):
        """Return this promise for the clock."""
        self.ensure_one()
        return Limit(self.minutes, self.mode == "working", self.latest_hours * 60)

    def _describe(self):
        """Say the promise in words: First answer: 20 minutes (working time)."""
        self.ensure_one()
        words = {
            name: dict(self._fields[name]._description_selection(self.env)).get(
                self[name], ""
            )
            for name in ("part", "unit", "mode")
        }
        text = self.env._(
            "%(promise)s: %(amount)s %(unit)s (%(counted)s)",
            promise=words["part"],
            amount=f"{self.amount:g}",
            unit=words["unit"],
            counted=words["mode"],
        )
        if not self.latest_hours:
            return text
        return self.env._(
            "%(promise)s, at the latest after %(number)s hours",
            promise=text,
            number=f"{self.latest_hours:g}",
        )

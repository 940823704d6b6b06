from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...tools import complaint, service

SEVERITIES = [
    (complaint.MINOR, "Minor"),
    (complaint.SERIOUS, "Serious"),
    (complaint.CRITICAL, "Critical"),
]
CONFIRMATIONS = [
    (complaint.CUSTOMER, "By the customer on the web"),
    (complaint.PHONE, "By the customer on the phone"),
    (complaint.SILENCE, "Nothing was heard any more"),
]
REPEAT_DAYS = 90
REPEAT_LEAST = 2  # complaints in so many days
# who works on complaints; customers and other staff do not see these fields
AGENTS = "helpdesk_mgmt.group_helpdesk_user_own,crm_retention.group_retention_user"


class HelpdeskTicket(models.Model):
    """What is known of a complaint, and what is missing for its next step."""

    _inherit = "helpdesk.ticket"

    retention_cause_id = fields.Many2one(
        comodel_name="retention.complaint.cause",
        string="Cause",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
        groups=AGENTS,
        domain="[('company_id', 'in', (False, company_id))]",
        help="Why the customer complains. It has to be known to classify a complaint.",
    )
    retention_guidance = fields.Text(
        related="retention_cause_id.guidance", string="What to Do", groups=AGENTS
    )
    retention_severity = fields.Selection(
        selection=SEVERITIES,
        string="Severity",
        tracking=True,
        groups=AGENTS,
        help="It has to be known to classify a complaint. What was found has to be "
        "written down unless it is minor.",
    )
    retention_finding = fields.Text(
        string="What Was Found",
        groups=AGENTS,
        help="The result of the investigation, for your colleagues: the customer does "
        "not see it.",
    )
    retention_remedy_ids = fields.One2many(
        comodel_name="retention.complaint.remedy",
        inverse_name="ticket_id",
        string="Remedies",
        groups=AGENTS,
    )
    retention_measure_ids = fields.Many2many(
        comodel_name="retention.complaint.measure",
        relation="retention_complaint_measure_ticket_rel",
        column1="ticket_id",
        column2="measure_id",
        string="Corrective Measures",
        groups=AGENTS,
    )
    retention_classified_at = fields.Datetime(
        string="Classified on", readonly=True, copy=False
    )
    retention_investigated_at = fields.Datetime(
        string="Investigated on", readonly=True, copy=False
    )
    retention_confirmed_at = fields.Datetime(
        string="Confirmed on", readonly=True, copy=False
    )
    retention_confirmed_by = fields.Selection(
        selection=CONFIRMATIONS, string="Confirmed", readonly=True, copy=False
    )
    retention_reopened_at = fields.Datetime(
        string="Reopened on", readonly=True, copy=False
    )
    retention_reopen_reason = fields.Char(
        string="Why Reopened", readonly=True, copy=False, groups=AGENTS
    )
    retention_missing = fields.Char(
        string="Missing",
        compute="_compute_retention_missing",
        groups=AGENTS,
        help="What the next step of the complaint asks for.",
    )
    retention_is_repeat = fields.Boolean(
        string="Repeat Complainer",
        compute="_compute_retention_is_repeat",
        search="_search_retention_is_repeat",
        groups=AGENTS,
        help="At least two complaints of this customer came in within 90 days.",
    )

    _retention_silent_idx = models.Index(
        "(company_id, id) WHERE retention_step IN ('solved', 'confirmed')"
    )

    @api.constrains("retention_cause_id", "company_id")
    def _check_retention_cause(self):
        for ticket in self.sudo():  # sudo: the company of a cause, whoever may read it
            company = ticket.retention_cause_id.company_id
            if company and company != ticket.company_id:
                raise ValidationError(
                    self.env._("This cause is of another company: choose one of yours.")
                )

    @api.depends(
        "retention_step",
        "retention_cause_id",
        "retention_severity",
        "retention_finding",
        "retention_remedy_ids.state",
        "retention_confirmed_by",
    )
    @api.depends_context("lang")
    def _compute_retention_missing(self):
        for ticket in self:
            step = complaint.following(ticket.retention_step)
            missing = (
                step
                and ticket.retention_kind == service.COMPLAINT
                and complaint.missing(step, ticket._retention_get_facts())
            )
            ticket.retention_missing = ticket._retention_say_missing(missing)

    def _retention_get_facts(self):
        """Return what is known of this complaint; remedies of this round count."""
        self.ensure_one()
        # sudo: what is there decides, whoever wants to go on
        ticket = self.sudo()
        remedies, since = ticket.retention_remedy_ids, ticket.retention_reopened_at
        return complaint.Facts(
            has_cause=bool(ticket.retention_cause_id),
            severity=ticket.retention_severity or None,
            has_finding=bool((ticket.retention_finding or "").strip()),
            has_remedy=any(
                remedy.state == "given" and (not since or remedy.decided_at >= since)
                for remedy in remedies
            ),
            awaits_approval="proposed" in remedies.mapped("state"),
            is_confirmed=bool(ticket.retention_confirmed_by),
        )

    @api.model
    def _retention_say_missing(self, missing):
        """Return what to do about what is missing, in a sentence each."""
        silence = self.company_id.retention_silence_days
        words = {
            complaint.CAUSE: self.env._("Choose the cause."),
            complaint.SEVERITY: self.env._("Say how severe it is."),
            complaint.FINDING: self.env._("Write down what was found."),
            complaint.REMEDY: self.env._("Give the customer a remedy."),
            complaint.APPROVAL: self.env._("A manager has to approve the remedy."),
            complaint.CONFIRMATION: self.env._(
                "The customer has to confirm, on the web or on the phone; after "
                "%(days)s days of silence it closes by itself.",
                days=silence,
            )
            if silence
            else self.env._("The customer has to confirm, on the web or on the phone."),
        }
        return " ".join(words[what] for what in missing or ()) or False

    def _retention_check_step(self, step):
        """Refuse to let these complaints go on to a step that asks for more."""
        steps = dict(self._fields["retention_step"]._description_selection(self.env))
        for ticket in self:
            missing = complaint.missing(step, ticket._retention_get_facts())
            if missing:
                raise UserError(
                    self.env._(
                        "%(number)s cannot become “%(step)s” yet. %(what)s If it is no "
                        "complaint at all, press “No Complaint”; if it was sent twice, "
                        "mark it as a duplicate.",
                        number=ticket.number,
                        step=steps[step],
                        what=ticket._retention_say_missing(missing),
                    )
                )

    def _retention_check_open_complaint(self):
        """Refuse what can only be done for a complaint that is not over."""
        for ticket in self:
            if ticket.retention_kind != service.COMPLAINT:
                raise UserError(self.env._("%s is no complaint.", ticket.display_name))
            if ticket.retention_step in (service.CONFIRMED, service.CLOSED):
                raise UserError(
                    self.env._("%s is over: reopen it first.", ticket.display_name)
                )

    # ---- who complains again ---------------------------------------------------

    @api.model
    def _retention_select_repeaters(self):
        """Return the query of who complained repeatedly of late: (customer, company).

        Of all tickets: whoever looks, only that it is so is told.
        """
        since = fields.Datetime.now() - timedelta(days=REPEAT_DAYS)
        return SQL(
            """SELECT commercial_partner_id, company_id FROM helpdesk_ticket
                WHERE retention_kind = 'complaint' AND active
                  AND duplicate_id IS NULL AND commercial_partner_id IS NOT NULL
                  AND retention_received_at >= %s
                GROUP BY commercial_partner_id, company_id HAVING count(*) >= %s""",
            since,
            REPEAT_LEAST,
        )

    @api.depends("commercial_partner_id", "company_id")
    def _compute_retention_is_repeat(self):
        self.env["helpdesk.ticket"].flush_model()
        # sudo: the customer of a ticket that one may read
        tickets = self.sudo()
        customers = tickets.commercial_partner_id.ids
        rows = self.env.execute_query(
            SQL(
                "SELECT * FROM (%s) repeating WHERE commercial_partner_id = ANY(%s)",
                self._retention_select_repeaters(),
                customers,
            )
        )
        known = set(rows)
        for ticket in tickets:
            key = (ticket.commercial_partner_id.id, ticket.company_id.id)
            ticket.retention_is_repeat = key in known

    def _search_retention_is_repeat(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        self.env["helpdesk.ticket"].flush_model()
        return [
            (
                "id",
                "in",
                SQL(
                    """(SELECT ticket.id FROM helpdesk_ticket ticket
                         JOIN (%s) repeating
                        USING (commercial_partner_id, company_id))""",
                    self._retention_select_repeaters(),
                ),
            )
        ]

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import complaint, service

# when a complaint came to a step; the clocks keep when it was received, solved, closed
DATES = {
    service.CLASSIFIED: "retention_classified_at",
    service.INVESTIGATED: "retention_investigated_at",
    service.CONFIRMED: "retention_confirmed_at",
}


class HelpdeskTicket(models.Model):
    """Complaints go along their steps, beside the stages of the helpdesk.

    A step takes the ticket to the stage that stands for it, and a stage takes the
    complaint to its step if all is there that the step asks for. People are asked for
    what a step needs; the system itself (``sudo``) is not.
    """

    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        unassigned = tickets.filtered(lambda ticket: not ticket.user_id)
        for user, group in unassigned.grouped(
            lambda ticket: ticket._retention_get_owner(ticket.retention_step)
        ).items():
            if user:
                group.user_id = user
        return tickets

    def write(self, vals):
        if vals.keys().isdisjoint({"stage_id", "retention_step"}):
            result = super().write(vals)
            if "team_id" in vals:
                self._retention_stay_closed()
            return result
        kind = vals.get("retention_kind")
        complaints = self.filtered(
            lambda ticket: (kind or ticket.retention_kind) == service.COMPLAINT
        )
        if not complaints:
            return super().write(vals)
        before = {ticket: ticket.retention_step for ticket in complaints}
        for more, tickets in self._retention_plan_moves(vals):
            super(HelpdeskTicket, tickets).write(vals | more)
        # sudo: the next step may be somebody else's, who alone sees the ticket then
        complaints.sudo()._retention_follow_moves(before)
        return True

    def _retention_stay_closed(self):
        """Find a closed stage of the new team for complaints that are over.

        The helpdesk begins anew where a team does not have a ticket's stage.
        """
        astray = self.filtered(
            lambda ticket: (
                ticket.retention_step == service.CLOSED and not ticket.stage_id.closed
            )
        )
        for tickets in astray.grouped(
            lambda row: (row.team_id, row.company_id)
        ).values():
            closing = tickets[:1]._retention_get_stages().filtered("closed")
            if closing:
                tickets.write({"stage_id": closing[0].id})

    # ---- what a move brings with it --------------------------------------------

    def _retention_plan_moves(self, vals):
        """Return pairs of more values and the tickets that they are written on."""
        groups, stages = {}, {}
        for key, tickets in self.grouped(
            lambda row: (row.team_id, row.company_id)
        ).items():
            stages[key] = tickets[:1]._retention_get_stages()
        for ticket in self:
            key = (ticket.team_id, ticket.company_id)
            more = ticket._retention_prepare_move(vals, stages[key])
            _more, ids = groups.setdefault(tuple(more.items()), (more, []))
            ids.append(ticket.id)
        return [(more, self.browse(ids)) for more, ids in groups.values()]

    def _retention_prepare_move(self, vals, stages):
        """Return what else changes on this ticket when its step or stage does."""
        kind = vals.get("retention_kind", self.retention_kind)
        if kind != service.COMPLAINT or vals.get("duplicate_id", self.duplicate_id):
            return {}
        before = self.retention_step or service.RECEIVED
        if "retention_step" in vals:
            step = vals["retention_step"]
            if step and not self.env.su:
                self._retention_check_move(before, step)
        else:
            step = self._retention_get_step_of(vals["stage_id"], before)
        if not step or step == before:
            return {}
        return self._retention_prepare_step(before, step, vals, stages)

    def _retention_check_move(self, before, step):
        """Refuse a step that asks for more, or that takes a solution back."""
        if before in service.SOLVED_STEPS and (
            complaint.rank(step) < complaint.rank(before)
        ):
            raise UserError(
                self.env._(
                    "%s was solved. To go on with it press “Reopen” and say why.",
                    self.display_name,
                )
            )
        self._retention_check_step(step)

    def _retention_get_step_of(self, stage_id, before):
        """Return to which step a stage takes this complaint; None: it stays."""
        stage = self.env["helpdesk.ticket.stage"].browse(stage_id)
        if stage.closed:
            if before != service.CLOSED and not self.env.su:
                self._retention_check_step(service.CLOSED)
            return service.CLOSED
        if self.closed and before == service.CLOSED:
            return self._retention_get_restart()
        step = stage.retention_step
        if not step or complaint.rank(step) <= complaint.rank(before):
            return None
        missing = complaint.missing(step, self._retention_get_facts())
        return None if missing else step

    def _retention_get_restart(self):
        """Return where a reopened complaint begins again: its cause is known."""
        missing = complaint.missing(service.CLASSIFIED, self._retention_get_facts())
        return service.RECEIVED if missing else service.CLASSIFIED

    def _retention_prepare_step(self, before, step, vals, stages):
        """Return the values of a complaint that comes to ``step``.

        :param stages: those that it can be in.
        """
        now = fields.Datetime.now()
        more = {"retention_step": step}
        for each, name in DATES.items():
            reached = complaint.rank(each) <= complaint.rank(step)
            if reached and not self[name]:
                more[name] = now
            elif not reached and self[name]:
                more[name] = False
        if complaint.reopens(before, step):
            more["retention_reopened_at"] = now
        if complaint.rank(step) < complaint.rank(service.CONFIRMED):
            more["retention_confirmed_by"] = False
        stage = "stage_id" not in vals and self._retention_get_stage_of(
            before, step, stages
        )
        if stage:
            more["stage_id"] = stage.id
        owner = "user_id" not in vals and self._retention_get_owner(step)
        if owner:
            more["user_id"] = owner.id
        return more

    def _retention_get_stage_of(self, before, step, stages):
        """Return the stage that stands for a step, if the ticket is not in one.

        A step without a stage of its own: that of the last one passed by.
        """
        if step == service.CLOSED:
            meant = stages.filtered(lambda stage: stage.retention_step == step)
            meant = meant.filtered("closed") or stages.filtered("closed")
            return meant[:1] if not self.closed else meant.browse()
        still = stages.filtered(lambda stage: not stage.closed)
        meant = still.browse()
        for each in complaint.passed(before, step):
            meant = meant or still.filtered(lambda row, s=each: row.retention_step == s)
        if not meant and self.closed:  # reopened: somewhere it is open again
            meant = still.filtered(lambda stage: not stage.unattended) or still
        return meant[:1] if self.stage_id not in meant else meant.browse()

    def _retention_get_stages(self):
        """Return the stages that tickets of this one's team can be in, in order."""
        # sudo: which stages there are, whoever moves the ticket
        team = self.team_id.sudo()
        return team.with_company(self.company_id)._get_applicable_stages()

    def _retention_get_owner(self, step):
        """Return who of the team does this step of complaints, if somebody does."""
        name = service.STEPS[:4]
        if self.retention_kind != service.COMPLAINT or step not in name:
            return self.env["res.users"]
        # sudo: who does what in the team, whoever moves the ticket
        return self.team_id.sudo()[f"retention_{step}_user_id"]

    def _retention_follow_moves(self, before):
        """Do what follows from a step that was reached."""
        moved = self.filtered(lambda ticket: ticket.retention_step != before[ticket])
        reopened = moved.filtered(
            lambda ticket: (
                ticket.retention_kind == service.COMPLAINT
                and complaint.reopens(before[ticket], ticket.retention_step)
            )
        )
        steps = moved.grouped("retention_step")
        if reopened:
            reopened._retention_after_reopening()
        if service.SOLVED in steps:
            steps[service.SOLVED]._retention_ask_confirmation()
        if service.CLOSED in steps:
            steps[service.CLOSED]._retention_plan_care()

    # ---- the guided path -------------------------------------------------------

    def _retention_advance(self, step):
        """Let these complaints go on to ``step``, if all is there that it asks for."""
        self.check_access("write")
        for ticket in self:
            if ticket.retention_kind != service.COMPLAINT:
                raise UserError(self.env._("%s is no complaint.", ticket.display_name))
            before = ticket.retention_step
            if complaint.rank(step) <= complaint.rank(before):
                raise UserError(
                    self.env._("It has come further already. Reload the page.")
                )
        self._retention_check_step(step)
        self.write({"retention_step": step})

    def action_retention_next(self):
        """Go on to the next step; say what is missing, or ask for the remedy."""
        self.ensure_one()
        step = complaint.following(self.retention_step)
        facts = self._retention_get_facts()
        if step and complaint.REMEDY in complaint.missing(step, facts):
            if not complaint.missing(service.INVESTIGATED, facts):
                return self.action_retention_remedy()
        if step:
            self._retention_advance(step)
        return True

    def action_retention_remedy(self):
        """Open the dialog that gives the customer something."""
        self.ensure_one()
        self.check_access("write")
        self._retention_check_open_complaint()
        return self._retention_get_dialog("retention_remedy_wizard_action")

    def action_retention_by_phone(self):
        """Open the dialog that notes what the customer said on the phone."""
        return self._retention_get_complaint_dialog("phone")

    def action_retention_reopen(self):
        """Open the dialog that reopens a complaint."""
        return self._retention_get_complaint_dialog("reopen")

    def action_retention_no_complaint(self):
        """Open the dialog that makes a question or request of it."""
        return self._retention_get_complaint_dialog("none")

    def _retention_get_complaint_dialog(self, what):
        self.ensure_one()
        self.check_access("write")
        return self._retention_get_dialog(
            "retention_complaint_wizard_action", default_what=what
        )

    def _retention_get_dialog(self, name, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_retention.{name}")
        return action | {"context": {"default_ticket_id": self.id} | context}

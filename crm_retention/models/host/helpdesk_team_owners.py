from odoo import fields, models

MEMBERS = "[('share', '=', False), ('id', 'in', user_ids)]"


class HelpdeskTicketTeam(models.Model):
    """Who of the team does which step of its complaints."""

    _inherit = "helpdesk.ticket.team"

    retention_received_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Classifies Complaints",
        ondelete="set null",
        domain=MEMBERS,
        help="Gets complaints that nobody is assigned to. Empty: nobody in particular.",
    )
    retention_classified_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Investigates Complaints",
        ondelete="set null",
        domain=MEMBERS,
        help="Gets complaints that were classified. Empty: who has them.",
    )
    retention_investigated_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Solves Complaints",
        ondelete="set null",
        domain=MEMBERS,
        help="Gets complaints that were investigated. Empty: who has them.",
    )
    retention_solved_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asks for Confirmation",
        ondelete="set null",
        domain=MEMBERS,
        help="Gets complaints that were solved. Empty: who has them.",
    )

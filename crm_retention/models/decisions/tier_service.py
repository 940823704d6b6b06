from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetentionTier(models.Model):
    """Who looks after the tickets of a tier's customers."""

    _inherit = "retention.tier"

    service_team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        ondelete="set null",
        help="Gets new tickets of customers of this tier, unless another team is "
        "chosen.",
    )
    service_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Service Contact",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="Gets new tickets of customers of this tier, unless somebody else is "
        "chosen or the ticket is another team's.",
    )

    @api.constrains("service_team_id", "service_user_id", "program_id")
    def _check_service(self):
        for tier in self:
            team, user = tier.service_team_id, tier.service_user_id
            if team.company_id and team.company_id != tier.company_id:
                raise ValidationError(
                    self.env._(
                        "The team %(team)s belongs to another company.", team=team.name
                    )
                )
            if team and user and user not in team.user_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is not a member of the team %(team)s.",
                        user=user.name,
                        team=team.name,
                    )
                )

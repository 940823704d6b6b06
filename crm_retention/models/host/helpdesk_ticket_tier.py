from odoo import api, models


class HelpdeskTicket(models.Model):
    """Whose customer's ticket it is decides how it begins: priority, team, member."""

    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._retention_prefer(vals_list))

    @api.model
    def _retention_prefer(self, vals_list):
        """Return the values of new tickets with what their customers' tiers bring.

        What a person chose stays: another team or member, and a priority that is
        not the usual one; and no priority is lowered.
        """
        tiers = self._retention_find_tiers(vals_list)
        usual = self.default_get(["priority"]).get("priority")
        return [
            vals | self._retention_get_preference(vals, tier, usual) if tier else vals
            for vals, tier in zip(vals_list, tiers, strict=True)
        ]

    @api.model
    def _retention_find_tiers(self, vals_list):
        """Return the tier of each new ticket's customer, at the ticket's company."""
        # sudo: the tier decides whoever writes the ticket, a customer or the gateway
        env = self.sudo().env
        teams, partners = env["helpdesk.ticket.team"], env["res.partner"]
        keys = [
            (
                partners.browse(vals.get("partner_id")).commercial_partner_id.id,
                teams.browse(vals.get("team_id")).company_id.id
                or vals.get("company_id")
                or self.env.company.id,
            )
            for vals in vals_list
        ]
        profiles = env["retention.profile"].search(
            [("partner_id", "in", [customer for customer, _company in keys])]
        )
        tiers = {
            (row.partner_id.id, row.company_id.id): row.tier_id for row in profiles
        }
        return [tiers.get(key) for key in keys]

    @api.model
    def _retention_get_preference(self, vals, tier, usual):
        """Return what ``tier`` changes of the values of a new ticket."""
        better = {}
        priority = tier.company_id._retention_get_priority(tier.band)
        given = vals.get("priority", usual)
        if given == usual and priority > (usual or ""):
            better["priority"] = priority
        team, user = tier.service_team_id, tier.service_user_id
        if vals.get("user_id") or not (team.active or user.active):
            return better
        if not vals.get("team_id") and team.active:
            better |= {"team_id": team.id, "user_id": False}
        chosen = team.browse(vals.get("team_id") or better.get("team_id"))
        if user.active and (not chosen or user in chosen.user_ids):
            better["user_id"] = user.id
        return better

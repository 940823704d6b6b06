from odoo import api, fields, models

from ..judgement.retention_profile_health import BANDS


class HelpdeskTicket(models.Model):
    """How the relationship with a ticket's customer is, for those who work on it."""

    _inherit = "helpdesk.ticket"

    retention_health = fields.Integer(
        string="Health", compute="_compute_retention_health"
    )
    retention_health_band = fields.Selection(
        selection=BANDS, string="Customer Health", compute="_compute_retention_health"
    )

    @api.depends_context("uid")
    @api.depends("partner_id", "company_id", "user_id", "team_id")
    def _compute_retention_health(self):
        self.retention_health = 0
        self.retention_health_band = False
        shown = self._retention_shown().filtered("partner_id")
        if not shown:
            return
        # sudo: these readers were checked one by one, these figures are for them
        profiles = self.env["retention.profile"].sudo()._with_archived()
        found = self._retention_by_customer(
            profiles.search(shown._retention_profile_domain())
        )
        for ticket in shown:
            profile = found.get(ticket._retention_key(), profiles.browse())
            ticket.retention_health = profile.health
            ticket.retention_health_band = profile.health_band

"""Tickets of categories that were marked as complaints are complaints.

Companies get the service targets, the limit on surveys and the survey that new ones
come with.
"""

from odoo import SUPERUSER_ID, api

# an update leaves records of other addons alone
STAGES = {
    "in_progress": {"retention_step": "classified"},
    "awaiting": {"retention_on_hold": True},
    "done": {"retention_step": "closed"},
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].search([])
    env["retention.service.target"]._create_default(companies)
    for name, vals in STAGES.items():
        stage = env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}", False)
        if stage:
            stage.write(vals)
    complaints = env["helpdesk.ticket.category"].search(
        [("retention_kind", "=", "complaint")]
    )
    tickets = env["helpdesk.ticket"].with_context(active_test=False)
    tickets.search(
        [("category_id", "child_of", complaints.ids)]
    )._retention_apply_kind()
    env["retention.cap"]._add_survey_default(companies)
    companies._retention_offer_survey()
    env["helpdesk.ticket.stage"]._retention_offer_rating()

"""Categories that were marked as complaints now say so as their kind of ticket."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not column_exists(cr, "helpdesk_ticket_category", "retention_is_complaint"):
        return
    cr.execute("ALTER TABLE helpdesk_ticket_category ADD retention_kind varchar")
    cr.execute(
        """UPDATE helpdesk_ticket_category SET retention_kind = 'complaint'
            WHERE retention_is_complaint"""
    )
    cr.execute("ALTER TABLE helpdesk_ticket_category DROP retention_is_complaint")

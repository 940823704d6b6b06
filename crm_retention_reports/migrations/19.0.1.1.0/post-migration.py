from odoo import SUPERUSER_ID, api

from odoo.addons.crm_retention_reports.hooks import post_init_hook


def migrate(cr, _version):
    """Count the months of databases that had the addon before it counted any."""
    post_init_hook(api.Environment(cr, SUPERUSER_ID, {}))

"""Companies get the rules of warnings and of data quality that new ones come with."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].search([])
    env["retention.signal"]._create_default(companies)
    env["retention.quality.rule"]._create_default(companies)

"""Companies get the rules that new ones come with: warnings, data quality, labels."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].search([])
    env["retention.signal"]._create_default(companies)
    env["retention.quality.rule"]._create_default(companies)
    env["retention.label.rule"]._create_default(companies)

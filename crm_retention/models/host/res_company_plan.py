from odoo import api, fields, models


class ResCompany(models.Model):
    """What the contact plan may ask of people, and how it follows responses."""

    _inherit = "res.company"

    retention_daily_capacity = fields.Integer(
        string="Contacts a Person and Day", default=12
    )
    retention_adapt_days = fields.Integer(
        string="Responses of the Last (days)", default=90
    )
    retention_adapt_cycle = fields.Integer(string="One Step in (days)", default=30)
    retention_adapt_touches = fields.Integer(string="From so Many Contacts", default=3)
    retention_response_days = fields.Integer(
        string="A Response within (days)", default=14
    )
    retention_jitter_share = fields.Integer(string="Moved by Chance (%)", default=0)

    _retention_plan_sane = models.Constraint(
        """CHECK (retention_daily_capacity >= 0
            AND retention_adapt_days BETWEEN 1 AND 3650
            AND retention_adapt_cycle BETWEEN 1 AND 3650
            AND retention_adapt_touches BETWEEN 1 AND 1000
            AND retention_response_days BETWEEN 1 AND 365
            AND retention_jitter_share BETWEEN 0 AND 50)""",
        "Contacts a day are from 0 (no limit) up, days from 1 up, and at most 50 % of "
        "the customers are moved by chance.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its policies with it
        self.env["retention.contact.policy"].sudo()._create_default(companies)
        return companies

from odoo import api, fields, models
from odoo.tools import format_date


class RetentionProfile(models.Model):
    """What the customer will do next, as far as it can be told.

    Brought up to date when the customer does something, and weekly for all: told of
    every day anew, every row would be written every night.
    """

    _inherit = "retention.profile"

    purchase_days = fields.Integer(
        string="Days with a Purchase", readonly=True, help="Several a day are one."
    )
    quiet_risk = fields.Integer(
        string="Probably No Purchase (%)",
        readonly=True,
        aggregator="avg",
        help="Probability that the customer buys nothing in the next days; how many "
        "days stands in the settings.",
    )
    expected_purchases = fields.Float(
        string="Purchases Expected (12 months)", digits=(16, 2), readonly=True
    )
    purchase_value = fields.Monetary(
        string="Expected Value of One",
        readonly=True,
        aggregator="avg",
        help="What one purchase of this customer will be worth.",
    )
    year_value = fields.Monetary(
        string="Value Expected (12 months)",
        readonly=True,
        help="Purchases expected in twelve months, times what one will be worth.",
    )
    forecast_on = fields.Date(string="Forecast of", readonly=True)
    forecast_text = fields.Char(string="Outlook in Words", compute="_compute_forecast")

    @api.depends_context("lang", "uid")
    @api.depends("forecast_on", "quiet_risk", "expected_purchases", "purchase_count")
    def _compute_forecast(self):
        Model = self.env["retention.model"]
        for company, profiles in self.grouped("company_id").items():
            current = Model._get_current(company, company._retention_today())
            often = current.get("buying", Model)
            for profile in profiles:
                profile.forecast_text = profile._describe_forecast(often)

    def _describe_forecast(self, often):
        """Say what is expected, and by which way of telling it is said."""
        self.ensure_one()
        if not self.forecast_on:
            if not self.purchase_count:
                return self.env._("Nothing to tell before the first purchase")
            return self.env._("Too little is known of the customers to tell")
        figures = {
            "risk": self.quiet_risk,
            "days": often.days,
            "day": format_date(self.env, self.forecast_on),
        }
        if often.is_model:
            return self.env._(
                "%(risk)s %% likely to buy nothing in the next %(days)s days: told by "
                "the model, as of %(day)s",
                **figures,
            )
        return self.env._(
            "%(risk)s %% of customers silent for as long bought nothing in the next "
            "%(days)s days: counted, no model, as of %(day)s",
            **figures,
        )

    def action_view_forecast(self):
        """Open the fits by which the customers of this company are foretold."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_model_action"
        )
        return action | {"domain": [("company_id", "=", self.company_id.id)]}

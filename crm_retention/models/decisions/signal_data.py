from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import signals
from ...tools.signals import Finding

YEAR = 365  # who bought within it is still a customer


class RetentionSignal(models.Model):
    """Data of customers that nobody has confirmed for long."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        return [
            *super()._selection_kind(),
            ("stale_data", self.env._("Data gone stale")),
        ]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "stale_data": self.env._(
                "Customers of the last twelve months whose name, address and ways of "
                "contact nobody, neither a person nor the customer, has confirmed for "
                "so many months. Known for today only: this rule cannot look back."
            )
        }

    def _can_look_back(self):
        """Only the last time that data was confirmed is kept."""
        return self.kind != "stale_data" and super()._can_look_back()

    def _find_stale_data(self, scope):
        """Find by the day of the last confirmation, else that of the contact itself."""
        limit = scope.as_of - relativedelta(months=self.months)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer.id, customer.retention_confirmed_on,
                       customer.create_date::date
                  FROM retention_profile profile
                  JOIN res_partner customer ON customer.id = profile.partner_id
                 WHERE profile.company_id = %(company)s
                   AND profile.last_purchase > %(day)s - %(year)s
                   AND COALESCE(customer.retention_confirmed_on,
                                customer.create_date::date) <= %(limit)s
                   AND %(customers)s
                """,
                company=scope.company.id,
                day=scope.as_of,
                year=YEAR,
                limit=limit,
                customers=scope.of(SQL("profile.partner_id")),
            )
        )
        return [
            Finding(
                customer_id,
                signals.by_distance(
                    (scope.as_of - (confirmed or created)).days,
                    (scope.as_of - limit).days,
                    4 * YEAR,
                ),
                since=confirmed or created,
                words={"confirmed": confirmed},
            )
            for customer_id, confirmed, created in rows
        ], 0

    def _say_stale_data(self, finding, say_day):
        day = say_day(finding.since)
        if finding.words["confirmed"]:
            return self.env._("Data last confirmed on %(day)s", day=day)
        return self.env._("Data never confirmed since %(day)s", day=day)

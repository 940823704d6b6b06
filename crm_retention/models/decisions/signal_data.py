from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

<<<<<<< HEAD
from ...tools import signals
from ...tools.signals import Finding

YEAR = 365  # who bought within it is still a customer


class RetentionSignal(models.Model):
    """Data of customers that nobody has confirmed for long."""
=======
from ...tools.signals import Finding


class RetentionSignal(models.Model):
    """Data gone stale: nobody has confirmed it for long, so contact may be lost."""
>>>>>>> h5

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
<<<<<<< HEAD
        return [
            *super()._selection_kind(),
            ("stale_data", self.env._("Data gone stale")),
        ]
=======
        return [*super()._selection_kind(), ("stale_data", "Data not confirmed")]
>>>>>>> h5

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "stale_data": self.env._(
<<<<<<< HEAD
                "Customers of the last twelve months whose name, address and ways of "
                "contact nobody, neither a person nor the customer, has confirmed for "
                "so many months. Known for today only: this rule cannot look back."
=======
                "Customers who have bought, and whose data neither a person nor they "
                "themselves have confirmed within the months looked back; those never "
                "confirmed count from the day on which they were recorded. Known for "
                "today only: this rule cannot look back."
>>>>>>> h5
            )
        }

    def _can_look_back(self):
<<<<<<< HEAD
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
=======
        """A later confirmation takes the place of an earlier one."""
        return self.kind != "stale_data" and super()._can_look_back()

    def _find_stale_data(self, scope):
        """Find them; twice the months is as clear as this sign can be."""
        months = self.months or 12
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, known, confirmed
                  FROM (SELECT partner.id, partner.retention_confirmed_on AS confirmed,
                               COALESCE(partner.retention_confirmed_on,
                                 partner.create_date::date) AS known
                          FROM retention_profile profile
                          JOIN res_partner partner ON partner.id = profile.partner_id
                         WHERE profile.company_id = %(company)s
                           AND profile.first_purchase <= %(day)s
                           AND %(customers)s) customer
                 WHERE known < %(limit)s
                """,
                company=scope.company.id,
                day=scope.as_of,
                customers=scope.of(SQL("profile.partner_id")),
                limit=scope.as_of - relativedelta(months=months),
            )
        )
        whole = (scope.as_of - (scope.as_of - relativedelta(months=2 * months))).days
        return [
            Finding(
                customer_id,
                min(1.0, (scope.as_of - known).days / whole),
                since=known,
                words={"confirmed": bool(confirmed)},
            )
            for customer_id, known, confirmed in rows
        ], 0

    def _say_stale_data(self, finding, say_day):
        if finding.words["confirmed"]:
            return self.env._(
                "Data last confirmed on %(day)s", day=say_day(finding.since)
            )
        return self.env._(
            "Data never confirmed since %(day)s", day=say_day(finding.since)
        )
>>>>>>> h5

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

WEEK = timedelta(days=7)
TASK = "crm_retention.mail_activity_type_confirm"
# (customer, salesperson): those longest not confirmed first, as many as are due
TO_CONFIRM = """
WITH given AS (
       SELECT user_id, count(*) AS number FROM mail_activity
        WHERE activity_type_id = %(kind)s
          AND (active OR create_date >= %(since)s)
        GROUP BY user_id),
     stale AS (
       SELECT customer.id, customer.user_id,
              row_number() OVER (
                PARTITION BY customer.user_id
                ORDER BY COALESCE(customer.retention_confirmed_on,
                  customer.create_date::date), customer.id) AS place
         FROM retention_profile profile
         JOIN res_partner customer ON customer.id = profile.partner_id
         JOIN res_users person
           ON person.id = customer.user_id AND person.active
        WHERE profile.company_id = %(company)s AND customer.active
          AND EXISTS (
            SELECT FROM retention_profile_quality_rule_rel fault
              JOIN retention_quality_rule rule
                ON rule.id = fault.rule_id AND rule.kind = 'stale'
             WHERE fault.profile_id = profile.id)
          AND NOT EXISTS (
            SELECT FROM mail_activity task
             WHERE task.activity_type_id = %(kind)s AND task.active
               AND task.res_model = 'res.partner'
               AND task.res_id = customer.id))
SELECT stale.id, stale.user_id
  FROM stale LEFT JOIN given ON given.user_id = stale.user_id
 WHERE stale.place <= %(most)s - COALESCE(given.number, 0)
 ORDER BY stale.user_id, stale.place
"""


class RetentionProfile(models.Model):
    """Each week some customers' data is confirmed: the longest not confirmed first."""

    _inherit = "retention.profile"

    @api.model
    def _step_quality(self, run):
        seen, changed, cursor = super()._step_quality(run)
        if cursor is None and self._judges_quality(run):
            self._ask_to_confirm(run.company_id, run.as_of)
        return seen, changed, cursor

    @api.model
    def _ask_to_confirm(self, company, as_of):
        """Give each salesperson as many tasks as the company asks for in seven days.

        Who has not done the last ones gets no more.
        :return: the tasks.
        """
        tasks = self.env["mail.activity"]
        if not company.retention_confirm_week:
            return tasks
        kind = self.env.ref(TASK)
        rows = self._get_to_confirm(company, as_of, kind)
        partners = self.env["res.partner"].browse([row[0] for row in rows])
        known = dict(zip(partners.ids, partners, strict=True))
        model_id = self.env["ir.model"]._get_id("res.partner")
        return tasks.create(
            [
                {
                    "activity_type_id": kind.id,
                    "summary": self.env._("Are name, address, e-mail and phone right?"),
                    "res_model_id": model_id,
                    "res_id": known[partner_id].id,
                    "user_id": user_id,
                    "date_deadline": as_of + WEEK,
                }
                for partner_id, user_id in rows
            ]
        )

    @api.model
    def _get_to_confirm(self, company, as_of, kind):
        """Return ``[(customer, salesperson)]``, those longest not confirmed first."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                TO_CONFIRM,
                kind=kind.id,
                since=as_of - WEEK,
                company=company.id,
                most=company.retention_confirm_week,
            )
        )

from odoo import api, models
from odoo.tools import SQL

# what each customer owes, and since when something is overdue
OWED = """
SELECT customer.commercial_partner_id AS partner_id,
       sum(line.amount_residual) AS owed,
       min(COALESCE(line.date_maturity, line.date)) FILTER (
           WHERE line.amount_residual > 0
             AND COALESCE(line.date_maturity, line.date) < %(day)s) AS since
  FROM account_move_line line
  JOIN res_partner customer ON customer.id = line.partner_id
 WHERE line.account_id IN (SELECT id FROM account_account
                            WHERE account_type = 'asset_receivable')
   AND line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
   AND line.company_id = %(company)s AND %(which)s
 GROUP BY customer.commercial_partner_id
"""
# the class, as tools.credit.grade has it
GRADE = """
UPDATE retention_profile profile
   SET credit_class = fresh.credit_class, overdue_since = fresh.since
  FROM (SELECT known.id, CASE
               WHEN NOT known.has_invoice OR known.is_private THEN NULL
               WHEN known.late > %(bad)s OR (known.is_over AND known.late > %(some)s)
               THEN 'd'
               WHEN known.late > %(some)s OR known.is_over THEN 'c'
               WHEN known.late > 0 THEN 'b' ELSE 'a' END AS credit_class,
               known.since
          FROM (SELECT one.id, due.since,
                       COALESCE(%(day)s - due.since, 0) AS late,
                       %(limit)s > 0 AND COALESCE(owed.owed, 0) > %(limit)s AS is_over,
                       %(has_invoice)s AS has_invoice,
                       customer.retention_no_profiling AS is_private
                  FROM retention_profile one
                  JOIN res_partner customer ON customer.id = one.partner_id
                  LEFT JOIN (%(owed)s) owed ON owed.partner_id = one.partner_id
                 CROSS JOIN LATERAL (SELECT CASE WHEN owed.owed > 0
                                                 THEN owed.since END AS since) due
                 WHERE one.company_id = %(company)s AND %(among)s) known) fresh
 WHERE profile.id = fresh.id
   AND (profile.credit_class, profile.overdue_since)
       IS DISTINCT FROM (fresh.credit_class, fresh.since)
"""
INVOICED = """
one.partner_id IN (SELECT commercial_partner_id FROM account_move
                    WHERE company_id = %s AND state = 'posted'
                      AND move_type IN ('out_invoice', 'out_receipt'))
"""


class RetentionProfile(models.Model):
    """The stage step also judges how safely customers pay."""

    _inherit = "retention.profile"

    @api.model
    def _step_stage(self, run):
        seen, changed, cursor = super()._step_stage(run)
        if cursor is None and run.kind != "light":
            changed += self._grade_credit(
                run.company_id, run.as_of, everybody=run.kind == "full"
            )
        return seen, changed, cursor

    @api.model
    def _recalculate(self, partners, company=None, as_of=None):
        changed = super()._recalculate(partners, company, as_of)
        customers = partners.commercial_partner_id
        for each in company or self.env["res.company"].search([("active", "=", True)]):
            day = as_of or each._retention_today()
            changed += self._grade_credit(each, day, customers.ids, everybody=True)
        return changed

    @api.model
    def _grade_credit(self, company, as_of, customer_ids=None, everybody=False):
        """Write the credit class of customers where it is another one; count them.

        None of who does not want to be profiled: what they owe stays in the books.

        A night looks at those who owe something and at those whose class is not the
        best; everybody is looked at once a week. The books are those of now: a day
        in the past is not judged again.
        """
        if as_of < company._retention_today():
            return 0
        self.env.flush_all()
        which, among = SQL("TRUE"), SQL("TRUE")
        if customer_ids is not None:
            which = SQL("customer.commercial_partner_id = ANY(%s)", list(customer_ids))
            among = SQL("one.partner_id = ANY(%s)", list(customer_ids))
        elif not everybody:
            among = SQL("(owed.partner_id IS NOT NULL OR one.credit_class > 'a')")
        known = SQL("(one.credit_class IS NOT NULL OR owed.partner_id IS NOT NULL)")
        if everybody:
            known = SQL("(%s OR %s)", known, SQL(INVOICED, company.id))
        rules = company._retention_credit_rules()
        self.env.cr.execute(
            SQL(
                GRADE,
                owed=SQL(OWED, day=as_of, company=company.id, which=which),
                limit=self._credit_limit_sql(company),
                has_invoice=known,
                among=among,
                day=as_of,
                company=company.id,
                some=rules.late_days,
                bad=rules.bad_days,
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count

    @api.model
    def _credit_limit_sql(self, company):
        """Return the limit of ``customer`` (an alias) as SQL; 0: none was agreed."""
        if not company.account_use_credit_limit:
            return SQL("0")
        # sudo: the job judges by the limits that the accountants set
        partners = self.env["res.partner"].sudo().with_company(company)
        return SQL(
            "COALESCE(%s, 0)", partners._field_to_sql("customer", "credit_limit")
        )

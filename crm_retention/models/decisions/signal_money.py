from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...tools import signals
from ...tools.signals import Finding

JUST_OVER = 30  # days after its end in which a contract still counts


class RetentionSignal(models.Model):
    """Money and contracts: overdue invoices, credit limits, what comes to its end."""

    _inherit = "retention.signal"

    date_field = fields.Selection(
        selection="_selection_date_field",
        string="End of the Contract",
        help="The date of the contact that is watched. Empty: the expiration of "
        "quotations that are still open.",
    )

    @api.model
    def _selection_kind(self):
        kinds = {
            "overdue_invoices": self.env._("Invoices overdue or credit limit exceeded"),
            "contract_end": self.env._("Contract or offer about to end"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "overdue_invoices": self.env._(
                "Invoices unpaid for more than the days after they were due, worth the "
                "limit or more together; or everything owed exceeds the credit limit "
                "of the contact (where the company uses credit limits). Payments "
                "count from their date."
            ),
            "contract_end": self.env._(
                "A date of the contact lies within the days ahead (choose the field "
                "that holds the end of the contract), or has just passed. Without a "
                "field: open quotations about to expire. Subscriptions of Odoo "
                "Enterprise are not read."
            ),
        }

    @api.model
    def _selection_date_field(self):
        return self.env["retention.keydate"]._selection_date_field()

    @api.model
    def _is_kept_date(self, name):
        return self.env["retention.keydate"]._is_kept_date(name)

    @api.constrains("date_field")
    def _check_date_field(self):
        for signal in self.filtered("date_field"):
            if not self._is_kept_date(signal.date_field):
                raise ValidationError(
                    self.env._("%s: choose a stored date of contacts.", signal.name)
                )

    def _can_look_back(self):
        """A date that was moved, or a quotation confirmed since, is not what it was."""
        return self.kind != "contract_end" and super()._can_look_back()

    # ---- invoices ------------------------------------------------------------------

    @api.model
    def _receivables(self, scope):
        """Return what was owed on the day, one row an entry, as SQL.

        Columns: partner_id, due, residual. What is reconciled later was open.
        """
        return SQL(
            """
            WITH entry AS (
                SELECT line.id, partner.commercial_partner_id AS partner_id,
                       COALESCE(line.date_maturity, line.date) AS due, line.balance
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
                   AND line.date <= %(day)s AND line.balance <> 0 AND %(customers)s
                   AND (line.reconciled IS NOT TRUE OR line.id IN (
                          SELECT debit_move_id FROM account_partial_reconcile
                           WHERE max_date > %(day)s
                          UNION SELECT credit_move_id FROM account_partial_reconcile
                           WHERE max_date > %(day)s)))
            SELECT entry.partner_id, entry.due, entry.balance
                   - COALESCE((SELECT sum(amount) FROM account_partial_reconcile part
                                WHERE part.debit_move_id = entry.id
                                  AND part.max_date <= %(day)s), 0)
                   + COALESCE((SELECT sum(amount) FROM account_partial_reconcile part
                                WHERE part.credit_move_id = entry.id
                                  AND part.max_date <= %(day)s), 0) AS residual
              FROM entry
            """,
            company=scope.company.id,
            day=scope.as_of,
            customers=scope.of(SQL("partner.commercial_partner_id")),
        )

    def _find_overdue_invoices(self, scope):
        company = scope.company
        rows = self.env.execute_query(
            SQL(
                """
                SELECT owed.partner_id, owed.overdue::float8, owed.since,
                       owed.total::float8, owed.bound
                  FROM (
                    SELECT open.partner_id, sum(open.residual) AS total,
                           sum(open.residual) FILTER (WHERE %(late)s) AS overdue,
                           min(open.due) FILTER (WHERE %(late)s) AS since,
                           %(credit)s AS bound
                      FROM (%(open)s) open
                      JOIN res_partner customer ON customer.id = open.partner_id
                     GROUP BY open.partner_id, customer.credit_limit) owed
                 WHERE (owed.overdue > 0 AND owed.overdue >= %(least)s)
                    OR (owed.bound > 0 AND owed.total > owed.bound)
                """,
                late=SQL(
                    "(open.residual > 0 AND open.due < %s)",
                    scope.as_of - timedelta(days=self.days),
                ),
                credit=self._credit_limit(company),
                open=self._receivables(scope),
                least=max(self.bound, 0.01),
            )
        )
        return [self._judge_debt(scope, *row) for row in rows], 0

    def _credit_limit(self, company):
        """Return the limit of ``customer`` in the company (SQL); 0: none."""
        if not company.account_use_credit_limit:
            return SQL("0")
        partners = self.env["res.partner"].with_company(company)
        field = partners._fields["credit_limit"]
        return SQL(
            "COALESCE((customer.credit_limit ->> %s)::float8, %s)",
            str(company.id),
            field.get_company_dependent_fallback(partners) or 0.0,
        )

    def _judge_debt(self, scope, customer_id, overdue, since, total, bound):
        """Return the finding about one customer's debt."""
        is_late = bool(overdue) and overdue >= max(self.bound, 0.01)
        strengths = [0.5]
        if is_late:
            late = (scope.as_of - since).days
            strengths.append(signals.by_distance(late, self.days, self.days + 90))
        if bound:
            strengths.append(signals.by_distance(total, bound, 2 * bound))
        return Finding(
            customer_id,
            max(strengths),
            before=bound or None,
            after=overdue if is_late else total,
            since=since if is_late else None,
            words={"total": total, "overdue": overdue or 0.0, "bound": bound or 0.0},
        )

    def _say_overdue_invoices(self, finding, say_day):
        money = self.company_id.currency_id.format
        words = finding.words
        said = {
            "overdue": money(words["overdue"]),
            "total": money(words["total"]),
            "bound": money(words["bound"]),
        }
        if not finding.since:
            return self.env._(
                "Owes %(total)s, more than the credit limit of %(bound)s", **said
            )
        said["since"] = say_day(finding.since)
        if words["bound"] and words["total"] > words["bound"]:
            return self.env._(
                "%(overdue)s overdue, the oldest since %(since)s; owes %(total)s, more "
                "than the credit limit of %(bound)s",
                **said,
            )
        return self.env._("%(overdue)s overdue, the oldest since %(since)s", **said)

    # ---- what ends -----------------------------------------------------------------

    def _find_contract_end(self, scope):
        last = scope.as_of + timedelta(days=self.days)
        first = scope.as_of - timedelta(days=JUST_OVER)
        ending = self._ending_dates if self.date_field else self._ending_quotations
        if self.date_field and not self._is_kept_date(self.date_field):
            return [], 0  # an app that brought the field has gone
        rows = self.env.execute_query(ending(scope, first, last))
        return [
            Finding(
                customer_id,
                signals.by_distance((end - scope.as_of).days, self.days, 0),
                since=end,
                words={"document": document, "over": end < scope.as_of},
            )
            for customer_id, end, document in rows
        ], 0

    def _ending_dates(self, scope, first, last):
        return SQL(
            """SELECT partner.id, partner.%(date)s::date, NULL
                 FROM res_partner partner
                WHERE partner.commercial_partner_id = partner.id AND %(customers)s
                  AND partner.%(date)s::date BETWEEN %(first)s AND %(last)s""",
            date=SQL.identifier(self.date_field),
            customers=scope.of(SQL("partner.id")),
            first=first,
            last=last,
        )

    def _ending_quotations(self, scope, _first, last):
        """Return the next expiry of quotations of each customer; only of open ones."""
        return SQL(
            """SELECT DISTINCT ON (partner.commercial_partner_id)
                      partner.commercial_partner_id, doc.validity_date, doc.name
                 FROM sale_order doc
                 JOIN res_partner partner ON partner.id = doc.partner_id
                WHERE doc.company_id = %(company)s AND doc.state IN ('draft', 'sent')
                  AND doc.validity_date BETWEEN %(first)s AND %(last)s
                  AND %(customers)s
                ORDER BY partner.commercial_partner_id, doc.validity_date, doc.id""",
            company=scope.company.id,
            first=scope.as_of,
            last=last,
            customers=scope.of(SQL("partner.commercial_partner_id")),
        )

    def _say_contract_end(self, finding, say_day):
        day = say_day(finding.since)
        if finding.words["document"]:
            return self.env._(
                "Quotation %(name)s expires on %(day)s",
                name=finding.words["document"],
                day=day,
            )
        name = dict(self._selection_date_field()).get(self.date_field, "")
        if finding.words["over"]:
            return self.env._("%(name)s passed on %(day)s", name=name, day=day)
        return self.env._("%(name)s: %(day)s", name=name, day=day)

from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import months, periods
from .retention_review import DUE

KEPT_MONTHS = 24  # so far back figures are computed once there is data
SETTLED_DAYS = 10  # after its end a period is computed once more


class RetentionKpiValue(models.Model):
    """Figures are computed as soon as their period is over and counted."""

    _inherit = "retention.kpi.value"

    @api.model
    def _cron_keep(self):
        """Compute the figures of finished periods that are due, oldest first.

        So that each finds those of the period before, to compare with.
        """
        todo = []
        for company in self.env["res.company"].search([("active", "=", True)]):
            todo += [(company, *days) for days in self._get_missing(company)]
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(todo))
        for company, first, last in todo:
            self._keep_period(company, first, last)
            if not Cron._commit_progress(1):
                break

    @api.model
    def _keep_missing(self, company):
        """Do the same for one company at once, where there are few customers."""
        for first, last in self._get_missing(company):
            self._keep_period(company, first, last)

    @api.model
    def _keep_period(self, company, first, last):
        """Compute the figures of a period, in its review where that is open."""
        review = self.env["retention.review"].search(
            [
                ("company_id", "=", company.id),
                ("date_from", "=", first),
                ("date_to", "=", last),
                ("state", "=", "open"),
            ]
        )
        if review:
            review.action_compute()
        else:
            self._keep(company, first, last)

    @api.model
    def _get_missing(self, company):
        """Return the (first, last) of periods to be computed, oldest first.

        Of finished ones: without figures, with figures from before their end, and once
        more some days after it, when late answers and documents have come in.
        """
        last_day = self._get_measured_until(company)
        begin = last_day and self._get_first_month(company)
        if not begin:
            return []
        begin = max(begin, months.shift(last_day, -KEPT_MONTHS))
        wanted = {
            periods.holding(name, month)
            for name in periods.NAMES
            for month in months.span(begin, last_day)
        }
        kept = self._get_settled(company, last_day)
        over = [days for days in wanted if days[1] <= last_day and days not in kept]
        return sorted(over, key=lambda days: (days[1], days[0]))

    @api.model
    def _get_settled(self, company, last_day):
        """Return the (first, last) of periods whose figures stay as they are."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT date_from, date_to FROM retention_kpi_value
                    WHERE company_id = %(company)s AND is_current
                    GROUP BY date_from, date_to
                   HAVING bool_or(is_frozen) OR max(as_of) >= date_to
                      AND (max(as_of) - date_to >= %(days)s
                           OR %(last_day)s - date_to < %(days)s)""",
                company=company.id,
                days=SETTLED_DAYS,
                last_day=last_day,
            )
        )
        return set(rows)

    @api.model
    def _get_measured_until(self, company):
        """Return the last day whose months are counted for everybody, or None.

        A pass of a night has not seen the day that begins with it.
        """
        # sudo: when the nightly run was done is no secret
        runs = self.env["retention.run"].sudo()
        run = runs.search(
            [
                ("company_id", "=", company.id),
                ("step", "=", "measure"),
                ("state", "=", "done"),
                ("kind", "!=", "light"),
            ],
            order="as_of desc",
            limit=1,
        )
        return run.as_of and run.as_of - timedelta(days=1)

    @api.model
    def _get_first_month(self, company):
        [(month,)] = self.env.execute_query(
            SQL(
                "SELECT min(month) FROM retention_month WHERE company_id = %s",
                company.id,
            )
        )
        return month


class RetentionReview(models.Model):
    """Reviews begin by themselves when their period is over, and remind."""

    _inherit = "retention.review"

    @api.model
    def _cron_schedule(self):
        """Begin the reviews that are due, one company after the other."""
        companies = self.env["res.company"].search(
            [("retention_review_period", "!=", "none")]
        )
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._schedule(company)
            if not Cron._commit_progress(1):
                break

    @api.model
    def _schedule(self, company):
        """Begin the review of the last finished period of a company, and the baseline.

        Only of a period whose months are counted. The baseline is that of the last
        period before the contact policies came into force; without any, the first.
        """
        measured = self.env["retention.kpi.value"]._get_measured_until(company)
        if not measured:
            return self.browse()
        name = company.retention_review_period
        begun = self.browse()
        if not self.search_count([("company_id", "=", company.id)], limit=1):
            days = periods.finished(name, self._get_launch(company))
            begun |= self._begin(company, name, days, measured, is_baseline=True)
        days = periods.finished(name, measured + timedelta(days=1))
        return begun | self._begin(company, name, days, measured)

    @api.model
    def _get_launch(self, company):
        """Return the day since when customers are looked after by policies."""
        # sudo: the job looks for every company
        policies = self.env["retention.contact.policy"].sudo()
        first = policies.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "running"),
                ("started_on", "!=", False),
            ],
            order="started_on",
            limit=1,
        )
        return first.started_on or company._retention_today()

    @api.model
    def _begin(self, company, name, days, measured, is_baseline=False):
        """Make the review of a period if there is none, with figures and reminder."""
        first, last = days
        same = Domain("company_id", "=", company.id) & Domain("date_from", "=", first)
        if last > measured or self.search_count(
            same & Domain("date_to", "=", last), limit=1
        ):
            return self.browse()
        person = self._get_responsible(company)
        review = self.create(
            {
                "company_id": company.id,
                "period": name,
                "date_from": first,
                "is_baseline": is_baseline,
                "user_id": person.id,
            }
        )
        review.action_compute()
        if person:
            review.activity_schedule(
                DUE,
                date_deadline=max(review.due_on, company._retention_today()),
                user_id=person.id,
                summary=self.with_context(lang=person.lang).env._(
                    "Review: %(period)s", period=review.name
                ),
            )
        return review

    @api.model
    def _get_responsible(self, company):
        """Return who is asked to hold the reviews of a company."""
        if company.retention_review_user_id:
            return company.retention_review_user_id
        managers = self.env.ref("crm_retention.group_retention_manager").all_user_ids
        people = managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and company in user.company_ids
                and user != self.env.ref("base.user_root")
            )
        )
        return people.sorted("id")[:1]

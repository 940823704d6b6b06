from datetime import timedelta

import psycopg2.errors

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain

from ..tools import kpi, periods
from .retention_kpi import RULES
from .retention_kpi_target import FIELDS


class RetentionKpiValue(models.Model):
    """How figures of a period are computed and written down."""

    _inherit = "retention.kpi.value"

    @api.model
    def _keep(self, company, first, last, review=None):
        """Compute all figures in use of a period of a company and write them down.

        What is frozen stays and gets a next version; all else is replaced. What is
        known only as of today stays as it was written down when the period was over.

        :param review: the review that it belongs to; else the one that it belonged to.
        :return: the last versions.
        """
        # sudo: figures are of all customers; who reads which of them the rules say
        self = self.sudo().with_company(company)
        figures = self.env["retention.kpi"]._get_all()
        period = (
            Domain("company_id", "=", company.id)
            & Domain("date_from", "=", first)
            & Domain("date_to", "=", last)
            & Domain("kpi_id", "in", figures.ids)
        )
        known = self.search(period & Domain("is_current", "=", True))
        review = review or known.review_id[:1]
        noted = known.filtered(lambda row: row.kpi_id.is_today and row.as_of >= last)
        known -= noted
        found = (figures - noted.kpi_id)._compute_all(self._make_scope(first, last))
        old = {row._get_key(): row for row in known}
        frozen = known.filtered("is_frozen")
        # of a figure that could not be told meanwhile there may be old ones only
        [(version,)] = self._read_group(period, aggregates=["version:max"])
        version = (version or 1) + bool(frozen)
        rows = self._prepare_rows(company, first, last, found)
        for values in rows:
            values |= {
                "version": version,
                "review_id": review and review.id,
                "is_frozen": bool(review) and review.state == "closed",
            }
            before = old.get(_key_of(values))
            if version > 1 and before:
                was = before.value if before.is_frozen else before.value_before
                values |= {"value_before": was, "change": values["value"] - was}
        frozen.is_current = False
        (known - frozen).unlink()
        self.flush_model()  # ends before begins: one last version at a time
        if review:
            noted.review_id = review
        noted._judge()
        try:
            return self.create(rows) + noted
        except psycopg2.errors.UniqueViolation as error:
            # somebody wrote the same figures down meanwhile: Odoo does it once more,
            # and then knows his
            raise ConcurrencyError("figures of the same period") from error

    @api.model
    def _get_known_until(self, company):
        """Return the last day of which all is counted: yesterday at the latest."""
        yesterday = company._retention_today() - timedelta(days=1)
        return min(self._get_measured_until(company) or yesterday, yesterday)

    def _judge(self):
        """Compare figures that are not frozen with the targets and bounds of now.

        For whoever changes a target or from how many cases a figure counts.
        """
        rows = self.filtered(lambda row: row.is_current and not row.is_frozen)
        periods_of = rows.grouped(lambda row: (row.company_id, row.date_from))
        for (company, first), of_day in periods_of.items():
            for last, group in of_day.grouped("date_to").items():
                keys = {(row.kpi_id, *row._get_key()[1:]): row for row in group}
                goals = self.env["retention.kpi.target"]._get_goals(
                    company, group[0].period, first, last, keys
                )
                for key, row in keys.items():
                    row._write_changed(_judged(key, row, goals.get(key)))

    def _write_changed(self, values):
        """Write what is different only: most figures are judged as before."""
        now = self.read(list(values), load=None)[0]
        different = {name: each for name, each in values.items() if now[name] != each}
        if different:
            self.write(different)

    @api.model
    def _make_scope(self, first, last):
        """Return the :class:`report.scope.Scope` of all customers that may be read."""
        return self.env["retention.analysis"]._get_scope(
            {"first": first, "last": last, "domain": []}
        )

    @api.model
    def _prepare_rows(self, company, first, last, found):
        """Return the values of the rows of ``{(kpi, dimension, key): Figure}``."""
        name = periods.name_of(first, last)
        goals = self.env["retention.kpi.target"]._get_goals(
            company, name, first, last, found
        )
        earlier, until = periods.back(name, first, 2)[0]
        before = self.search(
            Domain("company_id", "=", company.id)
            & Domain("date_from", "=", earlier)
            & Domain("date_to", "=", until)
            & Domain("is_current", "=", True)
        )
        before = {row._get_key(): row.value for row in before if not row.is_small}
        shared = {
            "company_id": company.id,
            "period": name,
            "date_from": first,
            "date_to": last,
            "as_of": self._get_known_until(company),
        }
        return [
            shared
            | _prepare_figure(key, figure, goals.get(key))
            | _prepare_trend(key, figure, before)
            for key, figure in found.items()
        ]


def _key_of(values):
    dimension = values["dimension"]
    field = FIELDS.get(dimension)
    return values["kpi_id"], dimension, values[field] if field else False


def _prepare_figure(key, figure, goal):
    """Return the values of a row that say the figure, its goal and status."""
    what, dimension, who = key
    values = {
        "kpi_id": what.id,
        "dimension": dimension,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "has_range": figure.low is not None,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "is_quotient": RULES[what.code].kind in (kpi.SHARE, kpi.RATIO, kpi.NPS),
        "n": figure.n,
        **_judged(key, figure, goal),
    }
    if dimension in FIELDS:
        values[FIELDS[dimension]] = who
    return values


def _judged(key, figure, goal):
    """Return the values of a row that say what a figure is worth.

    :param figure: a :class:`tools.kpi.Figure`, or the row of one.
    """
    what = key[0]
    enough = figure.n >= what.min_n
    wanted = goal.wanted if goal else None
    return {
        "is_small": not enough,
        "target_id": goal.target.id if goal else False,
        "goal": wanted or 0.0,
        "has_goal": wanted is not None,
        "status": kpi.status(
            figure.value,
            wanted,
            what.direction,
            goal.target.tolerance if goal else 0,
            enough,
        ),
    }


def _prepare_trend(key, figure, before):
    """Return the values of a row that compare it with the period before."""
    what, dimension, who = key
    previous = before.get((what.id, dimension, who))
    enough = figure.n >= what.min_n
    return {
        "previous": previous,
        "has_previous": previous is not None,
        "trend": kpi.trend(figure.value if enough else None, previous, what.direction),
    }

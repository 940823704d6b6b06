from collections import Counter
from dataclasses import dataclass, field

from odoo import models

from ...tools.points_earning import wanted_reversals
from .points_campaigns import Campaigns
from .points_documents import PointsDocuments
from .points_earning import Earning

BATCH = 5_000


@dataclass
class Simulation:
    """What the documents of some days would have earned."""

    documents: int = 0
    earning: int = 0  # documents that earn a point at least
    customers: set = field(default_factory=set)
    amount: float = 0.0
    points: int = 0
    extra: int = 0  # by campaigns
    reversed: int = 0  # by refunds
    by_tier: Counter = field(default_factory=Counter)  # tier → points
    documents_by_tier: Counter = field(default_factory=Counter)

    @property
    def total(self):
        return self.points + self.extra - self.reversed


class RetentionPointsProgram(models.Model):
    """What the rules of a program would have cost; nothing is written."""

    _inherit = "retention.points.program"

    def _simulate(self, first, last):
        """Return the :class:`Simulation` of documents dated from first to last.

        Under the rules as they are now, for the customers of the population, also
        where the program is archived or begins later.
        """
        self.ensure_one()
        self.env.flush_all()
        result = Simulation()
        documents = PointsDocuments(self.env, self.company_id)
        for source in documents.sources:
            after = 0
            while after is not None:
                after, ids = documents.waiting(source, first, None, after, BATCH)
                found = documents.get(source, ids).values()
                self._simulate_batch(
                    documents,
                    source,
                    [row for row in found if row.day and first <= row.day <= last],
                    result,
                )
        return result

    def _simulate_batch(self, documents, source, found, result):
        earning = Earning(self.env, documents, self.company_id._retention_today())
        earning.source = source
        takers = self._get_takers({row.partner_id for row in found} - {None})
        mine = [
            row
            for row in found
            if row.partner_id in takers
            and row.counts
            and (row.paid_on or self.earn_on == "posted")
        ]
        result.documents += len(mine)
        rated = earning.rate(self, mine) if mine else []
        campaigns = Campaigns(self, rated, hold=False) if rated else None
        for row in rated:
            extra = sum(number for _campaign, number in campaigns.take(row))
            refunds = [(refund.of, refund.amount) for refund in row.document.refunds]
            for number in (row.number, extra):
                back = wanted_reversals(number, row.document.amount, refunds)
                result.reversed += sum(back.values())
            result.earning += 1
            result.customers.add(row.document.partner_id)
            result.amount += row.amount
            result.points += row.number
            result.extra += extra
            result.by_tier[row.tier] += row.number + extra
            result.documents_by_tier[row.tier] += 1

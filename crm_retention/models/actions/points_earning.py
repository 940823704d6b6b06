"""How documents earn: what was posted for them is brought to what they deserve now.

Not by events, which may be lost or told twice: a document is looked at, what its
entries and their reversals amount to is compared with what they should, and the
difference is posted. Looking again posts nothing.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from odoo.tools import SQL

from ...tools import points
from ...tools.points_earning import (
    available_day,
    base_points,
    corrections,
    wanted_reversals,
)
from .points_campaigns import Campaigns
from .points_documents import Document
from .points_earning_read import EARN, TAKE, read_grants


class Rated(NamedTuple):
    """What a document earns: on which amount, and on which with its exceptions."""

    document: Document
    tier: Any
    amount: float
    weighted: float
    number: int


class Earning:
    """One batch of documents of one company.

    Use it so: ``Earning(env, documents, today).settle(source, ids)``. It never
    commits. ``documents`` is a :class:`PointsDocuments`.
    """

    def __init__(self, env, documents, today):
        self.env = env
        self.documents = documents
        self.company = documents.company
        self.today = today
        self.rates = {}  # (currency, day) → one unit of ours in it
        self.programs = env["retention.points.program"].with_context(active_test=False)

    def settle(self, source, ids):
        """Bring the entries of these documents to what they deserve.

        :return: how many entries were written.
        """
        count, fresh = self._settle_once(source, ids)
        # what was refunded before it was first looked at
        refunded = [document.id for document in fresh if document.refunds]
        return count + (self._settle_once(source, refunded)[0] if refunded else 0)

    def _settle_once(self, source, ids):
        self.source = source
        self.gives = {}  # program → postings that give back
        self.posts = {}  # program → postings that take and earn
        self.found = self.documents.get(source, ids)
        self.grants = read_grants(self.env, source, ids)
        collecting = self.programs.with_context(active_test=True)._assign(
            self.company, {doc.partner_id for doc in self.found.values()} - {None}
        )
        fresh = []
        for doc_id in sorted({*self.found, *self.grants}):
            document = self.found.get(doc_id)
            program = self._reconcile(document, self.grants.get(doc_id, []), collecting)
            if program:
                fresh.append((document, program))
        self._earn(fresh)
        return self._post(), [document for document, _program in fresh]

    # ---- what is there ---------------------------------------------------------------

    def _reconcile(self, document, grants, collecting):
        """Correct what was earned; return where to earn anew, a program or None."""
        last = max((grant.number for grant in grants), default=0)
        current = [grant for grant in grants if grant.number == last]
        stays = bool(current) and self._stands(document, current[0])
        for grant in grants:
            wanted = self._wants(document, grant, stays and grant in current)
            self._correct(document, grant, wanted)
        program = document and collecting.get(document.partner_id)
        if stays or not program or not self._deserves(document, program):
            return None
        if not grants and document.is_refunded:
            return None
        return program

    def _stands(self, document, grant):
        """Tell whether the document still deserves what was granted.

        Whatever became of the program's rules since: they hold for what comes.
        """
        program = self.programs.browse(grant.program_id)
        return bool(
            document
            and grant.partner_id == document.partner_id
            and self._counts(document, program)
            and not program.currency_id.compare_amounts(
                grant.amount or 0, self._convert(document, program)
            )
        )

    def _deserves(self, document, program):
        """Tell whether the document earns in ``program`` as it is now."""
        return self._counts(document, program) and document.day >= program.start_date

    def _counts(self, document, program):
        """Tell whether the document is there, and paid where that matters."""
        return bool(
            document.counts
            and document.day
            and (document.paid_on or program.earn_on == "posted")
        )

    def _convert(self, document, program):
        """Return the amount in the program's currency at the document's day."""
        amount = document.amount * self._get_rate(program, document.day)
        return program.currency_id.round(amount)

    def _get_rate(self, program, day):
        own, other = self.company.currency_id, program.currency_id
        if own == other:
            return 1.0
        if (other, day) not in self.rates:
            rate = own._get_conversion_rate(own, other, self.company, day)
            self.rates[other, day] = rate
        return self.rates[other, day]

    # ---- taking and giving back ------------------------------------------------------

    def _wants(self, document, grant, stays):
        """Return ``{document: points}`` that are to be reversed of a grant in all."""
        if stays:
            refunds = [(refund.of, refund.amount) for refund in document.refunds]
            return wanted_reversals(grant.points, document.amount, refunds, grant.gone)
        own = self.source, grant.document_id
        held = grant.held()
        held.pop(own, None)
        rest = grant.points - grant.gone - sum(held.values())
        return held | {own: max(rest, 0)}

    def _correct(self, document, grant, wanted):
        gives, takes = corrections(grant.held(), wanted)
        for by, number in gives.items():
            self._give_back(grant, by, number)
        for by, number in takes.items():
            self._take(document, grant, by, number)

    def _take(self, document, grant, by, number):
        """Reverse ``number`` points of a grant because of the document ``by``."""
        again = sum(take.by == by for take in grant.takes) + 1
        name = document.name if document else ""
        refund = document and next(
            (refund for refund in document.refunds if refund.of == by), None
        )
        if refund:
            reason = self.env._(
                "%(refund)s gives back %(name)s", refund=refund.name, name=name
            )
        else:
            reason = self.env._("%(name)s no longer counts as it was", name=name)
        posting = self._reversal(grant, grant.entry_id, by, again, -number, reason)
        self.posts.setdefault(grant.program_id, []).append(posting)

    def _give_back(self, grant, by, number):
        """Give points back that ``by`` took, newest first."""
        reason = self.env._("What took these points no longer does")
        for take in reversed([take for take in grant.takes if take.by == by]):
            part = min(take.left, number)
            if part <= 0:
                continue
            number -= part
            posting = self._reversal(
                grant, take.entry_id, by, take.given_back + 1, part, reason
            )
            self.gives.setdefault(grant.program_id, []).append(posting)

    def _reversal(self, grant, entry_id, by, again, number, reason):
        program = self.programs.browse(grant.program_id)
        return points.Posting(
            grant.account_id,
            f"{TAKE}:{by[0]}:{by[1]}:{entry_id}:{again}",
            points.REVERSE,
            number,
            res_model=by[0],
            res_id=by[1],
            reverses_id=entry_id,
            campaign_id=grant.campaign_id,
            reason=reason,
            may_owe=True,
            revive_until=self.today + timedelta(days=program.revive_days),
        )

    # ---- earning ---------------------------------------------------------------------

    def _earn(self, fresh):
        """Prepare the entries of documents that earn, (document, program) pairs."""
        by_program = {}
        for document, program in fresh:
            by_program.setdefault(program, []).append(document)
        for program, documents in by_program.items():
            self._earn_in(program, documents)

    def _earn_in(self, program, documents):
        earning = self.rate(program, documents)
        if not earning:
            return
        # sudo: the job opens accounts, whoever started it
        accounts = (
            self.env["retention.points.account"]
            .sudo()
            ._open(program, {row.document.partner_id for row in earning})
        )
        campaigns = Campaigns(program, earning)
        for row in earning:
            base = self._award(program, row, accounts)
            postings = self.posts.setdefault(program.id, [])
            postings.append(base)
            for campaign, extra in campaigns.take(row):
                postings.append(
                    base._replace(
                        key=f"{base.key}:campaign:{campaign.id}",
                        points=extra,
                        campaign_id=campaign.id,
                        reason=f"{row.document.name}: {campaign.name}",
                    )
                )

    def rate(self, program, documents):
        """Return the :class:`Rated` documents, those that earn a point at least."""
        weights = self.documents.weigh(
            program, self.source, [document.id for document in documents]
        )
        tiers = self._get_tiers(documents)
        rated = []
        for document in documents:
            tier = tiers.get((document.partner_id, document.day))
            amount = weighted = self._convert(document, program)
            if document.id in weights:
                rate = self._get_rate(program, document.day)
                weighted = float(weights[document.id]) * rate
            number = base_points(
                weighted,
                program.earn_points,
                program.earn_amount,
                [tier.points_factor if tier else 1],
            )
            if number > 0:
                rated.append(Rated(document, tier, amount, weighted, number))
        return rated

    def _award(self, program, row, accounts):
        """Return the posting of a document's ordinary points."""
        document = row.document
        earned = document.paid_on if program.earn_on == "paid" else document.day
        last = max(
            (grant.number for grant in self.grants.get(document.id, [])), default=0
        )
        return points.Posting(
            accounts[document.partner_id],
            f"{EARN}:{self.source}:{document.id}:{last + 1}",
            points.EARN,
            row.number,
            day=earned,
            available_on=available_day(earned, program.pending_days),
            expires_on=program._get_expiry(earned),
            res_model=self.source,
            res_id=document.id,
            amount=row.amount,
            reason=self._explain(program, row),
        )

    def _explain(self, program, row):
        """Say in words what a document earns its points on."""
        document, tier, amount, weighted, _number = row
        money = program.currency_id.format
        said = self.env._(
            "%(name)s: %(amount)s at %(points)s for %(every)s",
            name=document.name,
            amount=money(amount),
            points=program.earn_points,
            every=money(program.earn_amount),
        )
        if program.currency_id.compare_amounts(weighted, amount):
            said = self.env._(
                "%(said)s, with exceptions as %(amount)s",
                said=said,
                amount=money(weighted),
            )
        if tier and tier.points_factor != 1:
            factor = f"{tier.points_factor:g}"
            said = self.env._(
                "%(said)s, %(tier)s × %(factor)s",
                said=said,
                tier=tier.name,
                factor=factor,
            )
        return said

    def _get_tiers(self, documents):
        """Return ``{(customer, day): tier held that day}``."""
        pairs = {(document.partner_id, document.day) for document in documents}
        partners, days = zip(*pairs, strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.partner_id, asked.day, held.tier_id
                  FROM unnest(%s::integer[], %s::date[]) AS asked (partner_id, day)
                  JOIN LATERAL (
                       SELECT tier_id FROM retention_membership row
                        WHERE row.partner_id = asked.partner_id
                          AND row.company_id = %s AND row.date_from <= asked.day
                          AND (row.date_to IS NULL OR row.date_to > asked.day)
                        ORDER BY row.date_from DESC, row.id DESC LIMIT 1) held ON TRUE
                """,
                list(partners),
                list(days),
                self.company.id,
            )
        )
        # sudo: what a tier earns does not depend on who asks
        tiers = self.env["retention.tier"].sudo()
        every = tiers.browse({row[2] for row in rows})  # read together
        held = {tier.id: tier for tier in every}
        return {(row[0], row[1]): held[row[2]] for row in rows}

    # ---- posting ---------------------------------------------------------------------

    def _post(self):
        """Post what is given back, then the rest; return how many entries."""
        # sudo: the job posts, whoever started it
        account = self.env["retention.points.account"].sudo()
        count = 0
        for postings_of in (self.gives, self.posts):
            for program_id, postings in sorted(postings_of.items()):
                program = self.programs.browse(program_id)
                done = account._post(program, postings, self.today)
                count += len(done)
                program._follow_up(postings, done, self.today)
        self._book_campaigns()
        return count

    def _book_campaigns(self):
        """Keep with the campaigns what they gave, less what was taken back."""
        change = {}
        for postings_of in (self.gives, self.posts):
            for postings in postings_of.values():
                for posting in postings:
                    if posting.campaign_id:
                        change.setdefault(posting.campaign_id, 0)
                        change[posting.campaign_id] += posting.points
        self.env["retention.campaign"]._book(change)

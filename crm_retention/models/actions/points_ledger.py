"""How postings are written: lock the accounts, read, decide, write, all set-wise.

An ordinary class used in these phases, so that the database is asked a fixed number
of times however many postings there are. The deciding is done by ``tools.points``.
"""

from hashlib import sha256

from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import points as arithmetic
from ..running.columns_sql import array
from .points_ledger_read import LedgerReader
from .points_ledger_write import LedgerWriter


class PointsRefused(UserError):
    """Postings that cannot be done; nothing was written.

    ``refusals`` is ``{key as the caller named it: why}``.
    """

    def __init__(self, refusals):
        super().__init__("\n".join(refusals.values()))
        self.refusals = refusals


def payload_hash(posting):
    """Return what must be the same when an event is told again.

    The days are not part of it: who tells it again does so on another day.
    """
    payload = (
        posting.account_id,
        posting.kind,
        posting.points,
        posting.res_model or "",
        posting.res_id or "",
        posting.reverses_id or "",
    )
    return sha256("|".join(map(str, payload)).encode()).hexdigest()


class Ledger(LedgerReader, LedgerWriter):
    """One batch of changes to accounts of one program.

    Use it so: ``ledger = Ledger(env, program, today)``, then :meth:`post` or
    :meth:`release`. It never commits.
    """

    def __init__(self, env, program, today):
        self.env = env
        self.program = program
        self.today = today
        self.holdings = {}
        self.draws = []
        self.revived = []  # (award id, before, after, place of the posting)

    # ---- what is asked for ---------------------------------------------------------

    def post(self, postings):
        """Write ``postings``; return ``{key: entry id}``, also of those known before.

        :raises PointsRefused: if one of them cannot be; then none is written.
        """
        if not postings:
            return {}
        self.lock({posting.account_id for posting in postings})
        fresh, known = self.sort_out(postings)
        if fresh:
            self.check(fresh)
            self.read_facts(fresh)
            self.decide(fresh)
            known |= self.write_all(fresh)
        return known

    def release(self, account_ids):
        """Make the pending awards of these accounts available whose day has come.

        :return: how many awards.
        """
        self.lock(account_ids)
        self.load_lots(account_ids)
        self.load_debts(account_ids)
        count = 0
        for holding in self.holdings.values():
            for lot in list(holding.lots.values()):
                if lot.is_pending and lot.available_on <= self.today:
                    self.draws += holding.release(lot)
                    count += 1
        self.write_allocations({})
        self.write_awards({}, ())
        self.write_accounts([])
        self.forget()
        return count

    def extend(self, account_ids, award_ids, until, reason):
        """Let awards of these accounts expire on a later day, and keep why."""
        self.lock(account_ids)
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE retention_points_award award SET expires_on = %s
                  FROM retention_points_award before
                 WHERE award.id = ANY(%s) AND before.id = award.id
             RETURNING award.id, before.expires_on
                """,
                until,
                list(award_ids),
            )
        )
        count = len(rows)
        self.insert(
            "retention_points_extension",
            {
                "award_id": ("integer", [row[0] for row in rows]),
                "date_before": ("date", [row[1] for row in rows]),
                "date_after": ("date", [until] * count),
                "reason": ("text", [reason] * count),
                "create_uid": ("integer", [self.env.uid] * count),
                "create_date": ("timestamp", [self.env.cr.now()] * count),
            },
        )
        self.forget()

    # ---- phase 1: lock and look -----------------------------------------------------

    def lock(self, account_ids):
        """Have every other posting to these accounts wait, and then fail and retry.

        The first statement of a posting: at REPEATABLE READ only an UPDATE makes
        two spenders of the same points notice each other. In the order of their
        ids, so that two batches do not wait for one another.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE retention_points_account account SET version = version + 1
                  FROM (SELECT id FROM retention_points_account WHERE id = ANY(%s)
                         ORDER BY id FOR NO KEY UPDATE) locked
                 WHERE account.id = locked.id
             RETURNING account.id, program_id, balance, pending, debt
                """,
                sorted(account_ids),
            )
        )
        if len(rows) != len(account_ids) or any(
            row[1] != self.program.id for row in rows
        ):
            raise ValueError("An account of another program, or none at all")
        self.in_debt = {row[0] for row in rows if row[4]}
        self.holdings = {row[0]: arithmetic.Holding(row[2], row[3]) for row in rows}

    def full_key(self, posting):
        """Return the key as it is stored: unique over all programs."""
        return f"{self.program.id}:{posting.key}"

    def sort_out(self, postings):
        """Return what is new, and ``{key: entry id}`` of what was posted before.

        :raises PointsRefused: if a key was posted with something else.
        """
        keys = [self.full_key(posting) for posting in postings]
        stored = {
            key: (entry_id, payload)
            for entry_id, key, payload in self.env.execute_query(
                SQL(
                    "SELECT id, key, payload_hash FROM retention_points_entry"
                    " WHERE key = ANY(%s)",
                    array(keys, "text"),
                )
            )
        }
        fresh, known, refusals, seen = [], {}, {}, {}
        for posting, key in zip(postings, keys, strict=True):
            payload = payload_hash(posting)
            if key in stored:
                known[posting.key] = stored[key][0]
                earlier = stored[key][1]
            else:
                earlier = seen.setdefault(key, payload)
                if earlier is payload:
                    fresh.append((posting, payload))
            if earlier != payload:
                refusals[posting.key] = self.env._(
                    "%(key)s was posted before with other points, customer or "
                    "document. An event counts once, as it was told first.",
                    key=posting.key,
                )
        if refusals:
            raise PointsRefused(refusals)
        return fresh, known

    def check(self, fresh):
        """Refuse what no account could bear, and reversing more than there was."""
        refusals = {}
        left = self.load_reversible({posting.reverses_id for posting, _ in fresh})
        for posting, _payload in fresh:
            if not posting.points or abs(posting.points) > arithmetic.MOST:
                refusals[posting.key] = self.env._(
                    "%s is not a number of points.", posting.points
                )
            if not posting.reverses_id:
                continue
            account_id, before = left.get(posting.reverses_id, (None, 0))
            after = before + posting.points
            left[posting.reverses_id] = account_id, after
            if (
                account_id != posting.account_id
                or before * posting.points >= 0
                or before * after < 0
            ):
                refusals[posting.key] = self.env._(
                    "No entry can be reversed beyond its points."
                )
        if refusals:
            raise PointsRefused(refusals)

    # ---- phase 3: decide -------------------------------------------------------------

    def decide(self, fresh):
        """Apply the postings one after the other, in memory."""
        refusals = {}
        self.balances = []
        for place, (posting, _payload) in enumerate(fresh):
            holding = self.holdings[posting.account_id]
            before = (
                {lot.id: lot.expires_on for lot in holding.lots.values()}
                if posting.revive_until
                else {}
            )
            try:
                draws = holding.apply(-place - 1, posting, self.today)
            except arithmetic.Short as short:
                refusals[posting.key] = self.env._(
                    "%(wanted)s %(points)s are asked for, %(available)s are available.",
                    wanted=short.args[0],
                    available=short.args[1],
                    points=self.program.point_name,
                )
                continue
            self.draws += draws
            self.balances.append(holding.balance)
            self.revived += [
                (lot_id, day, holding.lots[lot_id].expires_on, place)
                for lot_id, day in before.items()
                if holding.lots[lot_id].expires_on != day
            ]
        if refusals:
            raise PointsRefused(refusals)

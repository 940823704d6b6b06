from odoo.tools import SQL

from ...tools import points as arithmetic
from .points_ledger import Ledger


class LedgerPreview(Ledger):
    """What postings would do to an account, by the ledger's own rules.

    Reads as a posting reads and decides as it decides, but neither locks nor writes.
    """

    def look(self, postings):
        """Return ``(holding before, holding after, {award id: points drawn})``.

        :raises PointsRefused: as the posting would be.
        """
        self.lock({posting.account_id for posting in postings})
        before = {
            key: arithmetic.Holding(held.balance, held.pending)
            for key, held in self.holdings.items()
        }
        fresh, _known = self.sort_out(postings)
        if fresh:
            self.check(fresh)
            self.read_facts(fresh)
            self.decide(fresh)
        drawn = {}
        for draw in self.draws:
            drawn[draw.lot] = drawn.get(draw.lot, 0) + draw.points
        account = postings[0].account_id
        return before[account], self.holdings[account], drawn

    def lock(self, account_ids):
        """Read the accounts, and let others go on."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, program_id, balance, pending, debt"
                "  FROM retention_points_account WHERE id = ANY(%s)",
                sorted(account_ids),
            )
        )
        self.in_debt = {row[0] for row in rows if row[4]}
        self.holdings = {row[0]: arithmetic.Holding(row[2], row[3]) for row in rows}

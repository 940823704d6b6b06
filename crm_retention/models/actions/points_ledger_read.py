from odoo.tools import SQL

from ...tools import points as arithmetic


class LedgerReader:
    """What a :class:`Ledger` reads before it decides, set-wise."""

    def read_facts(self, fresh):
        """Read the lots and debts that these postings may touch."""
        accounts = {posting.account_id for posting, _ in fresh}
        self.holdings = {key: self.holdings[key] for key in accounts}
        drawing = self.in_debt & accounts
        drawing |= {posting.account_id for posting, _ in fresh if not posting.is_award}
        if not drawing:
            return
        self.load_lots(drawing)
        self.load_debts(drawing)
        self.load_drawn(
            {posting.reverses_id for posting, _ in fresh if posting.points > 0}
        )

    def load_lots(self, account_ids):
        """Read what is left of the awards of these accounts."""
        self.add_lots(SQL("account_id = ANY(%s) AND remaining > 0", list(account_ids)))

    def add_lots(self, condition):
        rows = self.env.execute_query(
            SQL(
                """SELECT id, account_id, entry_id, remaining, state, available_on,
                          expires_on FROM retention_points_award WHERE %s""",
                condition,
            )
        )
        for award, account, entry, left, state, available_on, expires_on in rows:
            self.holdings[account].lots.setdefault(
                award,
                arithmetic.Lot(
                    award,
                    left,
                    expires_on,
                    state == arithmetic.PENDING,
                    available_on,
                    entry,
                ),
            )

    def load_debts(self, account_ids):
        """Read what each debit of an account in debt could not draw."""
        indebted = list(self.in_debt & set(account_ids))
        if not indebted:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account_id, root, -sum(points) - sum(drawn)
                  FROM (SELECT account_id, points,
                               CASE WHEN points < 0 THEN id ELSE reverses_id END root,
                               COALESCE((SELECT sum(a.points)
                                           FROM retention_points_allocation a
                                          WHERE a.entry_id = e.id), 0) drawn
                          FROM retention_points_entry e
                         WHERE account_id = ANY(%s)
                           AND (points < 0 OR reverses_id IS NOT NULL)) part
                 GROUP BY account_id, root
                HAVING sum(points) + sum(drawn) <> 0
                 ORDER BY root
                """,
                indebted,
            )
        )
        for account, entry, owed in rows:
            self.holdings[account].owed[entry] = int(owed)

    def load_drawn(self, debit_ids):
        """Read what debits that are to be given back still hold from which lot."""
        ids = [entry_id for entry_id in debit_ids if entry_id]
        if not ids:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.account_id, COALESCE(back.reverses_id, e.id), a.award_id,
                       sum(a.points)
                  FROM retention_points_entry e
                  JOIN retention_points_allocation a ON a.entry_id = e.id
                  LEFT JOIN retention_points_entry back
                    ON back.id = e.id AND back.points > 0
                 WHERE e.id = ANY(%(ids)s)
                    OR (e.reverses_id = ANY(%(ids)s) AND e.points > 0)
                 GROUP BY e.account_id, COALESCE(back.reverses_id, e.id), a.award_id
                 ORDER BY min(a.id)
                """,
                ids=ids,
            )
        )
        awards = [row[2] for row in rows]
        self.add_lots(SQL("id = ANY(%s)", awards))
        for account, debit, award, drawn in rows:
            self.holdings[account].drawn.setdefault(debit, {})[award] = int(drawn)

    def load_reversible(self, entry_ids):
        """Return ``{entry: (account, points not reversed yet)}``."""
        ids = [entry_id for entry_id in entry_ids if entry_id]
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id, e.account_id,
                       e.points + COALESCE(sum(r.points + COALESCE(
                           (SELECT sum(rr.points) FROM retention_points_entry rr
                             WHERE rr.reverses_id = r.id), 0)), 0)
                  FROM retention_points_entry e
                  LEFT JOIN retention_points_entry r ON r.reverses_id = e.id
                 WHERE e.id = ANY(%s)
                 GROUP BY e.id
                """,
                ids,
            )
        )
        return {row[0]: (row[1], int(row[2])) for row in rows}

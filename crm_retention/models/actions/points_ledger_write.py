from odoo.tools import SQL

from ...tools import points as arithmetic
from ..running.columns_sql import array

ENTRY_COLUMNS = {
    "account_id": "integer",
    "kind": "text",
    "points": "integer",
    "balance_after": "integer",
    "date": "date",
    "amount": "numeric",
    "key": "text",
    "payload_hash": "text",
    "res_model": "text",
    "res_id": "integer",
    "reverses_id": "integer",
    "campaign_id": "integer",
    "available_on": "date",
    "expires_on": "date",
    "reason": "text",
}
ACTIVE_KINDS = ("earn", "redeem")  # what keeps points from expiring by inactivity
TOUCHED = ("account", "entry", "award", "allocation", "extension")
# the same hash as :func:`payload_hash`, of a stored entry ``e``
PAYLOAD = SQL(
    """encode(sha256(convert_to(concat_ws('|', e.account_id, e.kind, e.points,
              COALESCE(e.res_model, ''), COALESCE(e.res_id::text, ''),
              COALESCE(e.reverses_id::text, '')), 'UTF8')), 'hex')"""
)


def checksum(payload) -> SQL:
    """Return one entry's part of its account's checksum: 40 bits of its hash."""
    return SQL("('x' || left(%s, 10))::bit(40)::bigint", payload)


class LedgerWriter:
    """How a :class:`Ledger` writes what it decided, one statement a table."""

    def write_all(self, fresh):
        """Write what was decided; return ``{key: entry id}``."""
        entry_ids = self.write_entries(fresh)
        places = {-place - 1: entry_id for place, entry_id in enumerate(entry_ids)}
        award_ids = self.write_new_awards(places)
        self.write_allocations(places, award_ids)
        self.write_awards(
            award_ids,
            {
                posting.award_id
                for posting, _ in fresh
                if posting.kind == arithmetic.EXPIRE
            },
        )
        self.write_extensions(places)
        self.write_accounts(fresh)
        self.forget()
        return {
            posting.key: entry_id
            for (posting, _), entry_id in zip(fresh, entry_ids, strict=True)
        }

    def insert(self, table, columns, returning="id"):
        """Insert columns of values, ``{name: (type, values)}``; return the rows."""
        names = SQL(", ").join(SQL.identifier(name) for name in columns)
        arrays = SQL(", ").join(
            array(values, kind) for kind, values in columns.values()
        )
        return self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) SELECT * FROM unnest(%s) RETURNING %s",
                SQL.identifier(table),
                names,
                arrays,
                SQL(returning),
            )
        )

    def write_entries(self, fresh):
        """Write the entries; return their ids in the order of the postings."""
        rows = [
            (
                posting.account_id,
                posting.kind,
                posting.points,
                balance,
                posting.day or self.today,
                posting.amount,
                self.full_key(posting),
                payload,
                posting.res_model,
                posting.res_id,
                posting.reverses_id,
                posting.campaign_id,
                posting.available_on,
                posting.expires_on,
                posting.reason,
            )
            for (posting, payload), balance in zip(fresh, self.balances, strict=True)
        ]
        columns = {
            name: (kind, values)
            for (name, kind), values in zip(
                ENTRY_COLUMNS.items(), zip(*rows, strict=True), strict=True
            )
        }
        count = len(rows)
        columns["create_uid"] = ("integer", [self.env.uid] * count)
        columns["create_date"] = ("timestamp", [self.env.cr.now()] * count)
        ids = {
            key: entry_id
            for entry_id, key in self.insert(
                "retention_points_entry", columns, "id, key"
            )
        }
        return [ids[row[6]] for row in rows]

    def write_new_awards(self, places):
        """Write the awards of new entries; return ``{lot below 0: award id}``."""
        new = [
            (account, lot)
            for account, holding in self.holdings.items()
            for lot in holding.lots.values()
            if lot.id < 0
        ]
        if not new:
            return {}
        columns = {
            "entry_id": ("integer", [places[lot.id] for _account, lot in new]),
            "account_id": ("integer", [account for account, _lot in new]),
            "remaining": ("integer", [lot.left for _account, lot in new]),
            "state": ("text", [lot.state() for _account, lot in new]),
            "available_on": ("date", [lot.available_on for _account, lot in new]),
            "expires_on": ("date", [lot.expires_on for _account, lot in new]),
        }
        of_entry = {
            entry_id: award_id
            for award_id, entry_id in self.insert(
                "retention_points_award", columns, "id, entry_id"
            )
        }
        return {lot.id: of_entry[places[lot.id]] for _account, lot in new}

    def write_allocations(self, places, award_ids=()):
        """Write which entry drew what from which award."""
        if not self.draws:
            return
        awards = dict(award_ids)
        columns = {
            "entry_id": (
                "integer",
                [places.get(draw.entry, draw.entry) for draw in self.draws],
            ),
            "award_id": (
                "integer",
                [awards.get(draw.lot, draw.lot) for draw in self.draws],
            ),
            "points": ("integer", [draw.points for draw in self.draws]),
        }
        self.insert("retention_points_allocation", columns)

    def write_awards(self, award_ids, expired):
        """Bring the stored awards that changed to what is left of them."""
        changed = [
            (
                lot.id,
                lot.left,
                arithmetic.EXPIRED
                if lot.id in expired and not lot.left
                else lot.state(),
                lot.expires_on,
            )
            for holding in self.holdings.values()
            for lot in holding.lots.values()
            if lot.is_changed and lot.id > 0
        ]
        if not changed:
            return
        kinds = ("integer", "integer", "text", "date")
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_points_award award
                   SET remaining = new.remaining, state = new.state,
                       expires_on = new.expires_on
                  FROM unnest(%s) AS new (id, remaining, state, expires_on)
                 WHERE award.id = new.id
                """,
                SQL(", ").join(map(array, zip(*changed, strict=True), kinds)),
            )
        )

    def write_extensions(self, places):
        """Keep that points given back live longer than they did."""
        if not self.revived:
            return
        awards, before, after, place = map(list, zip(*self.revived, strict=True))
        count = len(awards)
        columns = {
            "award_id": ("integer", awards),
            "date_before": ("date", before),
            "date_after": ("date", after),
            "entry_id": ("integer", [places[-each - 1] for each in place]),
            "create_uid": ("integer", [self.env.uid] * count),
            "create_date": ("timestamp", [self.env.cr.now()] * count),
        }
        self.insert("retention_points_extension", columns)

    def write_accounts(self, fresh):
        """Bring the accounts to the sums, and remember which entries made them."""
        made = {account: [0, 0, None] for account in self.holdings}
        for posting, payload in fresh:
            sums = made[posting.account_id]
            sums[0] += 1
            sums[1] += int(payload[:10], 16)
            if posting.kind in ACTIVE_KINDS:
                sums[2] = max(sums[2] or self.today, posting.day or self.today)
        rows = [
            (account, held.balance, held.pending, held.debt, *made[account])
            for account, held in self.holdings.items()
        ]
        kinds = ("integer",) * 5 + ("bigint", "date")
        columns = zip(*rows, strict=True)
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_points_account account
                   SET balance = new.balance, pending = new.pending, debt = new.debt,
                       entry_count = entry_count + entries,
                       checksum = account.checksum + new.checksum,
                       active_on = GREATEST(account.active_on, new.active_on)
                  FROM unnest(%s) AS new
                       (id, balance, pending, debt, entries, checksum, active_on)
                 WHERE account.id = new.id
                """,
                SQL(", ").join(map(array, columns, kinds)),
            )
        )

    def forget(self):
        """Let the ORM read anew what was written behind its back."""
        for name in TOUCHED:
            self.env[f"retention.points.{name}"].invalidate_model()

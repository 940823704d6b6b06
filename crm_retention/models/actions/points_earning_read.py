"""What was posted for documents already, as the settle step needs to know it."""

from dataclasses import dataclass, field

from odoo.tools import SQL

EARN, TAKE = "earn", "rev"  # how the keys of our own entries begin


@dataclass(slots=True)
class Take:
    """An entry that reversed points of a grant; ``left`` was not given back."""

    entry_id: int
    by: tuple  # (model, id) of the document that took them
    left: int
    given_back: int  # how many times something was


@dataclass(slots=True)
class Grant:
    """An earning entry of a document, and what became of it."""

    entry_id: int
    account_id: int
    program_id: int
    partner_id: int
    points: int
    amount: float | None
    number: int
    campaign_id: int | None
    document_id: int
    gone: int = 0  # expired, or reversed by a person
    takes: list = field(default_factory=list)

    def held(self):
        """Return ``{document: points it took and did not give back}``."""
        held = {}
        for take in self.takes:
            held[take.by] = held.get(take.by, 0) + take.left
        return held


def read_grants(env, model, ids):
    """Return ``{document id: its grants, oldest first}``."""
    grants = {}
    for *row, key, campaign, document, gone in env.execute_query(
        _select_grants(model, ids)
    ):
        words = key.split(":")
        if words[1] == EARN and len(words) > 4:
            grant = Grant(*row, int(words[4]), campaign, document, int(gone))
            grants[grant.entry_id] = grant
    _read_takes(env, grants)
    found = {}
    for grant in grants.values():
        found.setdefault(grant.document_id, []).append(grant)
    return found


def _select_grants(model, ids):
    """The earning entries of documents, in the order of a grant's fields."""
    return SQL(
        """
        SELECT e.id, e.account_id, account.program_id,
               partner.commercial_partner_id, e.points, e.amount, e.key,
               e.campaign_id, e.res_id,
               COALESCE((SELECT sum(part.points)
                           FROM retention_points_award award
                           JOIN retention_points_allocation part
                             ON part.award_id = award.id
                           JOIN retention_points_entry expired
                             ON expired.id = part.entry_id
                            AND expired.kind = 'expire'
                          WHERE award.entry_id = e.id), 0)
          FROM retention_points_entry e
          JOIN retention_points_account account ON account.id = e.account_id
          JOIN res_partner partner ON partner.id = account.partner_id
         WHERE e.res_model = %s AND e.res_id = ANY(%s) AND e.kind = 'earn'
         ORDER BY e.id
        """,
        model,
        list(ids),
    )


def _read_takes(env, grants):
    """Add to these grants what reversed them."""
    if not grants:
        return
    rows = env.execute_query(
        SQL(
            """
            SELECT taken.id, taken.reverses_id, taken.key, taken.res_model,
                   taken.res_id, -taken.points - COALESCE(sum(back.points), 0),
                   count(back.id)
              FROM retention_points_entry taken
              LEFT JOIN retention_points_entry back ON back.reverses_id = taken.id
             WHERE taken.reverses_id = ANY(%s)
             GROUP BY taken.id
             ORDER BY taken.id
            """,
            list(grants),
        )
    )
    for entry, of, key, model, doc, left, given_back in rows:
        if key.split(":")[1] == TAKE:
            take = Take(entry, (model, doc), int(left), given_back)
            grants[of].takes.append(take)
        else:
            grants[of].gone += int(left)

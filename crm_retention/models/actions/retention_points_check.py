from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .points_ledger_write import PAYLOAD, checksum

CODES = [
    ("I1", "Balance is the sum of its entries"),
    ("I2", "Pending is what awards may not be spent yet"),
    ("I3", "What is left of an award is what was not drawn from it"),
    ("I4", "Every debit is drawn from awards or owed"),
    ("I5", "No event counts twice, nothing is reversed beyond its points"),
    ("I6", "Every entry has its document or its reason"),
    ("I7", "Merging contacts neither made nor lost points"),
    ("I8", "What was exchanged is what was handed out"),
    ("I9", "No entry was changed or removed behind the ledger's back"),
]
SHOWN = 20  # records named in the detail


class RetentionPointsCheck(models.Model):
    """Whether the points of a company are as they must be: one row an invariant.

    Nine sentences that hold whatever happens, each one statement over all accounts.
    """

    _name = "retention.points.check"
    _description = "Points Check"
    _order = "company_id, code"
    _rec_name = "code"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    code = fields.Selection(selection=CODES, string="Must Hold", required=True)
    state = fields.Selection(
        selection=[("ok", "Holds"), ("failed", "Does not hold")],
        required=True,
        readonly=True,
    )
    seen = fields.Integer(string="Looked at", readonly=True)
    failing = fields.Integer(readonly=True, help="How many do not hold.")
    share = fields.Float(
        string="Explained (%)",
        digits=(5, 2),
        readonly=True,
        aggregator=None,
        help="Of all points that moved, how many have a document or a reason.",
    )
    detail = fields.Char(readonly=True, help="The first that do not hold, by number.")
    res_model = fields.Char(readonly=True)
    res_ids = fields.Json(readonly=True)
    checked_at = fields.Datetime(readonly=True)

    _code_unique = models.UniqueIndex("(company_id, code)", "One row an invariant.")

    @api.model
    def _run(self, company):
        """Check everything of ``company``; return the rows.

        Rows are written only where they became different, and their time.
        """
        self.env.flush_all()
        known = {
            row.code: row for row in self.search([("company_id", "=", company.id)])
        }
        now, missing = fields.Datetime.now(), []
        for code, _name in CODES:
            values = self._look(code, company) | {"checked_at": now}
            if code in known:
                known[code].write(values)
            else:
                missing.append(values | {"company_id": company.id, "code": code})
        return self.union(*known.values(), self.create(missing))

    @api.model
    def _look(self, code, company):
        """Return the values of the row of one invariant."""
        model, wrong = getattr(self, f"_find_{code.lower()}")()
        [(seen, failing, ids)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE wrong),
                       (array_agg(id ORDER BY id) FILTER (WHERE wrong))[:%s]
                  FROM (%s) found
                """,
                SHOWN,
                self._within(model, company, wrong),
            )
        )
        return {
            "state": "failed" if failing else "ok",
            "seen": seen,
            "failing": failing,
            "share": self._explained(company) if code == "I6" else 0,
            "detail": ", ".join(map(str, ids or ())) or False,
            "res_model": model,
            "res_ids": ids or [],
        }

    @api.model
    def _within(self, model, company, wrong):
        """Return (id, wrong) of every row of ``model`` that belongs to ``company``.

        ``wrong`` is a condition on the row ``x`` and its account ``account``.
        """
        joins = {
            "retention.points.account": SQL(
                "retention_points_account x JOIN retention_points_account account"
                " ON account.id = x.id"
            ),
            "retention.points.entry": SQL(
                "retention_points_entry x JOIN retention_points_account account"
                " ON account.id = x.account_id"
            ),
            "retention.reward.exchange": SQL(
                "retention_reward_exchange x JOIN retention_points_account account"
                " ON account.id = x.account_id"
            ),
            "retention.points.award": SQL(
                "retention_points_award x JOIN retention_points_account account"
                " ON account.id = x.account_id"
            ),
        }
        return SQL(
            "SELECT x.id, COALESCE(%s, TRUE) AS wrong FROM %s"
            " JOIN retention_points_program program ON program.id = account.program_id"
            " %s WHERE account.company_id = %s",
            wrong["wrong"],
            joins[model],
            wrong.get("join", SQL()),
            company.id,
        )

    # ---- what must hold ------------------------------------------------------------

    def _find_i1(self):
        return "retention.points.account", {
            "join": SQL(
                """LEFT JOIN (SELECT account_id, sum(points) AS points,
                                     count(*) AS number
                                FROM retention_points_entry GROUP BY account_id) e
                          ON e.account_id = x.id"""
            ),
            "wrong": SQL(
                """x.balance <> COALESCE(e.points, 0)
                OR x.entry_count <> COALESCE(e.number, 0)"""
            ),
        }

    def _find_i2(self):
        return "retention.points.account", {
            "join": SQL(
                """LEFT JOIN (SELECT account_id, sum(remaining) AS remaining,
                                     min(available_on) AS first
                                FROM retention_points_award
                               WHERE state = 'pending' GROUP BY account_id) a
                          ON a.account_id = x.id"""
            ),
            "wrong": SQL(
                """x.pending <> COALESCE(a.remaining, 0)
                OR COALESCE(a.first <= program.settled_on, FALSE)"""
            ),
        }

    def _find_i3(self):
        return "retention.points.award", {
            "join": SQL(
                """JOIN retention_points_entry e ON e.id = x.entry_id
                   LEFT JOIN (SELECT award_id, sum(points) AS points
                                FROM retention_points_allocation GROUP BY award_id) a
                          ON a.award_id = x.id"""
            ),
            "wrong": SQL(
                """x.remaining <> e.points - COALESCE(a.points, 0)
                OR x.remaining NOT BETWEEN 0 AND e.points
                OR (x.remaining = 0) <> (x.state IN ('used', 'expired'))
                OR x.account_id <> e.account_id"""
            ),
        }

    def _find_i4(self):
        """What no debit could draw is the account's debt, and then nothing is left."""
        return "retention.points.account", {
            "join": SQL(
                """LEFT JOIN (
                    SELECT account_id, sum(owed) AS owed, min(owed) AS least
                      FROM (SELECT e.account_id, -sum(e.points)
                                   - COALESCE(sum(a.points), 0) AS owed
                              FROM retention_points_entry e
                              LEFT JOIN (SELECT entry_id, sum(points) AS points
                                           FROM retention_points_allocation
                                          GROUP BY entry_id) a ON a.entry_id = e.id
                             WHERE e.points < 0 OR e.reverses_id IS NOT NULL
                             GROUP BY e.account_id,
                                      CASE WHEN e.points < 0 THEN e.id
                                           ELSE e.reverses_id END) debit
                     GROUP BY account_id) d ON d.account_id = x.id
                   LEFT JOIN (SELECT account_id, sum(remaining) AS remaining
                                FROM retention_points_award
                               WHERE state = 'open' GROUP BY account_id) o
                          ON o.account_id = x.id"""
            ),
            "wrong": SQL(
                """x.debt <> COALESCE(d.owed, 0) OR COALESCE(d.least, 0) < 0
                OR (x.debt > 0 AND COALESCE(o.remaining, 0) > 0)"""
            ),
        }

    def _find_i5(self):
        return "retention.points.entry", {
            "join": SQL(
                """LEFT JOIN (
                    SELECT r.reverses_id, sum(r.points + COALESCE(rr.points, 0))
                           AS points
                      FROM retention_points_entry r
                      LEFT JOIN (SELECT reverses_id, sum(points) AS points
                                   FROM retention_points_entry
                                  WHERE reverses_id IS NOT NULL
                                  GROUP BY reverses_id) rr ON rr.reverses_id = r.id
                     WHERE r.reverses_id IS NOT NULL
                     GROUP BY r.reverses_id) r ON r.reverses_id = x.id
                   LEFT JOIN (SELECT key FROM retention_points_entry
                               GROUP BY key HAVING count(*) > 1) twice
                          ON twice.key = x.key"""
            ),
            "wrong": SQL(
                """sign(x.points) * (x.points + COALESCE(r.points, 0)) < 0
                OR sign(x.points) * COALESCE(r.points, 0) > 0
                OR twice.key IS NOT NULL"""
            ),
        }

    def _find_i6(self):
        return "retention.points.entry", {"wrong": SQL("NOT %s", self._is_explained())}

    def _find_i7(self):
        """What was moved out of accounts came into others; closed ones are empty."""
        return "retention.points.account", {
            "join": SQL(
                """LEFT JOIN (SELECT t.program_id, sum(e.points) AS points
                                FROM retention_points_entry e
                                JOIN retention_points_account t ON t.id = e.account_id
                               WHERE e.kind = 'transfer' GROUP BY t.program_id) moved
                          ON moved.program_id = x.program_id"""
            ),
            "wrong": SQL(
                """COALESCE(moved.points, 0) <> 0 OR (x.merged_into_id IS NOT NULL
                   AND (x.balance <> 0 OR x.debt <> 0 OR x.pending <> 0))"""
            ),
        }

    def _find_i8(self):
        """An exchange holds the points it took, and its coupon what was put on it.

        A returned one holds neither, and no wallet is below 0.
        """
        return "retention.reward.exchange", {
            "join": SQL(
                """JOIN retention_points_entry paid ON paid.id = x.entry_id
                   LEFT JOIN (SELECT reverses_id, sum(points) AS points
                                FROM retention_points_entry
                               WHERE reverses_id IS NOT NULL GROUP BY reverses_id) back
                          ON back.reverses_id = paid.id
                   LEFT JOIN loyalty_card card ON card.id = x.card_id"""
            ),
            "wrong": SQL(
                """paid.points <> -x.points OR paid.account_id <> x.account_id
                OR (x.outcome IS NULL AND COALESCE(back.points, 0) <> 0)
                OR (x.outcome IS NOT DISTINCT FROM 'returned'
                    AND COALESCE(back.points, 0) <> x.points)
                OR COALESCE(card.points < 0, FALSE)
                OR (x.kind = 'coupon' AND x.outcome IS NOT NULL
                    AND COALESCE(card.points > 0, FALSE))
                OR (x.kind = 'coupon' AND x.state = 'issued'
                    AND (card.points <> x.card_points OR NOT card.active))"""
            ),
        }

    def _find_i9(self):
        return "retention.points.account", {
            "join": SQL(
                """LEFT JOIN (SELECT e.account_id, sum(%s) AS checksum,
                                     bool_and(e.payload_hash = %s) AS same
                                FROM retention_points_entry e GROUP BY e.account_id) s
                          ON s.account_id = x.id""",
                checksum(PAYLOAD),
                PAYLOAD,
            ),
            "wrong": SQL(
                """x.checksum <> COALESCE(s.checksum, 0)
                OR NOT COALESCE(s.same, TRUE)"""
            ),
        }

    # ---- explained points ------------------------------------------------------------

    @api.model
    def _is_explained(self) -> SQL:
        """Return the condition that entry ``x`` has a living document or a reason.

        A reason that was blanked for a person who is to be forgotten still counts
        as given. What was given for the customer's own sake (a birthday) has the
        customer of the account, whoever he was merged with.
        """
        return SQL(
            """(x.reverses_id IS NOT NULL
                OR (x.kind IN ('adjust', 'transfer', 'opening')
                    AND x.reason IS NOT NULL)
                OR x.kind = 'expire'
                OR x.res_model = 'res.partner'
                OR %s)""",
            self._has_origin(),
        )

    @api.model
    def _has_origin(self) -> SQL:
        """Return the condition that the document of entry ``x`` still exists."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT res_model FROM retention_points_entry"
                " WHERE res_model IS NOT NULL"
            )
        )
        living = [
            SQL(
                "(x.res_model = %s AND EXISTS (SELECT FROM %s doc"
                " WHERE doc.id = x.res_id))",
                model,
                SQL.identifier(self.env[model]._table),
            )
            for (model,) in rows
            if model in self.env and table_exists(self.env.cr, self.env[model]._table)
        ]
        return SQL("(%s)", SQL(" OR ").join(living)) if living else SQL("FALSE")

    @api.model
    def _explained(self, company):
        """Return how much of the points that moved is explained, in percent."""
        [(part,)] = self.env.execute_query(
            SQL(
                """
                SELECT 100.0 * sum(abs(x.points)) FILTER (WHERE %s)
                       / sum(abs(x.points))
                  FROM retention_points_entry x
                  JOIN retention_points_account account ON account.id = x.account_id
                 WHERE account.company_id = %s
                """,
                self._is_explained(),
                company.id,
            )
        )
        return 100 if part is None else part

    def action_view_failing(self):
        """Open the first rows for which it does not hold."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["code"]._description_selection(self.env))[
                self.code
            ],
            "res_model": self.res_model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.res_ids or [])],
        }

    @api.model
    def action_check_now(self):
        """Check the companies at work now, for who may see the checks."""
        self.check_access("read")
        # sudo: rows are written by checking only; the right was checked above
        for company in self.env.companies:
            self.sudo()._run(company)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from ...tools import points
from .retention_referral import HOLD, REVERSED, REWARDED, WAITING

SIDES = ("referrer", "friend")


class RetentionReferral(models.Model):
    """How referrals are rewarded, and taken back when the order is refunded."""

    _inherit = "retention.referral"

    @api.model
    def _settle(self, company, today):
        """Find first paid orders, reward after the hold, take back refunded ones.

        Done again it changes nothing. Returns how many moved.
        """
        self.env.flush_all()
        moved = self._take_back_refunded(company)
        moved += self._start_hold(company, today)
        return moved + self._reward_due(company, today)

    # ---- the friend's first paid order ----------------------------------------------

    @api.model
    def _start_hold(self, company, today):
        """Begin the hold of those whose friend paid a first order."""
        waiting = self.search(
            [("company_id", "=", company.id), ("state", "=", WAITING)]
        )
        found = {}
        for program, rows in waiting.grouped("program_id").items():
            found |= rows._find_first_paid(program, today)
        for row, (model, document) in found.items():
            row.write(
                {
                    "state": HOLD,
                    "res_model": model,
                    "res_id": document,
                    "round": row.round + 1,
                    "hold_until": today
                    + timedelta(days=row.program_id.referral_hold_days),
                }
            )
        return len(found)

    def _find_first_paid(self, program, today):
        """Return ``{referral: (model, id)}`` of first paid documents of friends."""
        company = program.company_id
        least = program.currency_id._convert(
            program.referral_least, company.currency_id, company, today
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (referral.id) referral.id, doc.model, doc.id
                  FROM retention_referral referral
                  JOIN (%(documents)s) doc ON doc.partner_id = referral.friend_id
                   AND doc.company_id = referral.company_id
                   AND doc.date >= referral.date
                 WHERE referral.id = ANY(%(ids)s) AND doc.amount > 0
                   AND doc.amount >= %(least)s
                 ORDER BY referral.id, doc.date, doc.id
                """,
                documents=self._get_paid(),
                ids=self.ids,
                least=least,
            )
        )
        return {self.browse(row[0]): (row[1], row[2]) for row in rows}

    @api.model
    def _get_paid(self) -> SQL:
        """Return the paid documents of customers, less what was refunded of them.

        Columns model, id, partner_id, company_id, date, amount (in the currency of
        the company, without taxes).
        """
        selects = [
            SQL(
                """
                SELECT 'account.move' AS model, move.id,
                       move.commercial_partner_id AS partner_id, move.company_id,
                       move.invoice_date AS date,
                       move.amount_untaxed_signed + COALESCE(
                           (SELECT sum(refund.amount_untaxed_signed)
                              FROM account_move refund
                             WHERE refund.reversed_entry_id = move.id
                               AND refund.state = 'posted'), 0) AS amount
                  FROM account_move move
                 WHERE move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt')
                   AND move.payment_state IN ('paid', 'in_payment')
                """
            ),
            SQL(
                """
                SELECT 'retention.purchase', purchase.id,
                       customer.commercial_partner_id, purchase.company_id,
                       purchase.date, purchase.amount_company + COALESCE(
                           (SELECT sum(refund.amount_company)
                              FROM retention_purchase refund
                             WHERE refund.refunds_id = purchase.id), 0)
                  FROM retention_purchase purchase
                  JOIN res_partner customer ON customer.id = purchase.partner_id
                """
            ),
        ]
        if "pos.order" in self.env and table_exists(self.env.cr, "pos_order"):
            selects.append(self._get_paid_at_tills())
        return SQL(" UNION ALL ").join(selects)

    @api.model
    def _get_paid_at_tills(self) -> SQL:
        """Return the same of point of sale orders without an invoice."""
        self.env["pos.order"].flush_model()
        self.env["pos.order.line"].flush_model()
        return SQL(
            """
            SELECT 'pos.order', pos.id, customer.commercial_partner_id,
                   pos.company_id, pos.date_order::date,
                   (pos.amount_total - pos.amount_tax + COALESCE(
                       (SELECT sum(back.price_subtotal)
                          FROM pos_order_line back
                          JOIN pos_order_line line
                            ON line.id = back.refunded_orderline_id
                         WHERE line.order_id = pos.id), 0))
                   / COALESCE(NULLIF(pos.currency_rate, 0), 1)
              FROM pos_order pos
              JOIN res_partner customer ON customer.id = pos.partner_id
             WHERE pos.state IN ('paid', 'done') AND pos.account_move IS NULL
            """
        )

    # ---- points ---------------------------------------------------------------------

    @api.model
    def _reward_due(self, company, today):
        """Give both their points where the hold is over."""
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", HOLD),
                ("hold_until", "<=", today),
            ]
        )
        for program, rows in due.grouped("program_id").items():
            rows._reward(program, today)
        due.state = REWARDED
        return len(due)

    def _reward(self, program, today):
        """Post the points of both sides, each once."""
        # sudo: the job writes points for everybody
        Account = self.env["retention.points.account"].sudo()
        friends = Account._open(program, self.friend_id.ids)
        expires = program._get_expiry(today)
        postings = []
        for row in self:
            for side, account, number in (
                ("referrer", row.account_id.id, program.referral_points),
                ("friend", friends[row.friend_id.id], program.friend_points),
            ):
                if number:
                    postings.append(
                        points.Posting(
                            account,
                            row._get_key(side),
                            points.EARN,
                            number,
                            expires_on=expires,
                            res_model=self._name,
                            res_id=row.id,
                            reason=row._say_reward(side),
                        )
                    )
        Account._post(program, postings, today)

    def _get_key(self, side):
        """Return the name of this event in the ledger, for one of the two."""
        return f"referral:{self.id}:{self.round}:{side}"

    def _say_reward(self, side):
        if side == "friend":
            return self.env._("Welcome, brought in by a friend")
        # without the name: an entry outlives the friend's wish to be forgotten
        return self.env._("Brought a friend in")

    # ---- refunds --------------------------------------------------------------------

    @api.model
    def _take_back_refunded(self, company):
        """Take points back, or wait for another order, where the first one is gone."""
        live = self.search(
            [("company_id", "=", company.id), ("state", "in", (HOLD, REWARDED))]
        )
        gone = live._find_refunded(company)
        if not gone:
            return 0
        reason = self.env._("The first order was refunded")
        held = gone.filtered(lambda row: row.state == HOLD)
        held.write(
            {"state": WAITING, "res_model": False, "res_id": False, "hold_until": False}
        )
        rewarded = gone - held
        for program, rows in rewarded.grouped("program_id").items():
            rows._reverse(program, reason)
        rewarded.write({"state": REVERSED, "reason": reason})
        return len(gone)

    def _find_refunded(self, company):
        """Return those of these whose document is no longer worth a reward."""
        found = self.browse()
        today = company._retention_today()
        for program, rows in self.grouped("program_id").items():
            least = program.currency_id._convert(
                program.referral_least, company.currency_id, company, today
            )
            stand = self.env.execute_query(
                SQL(
                    """
                    SELECT referral.id
                      FROM retention_referral referral
                      JOIN (%(documents)s) doc ON doc.model = referral.res_model
                       AND doc.id = referral.res_id
                     WHERE referral.id = ANY(%(ids)s) AND doc.amount > 0
                       AND doc.amount >= %(least)s
                    """,
                    documents=self._get_paid(),
                    ids=rows.ids,
                    least=least,
                )
            )
            found |= rows - rows.browse(row[0] for row in stand)
        return found

    def _reverse(self, program, reason):
        """Take the points of both sides back."""
        # sudo: the job writes points for everybody
        Account = self.env["retention.points.account"].sudo()
        keys = [f"{program.id}:{row._get_key(side)}" for row in self for side in SIDES]
        # sudo: entries of both sides, of whom one need not be the reader's customer
        entries = self.env["retention.points.entry"].sudo()
        entries = entries.search([("key", "in", keys)])
        Account._post(
            program,
            [
                Account._prepare_reversal(
                    entry,
                    entry.points,
                    f"rev:{self._name}:{entry.res_id}:{entry.id}",
                    reason,
                    res_model=self._name,
                    res_id=entry.res_id,
                )
                for entry in entries
            ],
        )

from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...tools import points
from .points_ledger import Ledger

BATCH = 10_000


class RetentionPointsAccount(models.Model):
    """How points move: one method posts, the others prepare what it posts."""

    _inherit = "retention.points.account"

    @api.model
    def _post(self, program, postings, today=None):
        """Post :class:`points.Posting` s to accounts of ``program``, all or none.

        The one place that writes entries. An event whose key was posted before with
        the same account, kind, points and document changes nothing.

        :param today: the day as of which it is done (default: the company's).
        :return: ``{key: entry id}``.
        :raises PointsRefused: where a key was posted with something else, points
            are missing, or more would be reversed than there was.
        """
        today = today or program.company_id._retention_today()
        merged = self._get_merged({posting.account_id for posting in postings})
        funded = self._fund_merged(postings, merged) if merged else postings
        done = Ledger(self.env, program, today).post(funded)
        for account in self.browse(merged).filtered(lambda row: row.balance > 0):
            Ledger(self.env, program, today).post(
                account._prepare_transfer(account.merged_into_id)
            )
        return done

    @api.model
    def _get_merged(self, account_ids):
        """Return ``{account: the one it was merged into}`` of those that were."""
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, merged_into_id FROM retention_points_account"
                    " WHERE id = ANY(%s) AND merged_into_id IS NOT NULL",
                    list(account_ids),
                )
            )
        )

    @api.model
    def _fund_merged(self, postings, merged):
        """Have what is taken from a merged account be paid by the one it went into."""
        funded = []
        for posting in postings:
            target = merged.get(posting.account_id)
            if target and posting.points < 0:
                common = {"kind": points.TRANSFER, "reason": self.env._("Merged")}
                funded += [
                    points.Posting(
                        account_id=target,
                        key=f"fund:{posting.key}:out",
                        points=posting.points,
                        may_owe=posting.may_owe,
                        **common,
                    ),
                    points.Posting(
                        account_id=posting.account_id,
                        key=f"fund:{posting.key}:in",
                        points=-posting.points,
                        **common,
                    ),
                ]
            funded.append(posting)
        return funded

    @api.model
    def _release(self, program, today, limit=BATCH):
        """Make pending awards available whose day has come, of some accounts.

        :return: (awards released, whether there are more).
        """
        due = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT award.account_id
                      FROM retention_points_award award
                      JOIN retention_points_account account
                        ON account.id = award.account_id
                     WHERE award.state = 'pending' AND award.available_on <= %s
                       AND account.program_id = %s
                     LIMIT %s
                    """,
                    today,
                    program.id,
                    limit,
                )
            )
        ]
        if not due:
            return 0, False
        return Ledger(self.env, program, today).release(due), len(due) == limit

    # ---- what a person asks for ------------------------------------------------

    def _adjust(self, number, reason, key, expires_on=None):
        """Give (or below 0: take) points, with a reason; return the entry.

        Taking more than is available is refused.
        """
        self.ensure_one()
        if not (reason or "").strip():
            raise ValidationError(self.env._("An adjustment needs a reason."))
        posting = points.Posting(
            self.id,
            f"adjust:{key}",
            points.ADJUST,
            number,
            expires_on=expires_on if number > 0 else None,
            reason=reason.strip(),
        )
        return self._post_one(posting)

    def _post_one(self, posting):
        """Post to this account; return the entry."""
        self.ensure_one()
        entry_id = self._post(self.program_id, [posting])[posting.key]
        return self.env["retention.points.entry"].browse(entry_id)

    @api.model
    def _prepare_reversal(self, entry, number, key, reason, **values):
        """Return the posting that reverses ``number`` points of ``entry``.

        Points of a debit go back to the awards they came from; of an award they are
        taken from it first, then from the others, and owed where nothing is left.
        """
        program = entry.program_id
        number = abs(number) if entry.points < 0 else -abs(number)
        today = program.company_id._retention_today()
        return points.Posting(
            entry.account_id.id,
            key,
            points.REVERSE,
            number,
            reverses_id=entry.id,
            reason=reason,
            may_owe=True,
            revive_until=today + timedelta(days=program.revive_days),
            **values,
        )

    def _extend(self, awards, until, reason):
        """Let points of these accounts, of one program, expire later; log it.

        :raises UserError: where the new day is not later, or nothing is left.
        """
        self.program_id.ensure_one()
        wrong = awards.filtered(
            lambda award: (
                award.account_id not in self
                or not award.remaining
                or not award.expires_on
                or award.expires_on >= until
            )
        )
        if wrong or not (reason or "").strip():
            raise UserError(
                self.env._(
                    "Only points that are left and expire can be extended, to a later "
                    "day, and with a reason."
                )
            )
        today = self.program_id.company_id._retention_today()
        Ledger(self.env, self.program_id, today).extend(
            set(self.ids), awards.ids, until, reason.strip()
        )

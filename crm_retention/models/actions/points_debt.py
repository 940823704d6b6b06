from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import points

OWNER = "retention.points.entry"  # the origin of what is written off: what was taken


class RetentionPointsAccount(models.Model):
    """Writing off what a customer owes."""

    _inherit = "retention.points.account"

    def action_write_off(self):
        """Forgive what these customers owe; for managers."""
        if not self.env.user.has_group("crm_retention.group_retention_manager"):
            raise AccessError(self.env._("Only managers write off what is owed."))
        self.check_access("read")
        if not any(self.mapped("debt")):
            raise UserError(self.env._("Nothing is owed."))
        reason = self.env._("Written off by decision")
        # sudo: managers may not write accounts; the posting says who did it
        for account in self.sudo().filtered("debt"):
            account._write_off(reason)
        asked = self.sudo().activity_ids  # sudo: whoever was asked
        summary = self._debt_summary()
        asked.filtered(lambda each: each.summary == summary).action_feedback(
            feedback=reason
        )
        return True

    def _write_off(self, reason):
        """Forgive all that this account owes, entry by entry."""
        self.ensure_one()
        self.env.flush_all()
        debits = self.env.execute_query(
            SQL(
                """SELECT id FROM retention_points_entry
                    WHERE account_id = %s AND points < 0""",
                self.id,
            )
        )
        owed = self._get_owed([row[0] for row in debits])
        self._post(self.program_id, self._prepare_write_off(owed, reason))

    @api.model
    def _get_owed(self, entry_ids):
        """Return (entry, account, points) of debits that are still owed."""
        if not entry_ids:
            return []
        return self.env.execute_query(
            SQL(
                """
                SELECT e.id, e.account_id,
                       (-e.points - COALESCE(sum(back.points), 0)
                        - COALESCE(sum(part.points), 0))::integer
                  FROM retention_points_entry e
                  LEFT JOIN LATERAL (
                       SELECT sum(points) AS points FROM retention_points_entry
                        WHERE reverses_id = e.id AND points > 0) back ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT sum(points) AS points FROM retention_points_allocation
                        WHERE entry_id = e.id
                           OR entry_id IN (SELECT id FROM retention_points_entry
                                            WHERE reverses_id = e.id AND points > 0)
                       ) part ON TRUE
                 WHERE e.id = ANY(%s)
                 GROUP BY e.id
                HAVING -e.points - COALESCE(sum(back.points), 0)
                       - COALESCE(sum(part.points), 0) > 0
                 ORDER BY e.id
                """,
                list(entry_ids),
            )
        )

    @api.model
    def _prepare_write_off(self, owed, reason):
        """Return the postings that forgive what debits owe."""
        known = self._get_write_offs([row[0] for row in owed])
        return [
            points.Posting(
                account,
                f"writeoff:{entry}:{len(known.get(entry, ())) + 1}",
                points.ADJUST,
                number,
                res_model=OWNER,
                res_id=entry,
                reason=reason,
            )
            for entry, account, number in owed
        ]

    @api.model
    def _prepare_undo_write_off(self, undone):
        """Return the postings that take back what was written off, as far as undone.

        :param undone: ``{entry that took points: the posting that gives them back}``.
        """
        new = []
        for entry, written in self._get_write_offs(undone).items():
            posting = undone[entry]
            left = posting.points
            for adjust, number, again in written:
                part = min(number, left)
                if part <= 0:
                    continue
                left -= part
                new.append(
                    posting._replace(
                        key=f"rev:writeoff:{adjust}:{again + 1}",
                        points=-part,
                        reverses_id=adjust,
                        campaign_id=None,
                        reason=self.env._("What was written off is no longer owed"),
                        revive_until=None,
                    )
                )
        return new

    @api.model
    def _get_write_offs(self, entry_ids):
        """Return ``{debit: [(adjustment, points left of it, times reversed)]}``."""
        ids = list(entry_ids)
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.res_id, e.id, e.points + COALESCE(sum(back.points), 0),
                       count(back.id)
                  FROM retention_points_entry e
                  LEFT JOIN retention_points_entry back ON back.reverses_id = e.id
                 WHERE e.res_model = %s AND e.res_id = ANY(%s) AND e.kind = 'adjust'
                 GROUP BY e.id ORDER BY e.id
                """,
                OWNER,
                ids,
            )
        )
        found = {}
        for entry, adjust, left, again in rows:
            found.setdefault(entry, []).append((adjust, int(left), again))
        return found

    # ---- asking a person -------------------------------------------------------------

    def _debt_summary(self):
        return self.env._("Points are owed")

    def _ask_about_debt(self):
        """Give each of these accounts an activity for who decides; one at a time."""
        asked = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("summary", "=", self._debt_summary()),
            ]
        )
        waiting = self - self.browse(asked.mapped("res_id"))
        kind = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        # quietly: a night's refunds are no flood of mails
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": account.id,
                    "activity_type_id": kind.id if kind else False,
                    "summary": account._debt_summary(),
                    "note": self.env._(
                        "A purchase was returned after its points had been spent. "
                        "Leave it to the next points, or write it off."
                    ),
                    "user_id": account.program_id.owner_id.id,
                    "date_deadline": fields.Date.context_today(account),
                }
                for account in waiting
            ]
        )

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import points


class RetentionPointsAccount(models.Model):
    """One account where there were several, because contacts became one."""

    _inherit = "retention.points.account"

    @api.model
    def _merge(self, sources, target):
        """Move what contacts ``sources`` have to ``target``, before core merges them.

        By transfer entries, award for award with their dates; a customer without an
        account of his own keeps the source's as it is.
        """
        self.env.flush_all()
        accounts = self.with_context(active_test=False).search(
            [
                ("partner_id", "in", (sources | target).ids),
                ("merged_into_id", "=", False),
            ],
            order="id",
        )
        for rows in accounts.grouped("program_id").values():
            own = rows.filtered(lambda row: row.partner_id == target)
            kept = own or rows[:1]
            (rows - kept)._move_to(kept)
            if kept.partner_id != target:
                self._repoint(kept, target)
            self._repoint(rows - kept, target)

    @api.model
    def _repoint(self, accounts, partner):
        """Let these accounts belong to ``partner``; those merged away already, too."""
        merged = self.with_context(active_test=False).search(
            [("merged_into_id", "in", accounts.ids)]
        )
        self.env.cr.execute(
            SQL(
                "UPDATE retention_points_account SET partner_id = %s"
                " WHERE id = ANY(%s)",
                partner.id,
                (accounts | merged).ids,
            )
        )
        self.invalidate_model()

    def _move_to(self, target):
        """Transfer everything of these accounts to ``target`` and close them."""
        if not self:
            return
        target.ensure_one()
        postings = []
        for account in self:
            postings += account._prepare_transfer(target)
        self._post(target.program_id, postings)
        self.env.cr.execute(
            SQL(
                "UPDATE retention_points_account SET merged_into_id = %s"
                " WHERE id = ANY(%s)",
                target.id,
                self.ids,
            )
        )
        self.invalidate_model()

    def _prepare_transfer(self, target):
        """Return the postings that move each award, and what is owed, to ``target``."""
        self.ensure_one()
        reason = self.env._("Contacts merged")
        stem = f"transfer:{self.id}:{target.id}:{self.version}"
        postings = []
        for award in self.award_ids.filtered("remaining").sorted("id"):
            postings += [
                points.Posting(
                    self.id,
                    f"{stem}:{award.id}:out",
                    points.TRANSFER,
                    -award.remaining,
                    award_id=award.id,
                    reason=reason,
                ),
                points.Posting(
                    target.id,
                    f"{stem}:{award.id}:in",
                    points.TRANSFER,
                    award.remaining,
                    available_on=award.available_on or None,
                    expires_on=award.expires_on or None,
                    reason=reason,
                ),
            ]
        return postings + self._prepare_debt_transfer(target, stem, reason)

    def _prepare_debt_transfer(self, target, stem, reason):
        """Return the postings that let ``target`` owe what this account owes."""
        if not self.debt:
            return []
        return [
            points.Posting(
                self.id, f"{stem}:debt:out", points.TRANSFER, self.debt, reason=reason
            ),
            points.Posting(
                target.id,
                f"{stem}:debt:in",
                points.TRANSFER,
                -self.debt,
                reason=reason,
                may_owe=True,
            ),
        ]

    @api.model
    def _follow_entities(self, partners):
        """Move points of who now belongs to another customer to that customer."""
        moved = partners.filtered(lambda each: each.commercial_partner_id != each)
        if not moved:
            return
        accounts = self.with_context(active_test=False).search(
            [("partner_id", "in", moved.ids), ("merged_into_id", "=", False)]
        )
        for target, sources in accounts.partner_id.grouped(
            "commercial_partner_id"
        ).items():
            self._merge(sources, target)

    @api.model
    def _drop_partners(self, partners):
        """Forget the empty accounts of contacts that are being deleted.

        :raises UserError: where there are entries: they must stay.
        """
        accounts = self.with_context(active_test=False).search(
            [("partner_id", "in", partners.ids)]
        )
        used = accounts.filtered("entry_count")
        if used:
            raise UserError(
                self.env._(
                    "%(customer)s has collected points: archive the contact, or merge "
                    "it with another one.",
                    customer=used[0].partner_id.display_name,
                )
            )
        accounts.unlink()

from odoo import api, models

from ...tools import points


class RetentionPointsAccount(models.Model):
    """Postings told as plain rows, by customer."""

    _inherit = "retention.points.account"

    @api.model
    def _post_rows(self, program, rows, today=None):
        """Open accounts and post ``rows``: fields of a posting, and ``partner_id``.

        :return: ``{key: entry id}``.
        """
        accounts = self._open(program, {row["partner_id"] for row in rows})
        return self._post(
            program,
            [
                points.Posting(
                    account_id=accounts[row["partner_id"]],
                    **{
                        name: value
                        for name, value in row.items()
                        if name != "partner_id"
                    },
                )
                for row in rows
            ],
            today,
        )

from odoo import api, fields, models
from odoo.tools import SQL


class RetentionFeedback(models.Model):
    """In which tier the customer was when asked."""

    _inherit = "retention.feedback"

    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Then",
        readonly=True,
        ondelete="set null",
        help="The tier that the customer held when asked.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._note_tier()
        return rows

    def _taken_in(self):
        result = super()._taken_in()
        self._note_tier()
        return result

    def _note_tier(self):
        """Keep the tier of the day on which these were asked, where none is kept."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_feedback said SET tier_id = held.tier_id
                  FROM (SELECT DISTINCT ON (row.id) row.id, membership.tier_id
                          FROM retention_feedback row
                          JOIN retention_membership membership
                            ON membership.partner_id = row.partner_id
                           AND membership.company_id = row.company_id
                           AND membership.date_from <= (%(moment)s)::date
                           AND (membership.date_to IS NULL
                                OR membership.date_to > (%(moment)s)::date)
                          JOIN retention_tier tier ON tier.id = membership.tier_id
                         WHERE row.id = ANY(%(ids)s) AND row.tier_id IS NULL
                         ORDER BY row.id, tier.sequence, tier.id) held
                 WHERE held.id = said.id
                """,
                moment=SQL(
                    "COALESCE(row.invited_at, row.answered_at, row.create_date)"
                ),
                ids=self.ids,
            )
        )
        self.invalidate_recordset(["tier_id"])

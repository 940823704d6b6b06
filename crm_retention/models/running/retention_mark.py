from odoo import api, fields, models
from odoo.tools import SQL


class RetentionMark(models.Model):
    """A contact whose facts changed and who is to be judged again.

    Rows are only ever added by those who change facts, and removed by the run
    that read them. There is no unique index on purpose: under REPEATABLE READ two
    sales at once for one customer would then fail, and a mark set while a run is
    under way must outlive it.
    """

    _name = "retention.mark"
    _description = "Customer to Judge Again"
    _log_access = False

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )

    @api.model
    def _add(self, partners, company=None):
        """Mark ``partners`` for ``company`` (a record), or for every company."""
        # sudo: whoever sells or moves a contact may mark it, without rights here
        companies = company or self.env["res.company"].sudo().search(
            [("active", "=", True)]
        )
        # one statement for thousands: the ORM takes longer than judging them
        self.env.cr.execute(
            SQL(
                """INSERT INTO retention_mark (partner_id, company_id)
                   SELECT partner_id, company_id
                     FROM unnest(%s::integer[]) partner_id
                    CROSS JOIN unnest(%s::integer[]) company_id""",
                partners.ids,
                companies.ids,
            )
        )

    @api.model
    def _take(self, company, limit):
        """Return (ids of marks, ids of customers) of at most ``limit`` marks.

        The marks stay: who has judged the customers removes them, by their ids
        and in the same transaction.
        """
        self.env.flush_all()  # a contact made just now knows its customer only then
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, p.commercial_partner_id
                  FROM retention_mark m
                  JOIN res_partner p ON p.id = m.partner_id
                 WHERE m.company_id = %s
                 ORDER BY m.id
                 LIMIT %s
                """,
                company.id,
                limit,
            )
        )
        return [row[0] for row in rows], sorted({row[1] for row in rows if row[1]})

    @api.model
    def _forget(self, mark_ids):
        """Remove marks whose customers have been judged in this transaction."""
        self.env.cr.execute(
            SQL("DELETE FROM retention_mark WHERE id = ANY(%s)", mark_ids)
        )
        self.invalidate_model()

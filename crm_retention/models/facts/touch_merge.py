from odoo import api, models
from odoo.tools import SQL


class RetentionTouch(models.Model):
    """What happens to contacts when the customers merge, move or go.

    A contact belongs to the customer its person belongs to now: whoever changes
    to another company takes the history along, as purchases do.
    """

    _inherit = "retention.touch"

    @api.model
    def _merge(self, sources, target):
        """Bring what was taken in of merged contacts to one key each.

        Before core moves the rows: two of them may be the same mail to both. What a
        policy planned for the sources is planned anew for the target.
        """
        self._drop_plans(sources)
        self._move_keys(
            SQL("partner_id = ANY(%s)", sources.ids),
            SQL("%s", target.commercial_partner_id.id),
        )

    @api.model
    def _follow_persons(self, partners):
        """Give contacts to the customer to which these persons belong now."""
        self.env.flush_all()
        self._move_events(partners)
        moved = self.search(
            [
                "|",
                ("person_id", "child_of", partners.ids),
                ("partner_id", "in", partners.ids),
            ]
        ).filtered(
            lambda touch: (
                touch.partner_id
                != (touch.person_id or touch.partner_id).commercial_partner_id
            )
        )
        if not moved:
            return
        self._drop_plans(moved.partner_id, moved)
        self._move_keys(
            SQL("id = ANY(%s)", moved.ids),
            SQL(
                "(SELECT commercial_partner_id FROM res_partner"
                " WHERE id = COALESCE(known.person_id, known.partner_id))"
            ),
        )

    @api.model
    def _move_events(self, partners):
        """Give the behaviour of these contacts to the customer they belong to now."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_event event
                   SET partner_id = partner.commercial_partner_id
                  FROM res_partner partner
                 WHERE partner.id = event.partner_id AND partner.id = ANY(%s)
                   AND partner.commercial_partner_id <> partner.id
                """,
                partners.ids,
            )
        )
        self.env["retention.event"].invalidate_model()

    @api.model
    def _drop_plans(self, customers, touches=None):
        """Drop what policies planned for these customers: no longer due."""
        plans = self.search(
            [("partner_id", "in", customers.ids), ("state", "=", "planned")]
        )
        plans = plans & touches if touches is not None else plans
        plans.filtered(lambda touch: touch.origin == "plan").state = "dropped"

    @api.model
    def _move_keys(self, which, customer):
        """Make ``customer`` (SQL) that of contacts; what he has already goes."""
        moved = SQL(
            """
            SELECT known.id, known.company_id, target.id AS partner_id,
                   regexp_replace(known.key, '^([a-z._]+:[0-9-]+):[0-9]+$',
                                  '\\1:' || target.id) AS key
              FROM (SELECT * FROM retention_touch WHERE %s) known
              JOIN res_partner target ON target.id = %s
            """,
            which,
            customer,
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH moved AS MATERIALIZED (%s),
                kept AS (
                    SELECT DISTINCT ON (company_id, COALESCE(key, id::text)) *
                      FROM moved WHERE NOT EXISTS (
                           SELECT FROM retention_touch other
                            WHERE (other.key, other.company_id)
                                = (moved.key, moved.company_id)
                              AND other.id <> moved.id)
                     ORDER BY company_id, COALESCE(key, id::text), id),
                gone AS (
                    DELETE FROM retention_touch touch USING moved
                     WHERE touch.id = moved.id
                       AND moved.id NOT IN (SELECT id FROM kept))
                UPDATE retention_touch touch
                   SET partner_id = kept.partner_id, key = kept.key,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM kept WHERE touch.id = kept.id
                """,
                moved,
            )
        )
        self.invalidate_model()

    @api.model
    def _drop_partners(self, partners):
        """Remove the contacts with, and the behaviour of, contacts being deleted."""
        domain = [("partner_id", "in", partners.ids)]
        self.search(domain).unlink()
        self.env["retention.event"].search(domain).unlink()

from odoo import api, models
from odoo.tools import SQL


class RetentionTouch(models.Model):
    """A person who changes to another customer takes the answers along."""

    _inherit = "retention.touch"

    @api.model
    def _move_events(self, partners):
        result = super()._move_events(partners)
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_feedback said
                   SET partner_id = person.commercial_partner_id
                  FROM res_partner person
                 WHERE person.id = COALESCE(said.person_id, said.partner_id)
                   AND (said.person_id = ANY(%(ids)s) OR said.partner_id = ANY(%(ids)s))
                   AND person.commercial_partner_id <> said.partner_id
                """,
                ids=partners.ids,
            )
        )
        self.env["retention.feedback"].invalidate_model()
        return result

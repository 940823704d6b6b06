from odoo import fields
from odoo.tools import SQL


class ServiceFacts:
    """Cases of the figures on tickets: answered and solved how soon."""

    def _first_answer(self) -> SQL:
        """Minutes until the first answer; no answer yet is longer than any.

        Of tickets that came in during working hours, so that nights do not count.
        """
        return SQL(
            """
            SELECT ticket.commercial_partner_id AS partner_id,
                   COALESCE(extract(epoch FROM ticket.retention_answered_at
                                             - ticket.retention_received_at) / 60,
                            'infinity')::double precision AS above, 1 AS below
              FROM helpdesk_ticket ticket
             WHERE %s AND ticket.retention_outside_hours IS NOT TRUE
               AND ticket.retention_answer_state IS DISTINCT FROM 'void'
            """,
            self._received(),
        )

    def _answered_in_time(self) -> SQL:
        """Of the promises of a first answer that are decided: which were kept."""
        return SQL(
            """
            SELECT ticket.commercial_partner_id AS partner_id,
                   CASE WHEN ticket.retention_answer_state = 'met' THEN 1 ELSE 0 END
                     AS above, 1 AS below
              FROM helpdesk_ticket ticket
             WHERE %s AND ticket.retention_answer_state IN ('met', 'missed')
            """,
            self._received(),
        )

    def _complaints_24h(self) -> SQL:
        """Of the complaints: which were solved within 24 hours, day and night.

        Left out is what came in less than 24 hours ago and is not solved.
        """
        return SQL(
            """
            SELECT ticket.commercial_partner_id AS partner_id,
                   CASE WHEN ticket.retention_solved_at
                             <= ticket.retention_received_at + interval '24 hours'
                        THEN 1 ELSE 0 END AS above, 1 AS below
              FROM helpdesk_ticket ticket
             WHERE %s AND ticket.retention_kind = 'complaint'
               AND (ticket.retention_solved_at IS NOT NULL
                    OR ticket.retention_received_at <= %s::timestamp
                       - interval '24 hours')
            """,
            self._received(),
            fields.Datetime.now(),
        )

    def _received(self) -> SQL:
        """Return the condition on ``ticket``: a customer's, come in in the period."""
        return SQL(
            """%s AND ticket.active AND ticket.duplicate_id IS NULL
               AND ticket.commercial_partner_id IS NOT NULL
               AND ticket.retention_received_at >= %s
               AND ticket.retention_received_at < %s""",
            self._mine("ticket", "commercial_partner_id"),
            self.begin,
            self.end,
        )

from odoo import api, fields, models
from odoo.tools import SQL

from .health_sql import DATES, DECIDED

AT_ONCE = 100  # customers judged anew while a person waits; more by the job


class RetentionProfile(models.Model):
    """The wish not to be profiled: it takes effect at once, and holds for all rooms."""

    _inherit = "retention.profile"

    no_profiling = fields.Boolean(related="partner_id.retention_no_profiling")

    @api.model
    def _follow_profiling_wish(self, customers):
        """Take judgements back from these customers, or judge them again.

        The scores, the segment, the tier and the stage go by their own steps, which
        leave such customers out; health and forecasts are emptied here, as those of
        whom nothing is known, and the tags that rules set are taken away.
        :param customers: commercial entities whose wish has just changed.
        """
        self.env.flush_all()
        private = customers.filtered("retention_no_profiling")
        self._empty_predictions(private)
        labels = self.env["retention.label.history"].search(
            [("partner_id", "in", private.ids), ("is_open", "=", True)]
        )
        labels._end("fits", fields.Date.context_today(self))
        if len(customers) > AT_ONCE:
            self.env["retention.mark"]._add(customers)
        else:
            self._recalculate(customers)

    @api.model
    def _empty_predictions(self, customers):
        """Forget health and forecasts of these customers, those of the past, too."""
        names = [*DECIDED, *DATES]
        self.env.cr.execute(
            SQL(
                "UPDATE retention_profile SET %s WHERE partner_id = ANY(%s)",
                SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(name)) for name in names
                ),
                customers.ids,
            )
        )
        self.invalidate_model(names)
        history = self.env["retention.health.history"]
        history.search([("partner_id", "in", customers.ids)]).unlink()

from odoo import api, fields, models

AT_ONCE = 100  # customers judged anew while a person waits; more by the job


class RetentionProfile(models.Model):
    """The wish not to be profiled: it takes effect at once, and holds for all rooms."""

    _inherit = "retention.profile"

    no_profiling = fields.Boolean(related="partner_id.retention_no_profiling")

    @api.model
    def _get_profiling_fields(self):
        """Return the names of fields that judge a customer as a person.

        The scores, the segment, the tier and the stage go by their own steps, which
        leave such customers out; here stand those that nobody would empty otherwise.
        """
        return []

    @api.model
    def _follow_profiling_wish(self, customers):
        """Take judgements back from these customers, or judge them again.

        :param customers: commercial entities whose wish has just changed.
        """
        private = customers.filtered("retention_no_profiling")
        names = self._get_profiling_fields()
        if private and names:
            profiles = self._with_archived().search([("partner_id", "in", private.ids)])
            profiles.write(dict.fromkeys(names, False))
        if len(customers) > AT_ONCE:
            self.env["retention.mark"]._add(customers)
        else:
            self.env.flush_all()
            self._recalculate(customers)

from odoo import api, fields, models

from ...tools import alerts


class RetentionProfile(models.Model):
    """What happens to alerts when contacts merge, move or go."""

    _inherit = "retention.profile"

    @api.model
    def _merge(self, sources, target):
        """Leave one open alert a rule: the target's own, else the gravest of a source.

        What is closed stays as it is: core then moves it to the target.
        """
        self.env["retention.alert"]._close_doubles(sources, target)
        return super()._merge(sources, target)

    @api.model
    def _drop_partners(self, partners):
        """Remove the alerts of contacts that are being deleted."""
        model = self.env["retention.alert"].with_context(retention_customer_gone=True)
        model.search([("partner_id", "in", partners.ids)]).unlink()
        return super()._drop_partners(partners)

    @api.model
    def _end_judgement(self, partners, cause):
        """Close the alerts of who is no customer any more."""
        open_alerts = self.env["retention.alert"].search(
            [("partner_id", "in", partners.ids), ("is_open", "=", True)]
        )
        if open_alerts:
            note = self.env._("The contact is no customer of its own any more.")
            open_alerts._close(alerts.OVER, note, by_itself=True)
        return super()._end_judgement(partners, cause)


class RetentionAlert(models.Model):
    """One open alert where there were several, because contacts became one."""

    _inherit = "retention.alert"

    merged_into_id = fields.Many2one(
        comodel_name="retention.alert",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The alert that goes on, of the contact that this one was merged into.",
    )

    @api.model
    def _close_doubles(self, sources, target):
        """Close all open alerts of these contacts but one a rule."""
        found = self.search(
            [("partner_id", "in", (sources | target).ids), ("is_open", "=", True)]
        )
        for rows in found.grouped("signal_id").values():
            ranked = rows.sorted(
                lambda alert: (alert.partner_id != target, -alert.severity_rank)
            )
            for double in ranked[1:]:
                double.merged_into_id = ranked[0]
            if ranked[1:]:
                note = self.env._("Merged: the alert on the other contact goes on.")
                ranked[1:]._close(alerts.OVER, note, by_itself=True)
        self.env.flush_all()

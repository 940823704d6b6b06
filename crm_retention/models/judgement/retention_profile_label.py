from odoo import api, fields, models


class RetentionProfile(models.Model):
    """The labels that rules gave a customer, and what becomes of them."""

    _inherit = "retention.profile"

    category_ids = fields.Many2many(related="partner_id.category_id", string="Tags")
    label_history_ids = fields.One2many(
        comodel_name="retention.label.history",
        compute="_compute_label_history_ids",
        string="Labels",
    )

    def _compute_label_history_ids(self):
        rows = self.env["retention.label.history"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        grouped = rows.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.label_history_ids = grouped.get(key, rows.browse())

    @api.model
    def _merge(self, sources, target):
        """Leave at most one open label a rule: the target's own, else the oldest.

        Core then moves the tags themselves to the target.
        """
        everyone = sources | target
        rows = self.env["retention.label.history"].search(
            [("partner_id", "in", everyone.ids), ("date_to", "=", False)]
        )
        for rule, labels in rows.grouped("rule_id").items():
            ranked = labels.sorted("date_from").sorted(
                lambda row: row.partner_id != target
            )
            today = rule.company_id._retention_today()
            for row in ranked[1:]:
                row.write({"date_to": max(row.date_from, today), "end_cause": "merge"})
        return super()._merge(sources, target)

    @api.model
    def _drop_partners(self, partners):
        labels = self.env["retention.label.history"].with_context(
            retention_customer_gone=True
        )
        labels.search([("partner_id", "in", partners.ids)]).unlink()
        return super()._drop_partners(partners)

    @api.model
    def _end_judgement(self, partners, cause):
        """Take labels back from who is no customer any more."""
        rows = self.env["retention.label.history"].search(
            [("partner_id", "in", partners.ids), ("date_to", "=", False)]
        )
        for company, labels in rows.grouped("company_id").items():
            labels._end(cause, company._retention_today())
        return super()._end_judgement(partners, cause)

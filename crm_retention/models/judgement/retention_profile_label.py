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

        None where a person tagged the target. Core then moves the tags themselves.
        """
        rows = self.env["retention.label.history"].search(
            [
                ("partner_id", "in", (sources | target).ids),
                ("date_to", "=", False),
            ]
        )
        own = rows.filtered(lambda row: row.partner_id == target)
        by_hand = target.category_id - own.category_id
        over = rows.filtered(lambda row: row.category_id in by_hand)
        for labels in (rows - over).grouped("rule_id").values():
            ranked = labels.sorted("date_from").sorted(
                lambda row: row.partner_id != target
            )
            over |= ranked[1:]
        over._close("merge")
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

    @api.model
    def _follow_profiling_wish(self, customers):
        """Take labels back at once from who wishes not to be profiled."""
        private = customers.filtered("retention_no_profiling")
        rows = self.env["retention.label.history"].search(
            [("partner_id", "in", private.ids), ("date_to", "=", False)]
        )
        for company, labels in rows.grouped("company_id").items():
            labels._end("private", company._retention_today())
        return super()._follow_profiling_wish(customers)

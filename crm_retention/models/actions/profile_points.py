from odoo import fields, models


class RetentionProfile(models.Model):
    """The customer's points, on the profile."""

    _inherit = "retention.profile"

    points_account_ids = fields.One2many(
        comodel_name="retention.points.account",
        compute="_compute_points_account_ids",
        string="Points Accounts",
    )

    def _compute_points_account_ids(self):
        accounts = self.env["retention.points.account"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("merged_into_id", "=", False),
            ]
        )
        by_customer = accounts.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            profile.points_account_ids = by_customer.get(
                (profile.partner_id, profile.company_id), accounts.browse()
            )

from odoo import api, fields, models
from odoo.fields import Domain

from .quality_sql import RELATION


class RetentionProfile(models.Model):
    """How good the customer's data is, and what is wrong with it."""

    _inherit = "retention.profile"

    quality = fields.Integer(
        string="Data Quality",
        readonly=True,
        aggregator="avg",
        help="100: nothing is wrong with the customer's data, by the rules of the "
        "company. Judged every night for who changed, weekly for all.",
    )
    quality_share = fields.Integer(
        string="Good Data (%)",
        readonly=True,
        aggregator="avg",
        help="Of several customers: the share whose data quality is 80 or more.",
    )
    quality_rule_ids = fields.Many2many(
        comodel_name="retention.quality.rule",
        relation=RELATION,
        column1="profile_id",
        column2="rule_id",
        string="Faults in the Data",
        readonly=True,
    )
    confirmed_on = fields.Date(
        related="partner_id.retention_confirmed_on", string="Data Confirmed on"
    )
    duplicate_count = fields.Integer(
        string="Possible Duplicates", compute="_compute_duplicate_count"
    )

    def _compute_duplicate_count(self):
        pairs = self.env["retention.duplicate"].search(self._get_duplicate_domain())
        for profile in self:
            customer = profile.partner_id
            profile.duplicate_count = len(
                pairs.filtered(
                    lambda pair, customer=customer, company=profile.company_id: (
                        customer in (pair.partner_id, pair.other_id)
                        and pair.company_id == company
                    )
                )
            )

    def _get_duplicate_domain(self):
        ids = self.partner_id.ids
        return (
            Domain("company_id", "in", self.company_id.ids)
            & Domain("state", "=", "open")
            & (Domain("partner_id", "in", ids) | Domain("other_id", "in", ids))
        )

    def action_view_duplicates(self):
        """Open the contacts that may be the same customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_duplicate_action"
        )
        return action | {"domain": list(self._get_duplicate_domain()), "context": {}}

    def action_confirm_data(self):
        """Note that somebody made sure that the customer's data is right."""
        self.check_access("read")
        return self.partner_id.action_retention_confirm()

    @api.model
    def _recalculate(self, partners, company=None, as_of=None):
        changed = super()._recalculate(partners, company, as_of)
        customers = partners.commercial_partner_id
        for each in company or self.env["res.company"].search([("active", "=", True)]):
            self._judge_quality(each, customers.ids, as_of)
        return changed

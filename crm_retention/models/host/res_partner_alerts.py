from odoo import api, fields, models

from ..judgement.retention_profile_credit import CREDIT_CLASSES
from .res_partner import USER


class ResPartner(models.Model):
    """Early warnings, risks and the credit class of a customer, on the contact.

    Read with the reader's own rights.
    """

    _inherit = "res.partner"

    retention_alert_count = fields.Integer(
        string="Open Alerts",
        compute="_compute_retention_alerts",
        compute_sudo=False,
        groups=USER,
    )
    retention_risk_count = fields.Integer(
        string="Open Risks",
        compute="_compute_retention_alerts",
        compute_sudo=False,
        groups=USER,
    )
    retention_credit_class = fields.Selection(
        selection=CREDIT_CLASSES,
        string="Credit Class",
        compute="_compute_retention_credit_class",
        search="_search_retention_credit_class",
        compute_sudo=False,
        groups=USER,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_alerts(self):
        whose = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "=", self.env.company.id),
        ]
        alerts = self._count_retention("retention.alert", ("is_open", "=", True), whose)
        risks = self._count_retention("retention.risk", ("state", "=", "open"), whose)
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.retention_alert_count = alerts.get(customer, 0)
            partner.retention_risk_count = risks.get(customer, 0)

    @api.model
    def _count_retention(self, model, condition, whose):
        """Return how many such records each customer has, ``{customer: number}``."""
        rows = self.env[model]._read_group(
            [*whose, condition], ["partner_id"], ["__count"]
        )
        return dict(rows)

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_credit_class(self):
        for partner in self:
            partner.retention_credit_class = partner.retention_profile_id.credit_class

    def _search_retention_credit_class(self, operator, value):
        return self._search_retention("credit_class", operator, value)

    def action_view_retention_alerts(self):
        """Open the alerts of this customer."""
        return self._open_retention("crm_retention.retention_alert_action")

    def action_view_retention_risks(self):
        """Open the risks of this customer, to read them or add one."""
        return self._open_retention("crm_retention.retention_risk_action")

    def _open_retention(self, xmlid):
        """Open what is kept of this customer in the current company."""
        self.ensure_one()
        self.retention_profile_id.check_access("read")
        customer = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return action | {
            "domain": [
                ("partner_id", "=", customer.id),
                ("company_id", "=", self.env.company.id),
            ],
            "context": {"default_partner_id": customer.id},
        }

from odoo import api, fields, models
from odoo.fields import Domain


class RetentionProfile(models.Model):
    """Open alerts and risks of a customer, on the customer's page."""

    _inherit = "retention.profile"

    alert_ids = fields.Many2many(
        comodel_name="retention.alert",
        compute="_compute_alert_ids",
        string="Open Alerts",
    )
    risk_ids = fields.Many2many(
        comodel_name="retention.risk", compute="_compute_alert_ids", string="Open Risks"
    )
    alert_count = fields.Integer(
        string="Alerts", compute="_compute_alert_ids", aggregator=None
    )
    risk_count = fields.Integer(
        string="Risks", compute="_compute_alert_ids", aggregator=None
    )
    has_alert = fields.Boolean(
        string="Has an Open Alert",
        compute="_compute_alert_ids",
        search="_search_has_alert",
    )
    has_risk = fields.Boolean(
        string="Has an Open Risk",
        compute="_compute_alert_ids",
        search="_search_has_risk",
    )

    @api.depends_context("uid")
    def _compute_alert_ids(self):
        """Show those that the reader may see."""
        whose = Domain("partner_id", "in", self.partner_id.ids) & Domain(
            "company_id", "in", self.company_id.ids
        )
        alerts = self.env["retention.alert"].search(
            whose & Domain("is_open", "=", True)
        )
        risks = self.env["retention.risk"].search(whose & Domain("state", "=", "open"))
        alerts_of = alerts.grouped(lambda row: (row.partner_id, row.company_id))
        risks_of = risks.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.alert_ids = alerts_of.get(key, alerts.browse())
            profile.risk_ids = risks_of.get(key, risks.browse())
            profile.alert_count = len(profile.alert_ids)
            profile.risk_count = len(profile.risk_ids)
            profile.has_alert = bool(profile.alert_ids)
            profile.has_risk = bool(profile.risk_ids)

    def _search_has_alert(self, operator, value):
        return self._search_open("retention.alert", [("is_open", "=", True)], operator)

    def _search_has_risk(self, operator, value):
        return self._search_open("retention.risk", [("state", "=", "open")], operator)

    @api.model
    def _search_open(self, model, domain, operator):
        """Return the domain of customers who have such a record."""
        if operator != "in":
            return NotImplemented
        records = self.env[model]
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "partner_id",
                "in",
                records._search(
                    Domain(domain) & Domain("company_id", "=", company.id)
                ).subselect("partner_id"),
            )
            for company in self.env.companies
        )

    def action_view_alerts(self):
        """Open every alert of this customer, also closed ones."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_alert_action"
        )
        return action | {"domain": self._document_domain(), "context": {}}

    def action_view_risks(self):
        """Open the risks of this customer, to read them or add one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_risk_action"
        )
        return action | {
            "domain": self._document_domain(),
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .res_partner import USER


class ResPartner(models.Model):
    """Early warnings and risks of a customer, on the contact.

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

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company")
    def _compute_retention_alerts(self):
        counts = self._count_retention(
            {
                "retention.alert": ("is_open", "=", True),
                "retention.risk": ("state", "=", "open"),
            }
        )
        for partner in self:
            customer_id = partner.commercial_partner_id._origin.id
            alerts = counts.get(("retention.alert", customer_id), 0)
            partner.retention_alert_count = alerts
            risks = counts.get(("retention.risk", customer_id), 0)
            partner.retention_risk_count = risks

    def _count_retention(self, conditions):
        """Return how many records of these models customers have, by one query.

        :param conditions: ``{name of a model: condition}``
        :return: ``{(name of the model, id of the customer): number}``, of those that
            the reader may see.
        """
        whose = Domain("partner_id", "in", self.commercial_partner_id.ids)
        whose &= Domain("company_id", "=", self.env.company.id)
        found = []
        for name, condition in conditions.items():
            query = self.env[name]._search(whose & Domain(*condition))
            customer = SQL.identifier(query.table, "partner_id")
            found.append(query.select(SQL("%s AS name", name), customer))
        rows = self.env.execute_query(
            SQL(
                "SELECT name, partner_id, count(*) FROM (%s) found GROUP BY 1, 2",
                SQL(" UNION ALL ").join(found),
            )
        )
        return {(name, customer): count for name, customer, count in rows}

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

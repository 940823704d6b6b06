from odoo import fields, models
from odoo.exceptions import AccessError

from odoo.addons.crm_retention.models.facts.retention_touch import ANSWERS

GROUP = "crm_retention.group_retention_user"
ACTIONS = {
    "kpi_retention_contacts": "crm_retention.retention_touch_action",
    "kpi_retention_answers": "crm_retention.retention_touch_action",
    "kpi_retention_complaints": "helpdesk_mgmt.helpdesk_ticket_action",
    "kpi_retention_saved": "crm_retention.retention_alert_action",
}


class DigestDigest(models.Model):
    """What was done for customers, in the mail of figures that Odoo sends.

    Each figure is counted with the rights of its reader, as everywhere in a digest.
    """

    _inherit = "digest.digest"

    kpi_retention_contacts = fields.Boolean(string="Personal Contacts")
    kpi_retention_contacts_value = fields.Integer(
        compute="_compute_kpi_retention_contacts_value"
    )
    kpi_retention_answers = fields.Boolean(string="Contacts Answered")
    kpi_retention_answers_value = fields.Integer(
        compute="_compute_kpi_retention_answers_value"
    )
    kpi_retention_complaints = fields.Boolean(string="Complaints")
    kpi_retention_complaints_value = fields.Integer(
        compute="_compute_kpi_retention_complaints_value"
    )
    kpi_retention_saved = fields.Boolean(string="Customers Saved after an Alert")
    kpi_retention_saved_value = fields.Integer(
        compute="_compute_kpi_retention_saved_value"
    )

    def _compute_kpi_retention_contacts_value(self):
        self._count_retention(
            "retention.touch",
            "kpi_retention_contacts_value",
            "done_at",
            self._contacts(),
        )

    def _compute_kpi_retention_answers_value(self):
        answered = ["|", ("direction", "=", "in"), ("outcome", "in", ANSWERS)]
        self._count_retention(
            "retention.touch",
            "kpi_retention_answers_value",
            "done_at",
            self._contacts() + answered,
        )

    def _compute_kpi_retention_complaints_value(self):
        self._count_retention(
            "helpdesk.ticket",
            "kpi_retention_complaints_value",
            "create_date",
            [("retention_kind", "=", "complaint")],
        )

    def _compute_kpi_retention_saved_value(self):
        self._count_retention(
            "retention.alert",
            "kpi_retention_saved_value",
            "closed_on",
            [("state", "=", "saved")],
        )

    def _contacts(self):
        """Return the condition that a contact was personal and took place."""
        return [("is_real", "=", True), ("origin", "!=", "order")]

    def _count_retention(self, model, name, date_field, domain):
        """Count records of a model for each digest's company."""
        if not self.env.user.has_group(GROUP):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email")
            )
        self._calculate_company_based_kpi(
            model, name, date_field=date_field, additional_domain=domain
        )

    def _compute_kpis_actions(self, company, user):
        return super()._compute_kpis_actions(company, user) | ACTIONS

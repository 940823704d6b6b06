from odoo import fields, models
from odoo.exceptions import AccessError

TASK = "crm_retention.mail_activity_type_confirm"


class ResPartner(models.Model):
    """Somebody makes sure that the data of a customer is right, and when."""

    _inherit = "res.partner"

    retention_confirmed_on = fields.Date(
        string="Data Confirmed on",
        readonly=True,
        copy=False,
        help="When a person, or the customer in the portal, last said that name, "
        "address, e-mail and phone are right.",
    )
    retention_confirmed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Data Confirmed by",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    def action_retention_confirm(self):
        """Note that a person made sure that the data of these contacts is right."""
        if not self.env.user.has_group("crm_retention.group_retention_user"):
            raise AccessError(self.env._("Only people of retention confirm data."))
        self.check_access("read")
        self.commercial_partner_id._retention_check_own()
        # sudo: whose customer it is may confirm, also without rights to change him
        self.sudo()._retention_confirm(self.env.user)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _retention_check_own(self):
        """Refuse contacts whose profile one may not read: they are not one's own."""
        readable = self.env["retention.profile"]._with_archived()
        found = readable.search([("partner_id", "in", self.ids)]).partner_id
        if self - found:
            raise AccessError(self.env._("This is not one of your customers."))

    def _retention_confirm(self, user):
        """Keep that the data of these contacts is right; tasks to confirm it go.

        :param user: who says so.
        """
        self.write(
            {
                "retention_confirmed_on": fields.Date.context_today(self),
                "retention_confirmed_by_id": user.id,
            }
        )
        tasks = self.activity_search([TASK], only_automated=False)
        tasks.with_context(retention_confirmed=True).action_feedback()
        self.env.flush_all()
        profiles = self.env["retention.profile"]._with_archived()
        known = profiles.search([("partner_id", "in", self.commercial_partner_id.ids)])
        for company, some in known.grouped("company_id").items():
            profiles._judge_quality(company, some.partner_id.ids)

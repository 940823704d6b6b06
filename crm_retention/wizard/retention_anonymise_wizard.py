from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

MOST = 200  # customers at once: each is looked up in many tables


class RetentionAnonymiseWizard(models.TransientModel):
    """Forgets customers as persons: numbers stay, names and texts go."""

    _name = "retention.anonymise.wizard"
    _description = "Anonymise Customers"

    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Customers",
        default=lambda self: self._default_partner_ids(),
        context={"active_test": False},
    )
    person_count = fields.Integer(
        string="Contacts to Anonymise", compute="_compute_persons"
    )
    open_text = fields.Text(string="Still Open", compute="_compute_persons")
    never_write = fields.Boolean(
        string="Never Write to These Addresses Again",
        default=True,
        help="Keeps a fingerprint of each e-mail address and phone number. Should one "
        "come back by an import or a form, it is put on the blacklist at once. "
        "Addresses that are barred already stay barred in any case.",
    )
    is_sure = fields.Boolean(string="I know that this cannot be undone")

    @api.model
    def _default_partner_ids(self):
        context = self.env.context
        if context.get("active_model") == "res.partner":
            return [Command.set(context.get("active_ids", []))]
        if context.get("active_model") == "retention.profile":
            profiles = self.env["retention.profile"].browse(context["active_ids"])
            return [Command.set(profiles.partner_id.ids)]
        return []

    @api.depends("partner_ids")
    def _compute_persons(self):
        for wizard in self:
            customers = wizard.partner_ids.commercial_partner_id._origin
            wizard.person_count = len(customers._retention_get_persons())
            wizard.open_text = customers._retention_describe_open()

    def action_apply(self):
        """Forget them, now."""
        self.ensure_one()
        if not self.env.user.has_group("crm_retention.group_retention_manager"):
            raise AccessError(self.env._("Only managers anonymise customers."))
        if not self.is_sure:
            raise UserError(
                self.env._("Confirm that you know that this cannot be undone.")
            )
        customers = self.partner_ids.commercial_partner_id
        if not customers or len(customers) > MOST:
            raise UserError(self.env._("Choose 1 to %s customers.", MOST))
        customers.check_access("write")
        # sudo: managers may; the texts are in tables of all apps
        customers.sudo()._retention_anonymise(self.never_write)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

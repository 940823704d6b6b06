from odoo import api, fields, models


class RetentionPolicyPreview(models.TransientModel):
    """What a policy would ask for, before it is put in force."""

    _name = "retention.policy.preview"
    _description = "Preview of a Contact Policy"

    policy_id = fields.Many2one(
        comodel_name="retention.contact.policy",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    state = fields.Selection(related="policy_id.state")
    customers = fields.Integer(readonly=True)
    contacts = fields.Integer(string="Contacts Planned", readonly=True)
    monthly = fields.Integer(string="Contacts a Month", readonly=True)
    customer_ids = fields.Json(readonly=True)
    text = fields.Char(readonly=True)
    person_ids = fields.One2many(
        comodel_name="retention.policy.preview.line",
        inverse_name="preview_id",
        domain=[("kind", "=", "person")],
        readonly=True,
    )
    channel_ids = fields.One2many(
        comodel_name="retention.policy.preview.line",
        inverse_name="preview_id",
        domain=[("kind", "=", "channel")],
        readonly=True,
    )
    refusal_ids = fields.One2many(
        comodel_name="retention.policy.preview.line",
        inverse_name="preview_id",
        domain=[("kind", "=", "refused")],
        readonly=True,
    )

    @api.model
    def _create_of(self, policy):
        """Work the preview of ``policy`` out and return it."""
        found = policy._preview()
        preview = self.create(
            {
                "policy_id": policy.id,
                "customers": found["customers"],
                "contacts": found["contacts"],
                "monthly": round(sum(found["channels"].values())),
                "customer_ids": found["ids"],
                "text": self._describe(found),
            }
        )
        preview.env["retention.policy.preview.line"].create(
            preview._prepare_persons(found["persons"])
            + preview._prepare_channels(found["channels"])
            + [
                preview._prepare("refused", reason, count)
                for reason, count in found["refused"].most_common()
            ]
        )
        return preview

    @api.model
    def _describe(self, found):
        if found["sample"] == found["customers"]:
            return False
        return self.env._(
            "Worked out from %(sample)s of the %(customers)s customers.",
            sample=found["sample"],
            customers=found["customers"],
        )

    def _prepare(self, kind, name, count, **values):
        self.ensure_one()
        return {"preview_id": self.id, "kind": kind, "name": name, "count": count} | (
            values
        )

    def _prepare_persons(self, persons):
        """Return a line a person, with the share of the capacity it takes."""
        company = self.policy_id.company_id
        users = self.env["res.users"].browse(each for each in persons if each)
        names = {user.id: user.name for user in users} | {None: self.env._("Nobody")}
        room = 21 * company.retention_daily_capacity  # working days of a month
        return [
            self._prepare(
                "person",
                names[user],
                count,
                share=round(100 * count / room) if room and user else 0,
            )
            for user, count in persons.most_common()
        ]

    def _prepare_channels(self, channels):
        names = {
            channel.id: channel.name
            for channel in self.env["retention.channel"].browse(channels)
        }
        return [
            self._prepare("channel", names[channel], count)
            for channel, count in channels.most_common()
        ]

    def action_view_customers(self):
        """List the customers whom the policy would serve."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of %s", self.policy_id.name),
            "res_model": "retention.profile",
            "view_mode": "list,form",
            "domain": [
                ("partner_id", "in", self.customer_ids or []),
                ("company_id", "=", self.policy_id.company_id.id),
            ],
        }

    def action_start(self):
        """Put the policy in force."""
        self.policy_id.action_start()
        return {"type": "ir.actions.act_window_close"}


class RetentionPolicyPreviewLine(models.TransientModel):
    """One figure of a preview."""

    _name = "retention.policy.preview.line"
    _description = "Figure of a Preview"
    _order = "count desc, id"

    preview_id = fields.Many2one(
        comodel_name="retention.policy.preview",
        required=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=[
            ("person", "Person"),
            ("channel", "Channel"),
            ("refused", "Not Planned"),
        ],
        required=True,
    )
    name = fields.Char(string="Who or What")
    count = fields.Float(string="A Month", digits=(16, 0))
    share = fields.Integer(string="Of the Capacity (%)")

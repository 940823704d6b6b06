from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetentionDuplicate(models.Model):
    """Two contacts that may be one customer, found by what they have in common."""

    _name = "retention.duplicate"
    _description = "Possible Duplicate"
    _order = "strength desc, id"
    _rec_name = "partner_id"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    other_id = fields.Many2one(
        comodel_name="res.partner",
        string="Alike",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    by_email = fields.Boolean(string="Same E-mail", readonly=True)
    by_phone = fields.Boolean(string="Same Phone", readonly=True)
    by_vat = fields.Boolean(string="Same Tax ID", readonly=True)
    by_name = fields.Boolean(string="Same Name and Postcode", readonly=True)
    strength = fields.Integer(
        string="Alike in",
        readonly=True,
        help="In how many ways the two are alike.",
    )
    match_text = fields.Char(string="Why", compute="_compute_match_text")
    state = fields.Selection(
        selection=[("open", "To be looked at"), ("different", "Not the same")],
        string="Status",
        default="open",
        required=True,
        readonly=True,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Said by", readonly=True, ondelete="set null"
    )
    decided_on = fields.Date(readonly=True)

    _pair_unique = models.UniqueIndex(
        "(company_id, partner_id, other_id)", "Two contacts are one pair."
    )
    _order_of_pair = models.Constraint(
        "CHECK (partner_id < other_id)", "The older contact stands first."
    )

    @api.depends_context("lang")
    @api.depends("by_email", "by_phone", "by_vat", "by_name")
    def _compute_match_text(self):
        flags = ("by_email", "by_phone", "by_vat", "by_name")
        labels = {
            name: self._fields[name]._description_string(self.env) for name in flags
        }
        for pair in self:
            pair.match_text = ", ".join(labels[name] for name in flags if pair[name])

    def action_merge(self):
        """Open Odoo's own dialog that merges contacts, with these in it."""
        self.check_access("read")
        partners = self.partner_id | self.other_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge"),
            "res_model": "base.partner.merge.automatic.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": "res.partner", "active_ids": partners.ids},
        }

    def action_different(self):
        """Note that these are different customers: they are not shown again."""
        self._decide("different")

    def action_look_again(self):
        """Take back that these are different customers."""
        self._decide("open")

    def _decide(self, state):
        """Keep what a person says about pairs of his own customers."""
        if not self.env.user.has_group("crm_retention.group_retention_user"):
            raise AccessError(self.env._("Only people of retention decide on this."))
        self.check_access("read")
        decided = state != "open"
        # sudo: pairs are written by the evaluation; the right to see them is enough
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid if decided else False,
                "decided_on": fields.Date.context_today(self) if decided else False,
            }
        )
        # sudo: as above
        profiles = self.env["retention.profile"].sudo()
        for company, pairs in self.grouped("company_id").items():
            profiles._judge_quality(company, (pairs.partner_id | pairs.other_id).ids)

    @api.model
    def _drop_partners(self, partners):
        """Remove pairs of contacts that go: merged ones, or whose data goes."""
        ids = partners.ids
        self.search(["|", ("partner_id", "in", ids), ("other_id", "in", ids)]).unlink()

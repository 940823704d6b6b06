from odoo import api, fields, models
from odoo.fields import Domain

RULES = {"domain", "category_id", "company_id", "owner_id"}


class RetentionLabelRule(models.Model):
    """Which customers carry a tag: set once a month, and taken away again.

    Says it of profiles, so that figures, stage and tier count. A tag that a person
    gave stays; one that a person took away does not come back until the customer has
    stopped fitting once.
    """

    _name = "retention.label.rule"
    _description = "Label Rule"
    _inherit = ["mail.thread", "retention.population"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="Switched off, the tags that the rule set are taken away.",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="The condition is read with this person's rights.",
    )
    domain = fields.Char(
        string="Customers Where",
        default="[]",
        required=True,
        tracking=True,
        help="Which customers carry the tag. Empty: all customers.",
    )
    category_id = fields.Many2one(
        comodel_name="res.partner.category",
        string="Tag",
        required=True,
        ondelete="restrict",
        tracking=True,
        index=True,
    )
    color = fields.Integer(related="category_id.color")
    applied_on = fields.Date(
        string="Set on",
        readonly=True,
        copy=False,
        help="Tags are set and taken away on the first night of a month, and on the "
        "next night after the rule has changed.",
    )
    history_ids = fields.One2many(
        comodel_name="retention.label.history", inverse_name="rule_id"
    )
    fit_count = fields.Integer(
        string="Fit Now", compute="_compute_counts", help="Customers the rule is about."
    )
    label_count = fields.Integer(
        string="Tagged",
        compute="_compute_counts",
        help="By this rule, not by a person.",
    )

    def _compute_counts(self):
        counts = dict(
            self.env["retention.label.history"]._read_group(
                [("rule_id", "in", self.ids), ("date_to", "=", False)],
                ["rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.label_count = counts.get(rule, 0)
            # the reader's own customers, not the owner's
            rule.fit_count = self.env["retention.profile"].search_count(
                rule._population_domain()
                & Domain("company_id", "=", rule.company_id.id)
            )

    @api.constrains("domain", "owner_id")
    def _check_domain(self):
        self._check_population()

    def _population_owner(self):
        return self.owner_id

    def _population(self, limit=None, among=None):
        """Return the query of profiles (not of contacts, as other rules do).

        Who wishes not to be profiled gets no label.
        """
        domain = (
            self._population_domain()
            & Domain("company_id", "=", self.company_id.id)
            & Domain("no_profiling", "=", False)
        )
        if among is not None:
            domain &= Domain("partner_id", "in", list(among))
        profiles = (
            self.env["retention.profile"]
            .with_user(self._population_owner())
            .with_context(active_test=False, allowed_company_ids=self.company_id.ids)
        )
        return profiles._search(domain, limit=limit)

    # ---- shipped ones --------------------------------------------------------------

    @api.model
    def _create_default(self, companies):
        """Give each of ``companies`` without a rule the shipped ones, switched off."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        model = self.with_context(lang=None)
        model.create(
            [
                {
                    "name": category.name,
                    "category_id": category.id,
                    "domain": domain,
                    "sequence": number,
                    "company_id": company.id,
                    "owner_id": self.env.ref("base.user_root").id,
                    "active": False,
                }
                for company in companies - have.company_id
                for number, (category, domain) in enumerate(self._get_shipped(), 1)
            ]
        )

    @api.model
    def _get_shipped(self):
        """Return (tag, domain) of each shipped rule whose tag is still there."""
        found = []
        for name, domain in (
            ("high_value", "[('tier_id.band', '=', 'high')]"),
            ("active", "[('behavior', 'in', ['new', 'occasional', 'regular'])]"),
            ("leaving", "[('behavior', '=', 'quiet')]"),
            ("lost", "[('behavior', '=', 'lost')]"),
        ):
            category = self.env.ref(
                f"crm_retention.label_{name}", raise_if_not_found=False
            )
            if category:
                found.append((category.with_context(lang=None), domain))
        return found

    # ---- changing ------------------------------------------------------------------

    @api.onchange("category_id")
    def _onchange_category_id(self):
        if self.category_id and not self.name:
            self.name = self.category_id.name

    def write(self, vals):
        off = "active" in vals and not vals["active"]
        moved = self.filtered(
            lambda rule: any(
                name in vals and rule[name].id != vals[name]
                for name in ("category_id", "company_id")
            )
        )
        (self if off else moved)._take_back("rule")
        result = super().write(vals)
        if RULES & set(vals) or vals.get("active"):
            super().write({"applied_on": False})
        return result

    def unlink(self):
        self._take_back("rule")
        return super().unlink()

    # ---- setting and taking away ---------------------------------------------------

    @api.model
    def _get_due(self, company, as_of):
        """Return the rules to apply: changed, or not yet this month."""
        return self.search(
            Domain("company_id", "=", company.id)
            & (
                Domain("applied_on", "=", False)
                | Domain("applied_on", "<", as_of.replace(day=1))
            )
        )

    def _apply(self, as_of):
        """Set and take away the tag of one rule; return how many tags moved."""
        self.ensure_one()
        # sudo: labels are set by the job, and by managers who may not edit contacts
        History = self.env["retention.label.history"].sudo()
        moved = History._follow(self, as_of)
        if self.applied_on != as_of:
            self.applied_on = as_of
        return moved

    def _take_back(self, cause):
        """Take away what these rules set and no other rule keeps up."""
        # sudo: as above
        History = self.env["retention.label.history"].sudo()
        for company, rules in self.grouped("company_id").items():
            rows = History.search(
                [("rule_id", "in", rules.ids), ("is_open", "=", True)]
            )
            rows._end(cause, company._retention_today())

    @api.model
    def _take_back_all(self):
        """Take away every tag that a rule set; what people tagged stays."""
        domain = [("active", "in", (True, False))]
        self.search(domain)._take_back("rule")
        self.env.flush_all()

    def action_apply(self):
        """Set and take away these tags now, without waiting for the night."""
        self.check_access("write")
        moved = sum(
            rule._apply(rule.company_id._retention_today())
            for rule in self.filtered("active")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s tags set or taken away.", moved),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_fitting(self):
        """Open the customers whom the rule is about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_profile_action"
        )
        domain = self._population_domain() & Domain(
            "company_id", "=", self.company_id.id
        )
        return action | {
            "domain": list(domain),
            "context": {},
            "display_name": self.name,
        }

    def action_view_history(self):
        """Open who got and lost the tag by this rule, and when."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_label_history_action"
        )
        return action | {"domain": [("rule_id", "=", self.id)], "context": {}}

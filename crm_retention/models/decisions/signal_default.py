from odoo import api, fields, models

FIELDS = ("days", "months", "share", "bound", "least", "false_share")
# what a rule of each kind begins with; parameters not named here it does not use
EMPTY = {"days": 0, "months": 0, "share": 0.0, "bound": 0.0, "least": 0}
BEGIN = {
    "overdue": {"share": 95.0, "least": 4},
    "drop": {"months": 3, "least": 6, "false_share": 2.0},
    "slow": {"months": 12, "least": 12, "false_share": 2.0},
    "amount": {"months": 3, "least": 6, "share": 20.0, "false_share": 2.0},
    "second": {"days": 45},
    "contacts": {"days": 90, "least": 6, "false_share": 2.0},
    "silent": {"days": 30, "least": 6},
    "satisfaction": {"days": 30, "share": 30.0, "least": 2, "severity": "high"},
    "complaints": {"days": 90, "bound": 2.0, "severity": "high"},
    "surveys": {"days": 730, "least": 3, "severity": "low"},
    "mails": {"days": 90, "share": 30.0, "least": 5, "severity": "low"},
    "campaigns": {"days": 180, "least": 3, "severity": "low"},
    "unsubscribed": {"days": 30},
    "overdue_invoices": {"days": 14, "bound": 0.0},
    "contract_end": {"days": 60},
    "tier_loss": {"days": 60},
    "stale_data": {"months": 12, "severity": "low"},
    "stage": {"days": 14},
}


class RetentionSignal(models.Model):
    """The rules that are shipped, and what a new rule of each kind begins with."""

    _inherit = "retention.signal"

    uses_days = fields.Boolean(compute="_compute_uses")
    uses_months = fields.Boolean(compute="_compute_uses")
    uses_share = fields.Boolean(compute="_compute_uses")
    uses_bound = fields.Boolean(compute="_compute_uses")
    uses_least = fields.Boolean(compute="_compute_uses")
    uses_false_share = fields.Boolean(compute="_compute_uses")

    @api.depends("kind")
    def _compute_uses(self):
        """Tell which parameters a rule of this kind goes by, for the form."""
        for signal in self:
            used = BEGIN.get(signal.kind, {})
            for name in FIELDS:
                signal[f"uses_{name}"] = name in used

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind in BEGIN:
            self.update(self._begin_with(self.kind))

    @api.model
    def _begin_with(self, kind):
        """Return the parameters with which a rule of this kind begins."""
        return EMPTY | {"false_share": 2.0, "severity": "medium"} | BEGIN[kind]

    @api.model
    def _get_shipped(self):
        """Return ``[(kind, name, whether it is switched on, more values)]``.

        On are those that tell what happened: a bad answer, a complaint, an overdue
        invoice. Those that conclude from figures wait until somebody has looked back
        at what they would have raised.
        """
        return [
            ("overdue", self.env._("Purchase overdue"), False, {}),
            ("drop", self.env._("Buys less often"), False, {}),
            ("slow", self.env._("Slow decline"), False, {}),
            ("amount", self.env._("Smaller purchases"), False, {}),
            ("second", self.env._("No second purchase"), False, {}),
            ("contacts", self.env._("Fewer answers"), False, {}),
            ("silent", self.env._("No longer visits"), False, {}),
            ("satisfaction", self.env._("Dissatisfied"), True, {}),
            ("complaints", self.env._("Complaints"), True, {}),
            ("surveys", self.env._("Surveys unanswered"), False, {}),
            ("mails", self.env._("Mailings unopened"), False, {}),
            ("campaigns", self.env._("Campaigns ignored"), False, {}),
            ("unsubscribed", self.env._("Unsubscribed"), True, {}),
            ("overdue_invoices", self.env._("Unpaid invoices"), True, {}),
            ("contract_end", self.env._("Offer about to expire"), False, {}),
            ("tier_loss", self.env._("Tier about to be lost"), False, {}),
            ("stale_data", self.env._("Data not confirmed"), False, {}),
            *self._get_shipped_stages(),
        ]

    @api.model
    def _get_shipped_stages(self):
        """Return the rules about stages, as :meth:`_get_shipped`: plays begin there."""
        stages = self.env["retention.stage"]._get_by_code()
        names = {
            "new": self.env._("New customer"),
            "at_risk": self.env._("At risk"),
            "dormant": self.env._("Dormant: win back"),
        }
        return [
            ("stage", name, False, {"stage_id": stages[code].id})
            for code, name in names.items()
            if code in stages
        ]

    @api.model
    def _create_default(self, companies):
        """Give companies without rules the shipped ones."""
        known = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        values = []
        for company in companies - known.company_id:
            signals = self.with_context(lang=company._retention_lang())
            values += [
                self._begin_with(kind)
                | {
                    "name": name,
                    "kind": kind,
                    "active": is_on,
                    "sequence": 10 * place,
                    "company_id": company.id,
                    "owner_id": self.env.user.id,
                }
                | more
                for place, (kind, name, is_on, more) in enumerate(
                    signals._get_shipped(), 1
                )
            ]
        return self.create(values)

from odoo import fields, models

from ...tools import lifecycle
from .res_company_lifecycle import FIELDS


def _of_company(name):
    """Return the default of a setting: what the company has."""
    return lambda self: self.env.company[name]


class ResConfigSettings(models.TransientModel):
    """The lifecycle's thresholds, saved together, and what other ones would change.

    Not related fields: those are written one by one, and in between the order of
    the stages would be wrong.
    """

    _inherit = "res.config.settings"

    retention_new_days = fields.Integer(default=_of_company("retention_new_days"))
    retention_own_from = fields.Integer(default=_of_company("retention_own_from"))
    retention_default_interval = fields.Integer(
        default=_of_company("retention_default_interval")
    )
    retention_loyal_from = fields.Integer(default=_of_company("retention_loyal_from"))
    retention_risk_factor = fields.Float(
        digits=(16, 2), default=_of_company("retention_risk_factor")
    )
    retention_risk_days = fields.Integer(default=_of_company("retention_risk_days"))
    retention_dormant_factor = fields.Float(
        digits=(16, 2), default=_of_company("retention_dormant_factor")
    )
    retention_dormant_days = fields.Integer(
        default=_of_company("retention_dormant_days")
    )
    retention_lost_factor = fields.Float(
        digits=(16, 2), default=_of_company("retention_lost_factor")
    )
    retention_lost_days = fields.Integer(default=_of_company("retention_lost_days"))
    retention_won_back_days = fields.Integer(
        default=_of_company("retention_won_back_days")
    )
    retention_active_days = fields.Integer(default=_of_company("retention_active_days"))
    retention_warm_days = fields.Integer(default=_of_company("retention_warm_days"))
    retention_lifecycle_preview = fields.Text(string="Preview", readonly=True)

    def set_values(self):
        result = super().set_values()
        self._save_lifecycle()
        return result

    def _save_lifecycle(self):
        """Give the company the thresholds that are other ones, all at once."""
        changed = {
            name: self[name] for name in FIELDS if self[name] != self.company_id[name]
        }
        if changed:
            self.company_id.write(changed)

    def action_preview_lifecycle(self):
        """Say how many customers would be in which stage; nothing is saved."""
        self.check_access("write")
        self.ensure_one()
        rules = lifecycle.Rules._make(self[name] for name in FIELDS)
        self.env["res.company"]._check_lifecycle_rules(rules)
        # sudo: administrators see settings; only numbers of customers are shown
        profiles = self.env["retention.profile"].sudo()
        counts = profiles._count_stages(self.company_id, rules)
        self.retention_lifecycle_preview = self._describe_stages(counts)
        view = self.env.ref(
            "crm_retention.res_config_settings_view_form_lifecycle_preview"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Would Change"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def action_apply_lifecycle(self):
        """Save the thresholds that were previewed, and nothing else."""
        self.check_access("write")
        self.ensure_one()
        self._save_lifecycle()
        return {"type": "ir.actions.act_window_close"}

    def _describe_stages(self, counts):
        """Return a line per stage: customers now and then; and how many move."""
        stages = self.env["retention.stage"]._get_by_code().values()
        lines = [
            self.env._(
                "%(stage)s: %(now)s now, %(then)s then",
                stage=stage.name,
                now=sum(n for (now, _then), n in counts.items() if now == stage.code),
                then=sum(n for (_n, then), n in counts.items() if then == stage.code),
            )
            for stage in stages
        ]
        moves = sum(n for (now, then), n in counts.items() if now != then)
        total = self.env._(
            "%(moves)s of %(all)s customers would move with the next evaluation.",
            moves=moves,
            all=sum(counts.values()),
        )
        return "\n".join([*lines, total])

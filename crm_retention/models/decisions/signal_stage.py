from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...tools.signals import Finding


class RetentionSignal(models.Model):
    """Customers who came into a stage of the lifecycle: for plays that begin there."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        return [
            *super()._selection_kind(),
            ("stage", self.env._("Came into a stage of the lifecycle")),
        ]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "stage": self.env._(
                "Customers who came into the stage within the days looked back, and "
                "are in it still. For plays that begin there: a first purchase, a long "
                "silence."
            )
        }

    @api.constrains("kind", "stage_id", "days")
    def _check_stage(self):
        for signal in self:
            if signal.kind == "stage" and not (signal.stage_id and signal.days):
                raise ValidationError(
                    self.env._(
                        "%(name)s: choose the stage, and how many days back it counts.",
                        name=signal.name,
                    )
                )

    def _find_stage(self, scope):
        """Find those who came into the stage, from the history of stages."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, date_from, reason
                  FROM retention_stage_history history
                 WHERE company_id = %(company)s AND stage_id = %(stage)s
                   AND date_from <= %(day)s AND date_from > %(day)s - %(days)s
                   AND (date_to IS NULL OR date_to > %(day)s)
                   AND previous_stage_id IS NOT NULL AND %(customers)s
                """,
                company=scope.company.id,
                stage=self.stage_id.id,
                day=scope.as_of,
                days=self.days,
                customers=scope.of(SQL("history.partner_id")),
            )
        )
        found = [
            Finding(customer, 0.6, since=begun, words={"reason": reason})
            for customer, begun, reason in rows
        ]
        return found, 0

    def _say_stage(self, finding, say_day):
        return self.env._(
            "%(stage)s since %(day)s: %(reason)s",
            stage=self.stage_id.name,
            day=say_day(finding.since),
            reason=finding.words["reason"] or "",
        )

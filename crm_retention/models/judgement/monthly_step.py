from odoo import api, models

OFFERS = ("next", "together")


class RetentionProfile(models.Model):
    """What is judged once a month, in the first night that comes: offers, labels."""

    _inherit = "retention.profile"

    @api.model
    def _step_predict(self, run):
        """Predict, then do what is due this month, one part a transaction.

        The cursor of the parts is ``{"monthly": [parts to do]}``.
        """
        parts = (run.cursor or {}).get("monthly")
        if parts is None:
            seen, changed, cursor = super()._step_predict(run)
            parts = None if cursor else self._get_monthly_parts(run)
            return seen, changed, cursor or (parts and {"monthly": parts})
        part, *later = parts
        changed = self._do_monthly_part(run, part)
        return 0, changed, {"monthly": later} if later else None

    @api.model
    def _get_monthly_parts(self, run):
        """Return what is due, in order; nothing by day and in replays of the past."""
        if run.kind == "light" or self.env.context.get("retention_replay"):
            return []
        company, month = run.company_id, run.as_of.replace(day=1)
        parts = []
        if not company.retention_offers_on or company.retention_offers_on < month:
            parts += [f"offers_{kind}" for kind in OFFERS]
        if self.env["retention.label.rule"]._get_due(company, run.as_of):
            parts.append("labels")
        return parts

    @api.model
    def _do_monthly_part(self, run, part):
        """Do one part; return how many rows it wrote."""
        company = run.company_id
        if part == "labels":
            rules = self.env["retention.label.rule"]._get_due(company, run.as_of)
            return run._in_pieces(
                rules, lambda some: sum(rule._apply(run.as_of) for rule in some)
            )
        kind = part.removeprefix("offers_")
        count = self.env["retention.offer.rule"]._refresh(company, kind, run.as_of)
        if kind == OFFERS[-1]:
            company.retention_offers_on = run.as_of
        return count

from odoo import api, fields, models


class RetentionRun(models.Model):
    """How far a finished collect step has read."""

    _inherit = "retention.run"

    bookmark = fields.Json(readonly=True)

    def _get_last_bookmark(self, before=None):
        """Return the last finished collection, begun ``before`` a moment; or none."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("step", "=", "collect"),
            ("state", "=", "done"),
            ("bookmark", "!=", False),
            ("id", "!=", self.id),
        ]
        if before:
            domain.append(("started_at", "<=", before))
        return self.search(domain, limit=1)

    @api.model
    def _collect_anew(self):
        """Let the next collection of every company look at everything again."""
        # sudo: whoever changes what counts as a contact may have it counted again
        runs = self.sudo().search([("step", "=", "collect"), ("bookmark", "!=", False)])
        runs.bookmark = False

from odoo import api, fields, models


class RetentionRun(models.Model):
    """The last step of a night: what each customer did is counted month by month."""

    _inherit = "retention.run"

    step = fields.Selection(
        selection_add=[("measure", "Measure")], ondelete={"measure": "cascade"}
    )

    @api.model
    def _get_steps(self):
        return super()._get_steps() | {"measure": "retention.month"}

    @api.model
    def _get_last_measured(self, company):
        """Return the last finished run that counted the months of ``company``."""
        done = [
            ("company_id", "=", company.id),
            ("step", "=", "measure"),
            ("state", "=", "done"),
            ("kind", "in", ["night", "full"]),
        ]
        return self.search(done, order="as_of desc, id desc", limit=1)

    @api.model
    def _plan_measure(self, company):
        """Plan counting the months of all customers of ``company``, without a pass."""
        return self.create(
            {
                "company_id": company.id,
                "step": "measure",
                "kind": "full",
                "as_of": company._retention_today(),
                "user_id": self.env.uid,
                "total": self._get_expected(company),
            }
        )

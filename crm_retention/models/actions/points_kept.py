from odoo import api, models
from odoo.exceptions import UserError


class RetentionPointsKept(models.AbstractModel):
    """A table that the ORM never writes: postings do, with statements of their own."""

    _name = "retention.points.kept"
    _description = "Rows That Only Postings Write"

    # pylint: disable=method-required-super
    # nobody but a posting writes these rows, and it does not ask the ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_change()

    def write(self, vals):
        if vals:
            self._refuse_change()
        return True

    def unlink(self):
        if self:
            self._refuse_change()
        return True

    @api.model
    def _refuse_change(self):
        raise UserError(
            self.env._(
                "%(what)s are written by postings only and never changed. To correct "
                "one, reverse it or adjust the account, with a reason.",
                what=self.env["ir.model"]._get(self._name).name,
            )
        )

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetentionPointsProgram(models.Model):
    """What becomes of a program once customers have accounts in it."""

    _inherit = "retention.points.program"

    account_ids = fields.One2many(
        comodel_name="retention.points.account", inverse_name="program_id"
    )

    def write(self, vals):
        fixed = {"company_id", "currency_id"} & set(vals)
        if fixed and any(
            program[name].id != vals[name]
            for program in self._get_used()
            for name in fixed
        ):
            raise ValidationError(
                self.env._("A program with accounts keeps its company and currency.")
            )
        if "start_date" in vals and "settled_on" not in vals:
            vals = dict(vals, settled_on=False)  # older documents may earn now
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Say what to do instead; the database would only refuse."""
        used = self._get_used()[:1]
        if used:
            raise ValidationError(
                self.env._(
                    "Customers have points of %(program)s: archive it instead.",
                    program=used.name,
                )
            )

    def _get_used(self):
        """Return those of these programs in which customers have accounts."""
        # sudo: accounts of customers one may not read count as well
        accounts = self.env["retention.points.account"].sudo()
        groups = accounts._read_group([("program_id", "in", self.ids)], ["program_id"])
        return self.browse(program.id for (program,) in groups)

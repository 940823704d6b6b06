from odoo import fields, models


class ResCompany(models.Model):
    """How long after a contact a purchase is looked at together with it."""

    _inherit = "res.company"

    retention_conversion_days = fields.Integer(
        string="A Purchase Counts within (days)",
        default=14,
        help="A purchase at most so many days after a contact or a mailing is counted "
        "as following it. All figures are counted anew when you change this.",
    )

    _retention_conversion_sane = models.Constraint(
        "CHECK (retention_conversion_days BETWEEN 1 AND 365)",
        "A purchase counts within 1 to 365 days after a contact.",
    )

    def write(self, vals):
        days = vals.get("retention_conversion_days")
        changed = self.filtered(
            lambda company: days and company.retention_conversion_days != days
        )
        result = super().write(vals)
        if changed:
            # sudo: the job belongs to the administrator; who may set it may start it
            runs = self.env["retention.run"].sudo()
            for company in changed:
                runs |= runs._plan_measure(company)
            runs._wake()
        return result

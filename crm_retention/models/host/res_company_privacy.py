from odoo import fields, models


class ResCompany(models.Model):
    """How long what was noted about persons is kept."""

    _inherit = "res.company"

    retention_keep_events = fields.Integer(
        string="Visits, Logins and Uses (months)",
        default=36,
        help="Older ones are removed. 0: all are kept.",
    )
    retention_keep_notes = fields.Integer(
        string="Notes on Contacts (months)",
        help="The text of older contacts is emptied; that there was one stays. 0: all "
        "are kept.",
    )
    retention_keep_decisions = fields.Integer(
        string="Decisions about Sending (months)",
        default=24,
        help="Older lines of why something was sent or not are removed. 0: all are "
        "kept.",
    )
    retention_forget_months = fields.Integer(
        string="Propose to Forget after (months)",
        help="Customers of whom nothing was heard for so long are proposed to be "
        "anonymised; a person decides. 0: nobody is proposed.",
    )

    _retention_keep_sane = models.Constraint(
        """CHECK (retention_keep_events BETWEEN 0 AND 240
            AND retention_keep_notes BETWEEN 0 AND 240
            AND retention_keep_decisions BETWEEN 0 AND 240
            AND retention_forget_months BETWEEN 0 AND 240)""",
        "Months are from 0 to 240.",
    )

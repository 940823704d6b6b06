from odoo import fields, models


class ResCompany(models.Model):
    """How satisfaction is asked for, and what follows from the answers."""

    _inherit = "res.company"

    retention_csat_hours = fields.Integer(
        string="Ask about a Ticket after (hours)",
        default=2,
        help="So long after a ticket was closed its customer is asked how it went, "
        "once, if the last stage has a rating e-mail.",
    )
    retention_survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Survey in the Portal",
        default=lambda self: self.env.ref(
            "crm_retention.survey_nps", raise_if_not_found=False
        ),
        ondelete="set null",
        help="Customers answer it on their own page, when the limit on surveys allows "
        "it. Empty: nothing is asked there.",
    )
    retention_call_back_hours = fields.Integer(
        string="Call Back within (hours)",
        default=24,
        help="After a low answer a call is planned that has to be made so soon. 0: "
        "nobody calls.",
    )
    retention_call_back_first = fields.Selection(
        selection=[
            ("agent", "Who worked on the ticket, else the salesperson"),
            ("salesperson", "The salesperson, else who worked on the ticket"),
        ],
        string="Who Calls Back",
        default="agent",
        required=True,
    )
    retention_call_back_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Where There Is Neither",
        domain=[("share", "=", False)],
        ondelete="set null",
    )
    retention_ask_promoters = fields.Boolean(
        string="Thank Promoters",
        help="Who answers 9 or 10 gets a call: thanks, and whom else we could help.",
    )

    _retention_feedback_sane = models.Constraint(
        """CHECK (retention_csat_hours BETWEEN 0 AND 240
            AND retention_call_back_hours BETWEEN 0 AND 240)""",
        "Hours are from 0 to 240.",
    )

    def _retention_offer_survey(self):
        """Offer the shipped survey in the portal; to companies of before it came."""
        self.retention_survey_id = self.env.ref(
            "crm_retention.survey_nps", raise_if_not_found=False
        )

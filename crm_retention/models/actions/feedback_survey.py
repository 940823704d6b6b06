from odoo import api, models


class RetentionFeedback(models.Model):
    """What a survey asks of whom, from the moment of the invitation on."""

    _inherit = "retention.feedback"

    @api.model
    def _note_asked(self, inputs, company):
        """Keep that these participations were invited: one row a measured question."""
        channels = self.env["retention.channel"]._get_ids_by_code()
        # sudo: kept by the suite, whoever invites
        return self.sudo().create(
            [
                {
                    "key": f"survey.user_input:{each.id}:{kind}",
                    "kind": kind,
                    "state": "asked",
                    "partner_id": each.partner_id.commercial_partner_id.id,
                    "person_id": each.partner_id.id,
                    "company_id": company.id,
                    "survey_id": each.survey_id.id,
                    "input_id": each.id,
                    "user_id": each.partner_id.commercial_partner_id.user_id.id,
                    "channel_id": channels.get("email"),
                    "invited_at": each.retention_invited_at,
                }
                for each in inputs
                for kind in each.survey_id._retention_get_kinds()
            ]
        )

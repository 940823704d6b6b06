from odoo import models


class SurveySurvey(models.Model):
    """A survey as the suite invites to it."""

    _inherit = "survey.survey"

    def _retention_asks_opinion(self):
        """Tell whether it asks what people think; not what they know, as exams do."""
        self.ensure_one()
        return (
            not self.certification
            and self.scoring_type == "no_scoring"
            and self.survey_type != "assessment"
        )

    def _retention_get_kinds(self):
        """Return the kinds of satisfaction that this survey measures, each once."""
        self.ensure_one()
        kinds = self.question_ids.mapped("retention_kind")
        return list(dict.fromkeys(filter(None, kinds)))

    def _retention_open_inputs(self, persons, invited_at=False):
        """Open a participation for each person, in one batch.

        :param invited_at: when they are invited; not for who comes by himself.
        :return: the participations, in the order of the persons.
        """
        self.ensure_one()
        # sudo: who answers has a link, and no rights on surveys
        inputs = self.env["survey.user_input"].sudo()
        return inputs.create(
            [
                {
                    "survey_id": self.id,
                    "partner_id": person.id,
                    "email": person.email,
                    "nickname": person.name,
                    "invite_token": inputs._generate_invite_token(),
                    "retention_invited_at": invited_at,
                }
                for person in persons
            ]
        )

from odoo import api, fields, models
from odoo.exceptions import ValidationError

INVITATION = "crm_retention.mail_template_survey"


class RetentionCadence(models.Model):
    """A rhythm that asks: its mail invites to a survey, each person by an own link."""

    _inherit = "retention.cadence"

    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        domain=[("survey_type", "in", ("survey", "custom"))],
        ondelete="restrict",
        help="The e-mail invites to this survey. The limit on surveys decides whether "
        "it is time to ask.",
    )
    mail_template_id = fields.Many2one(
        domain="[('model', '=', survey_id and 'survey.user_input' or 'res.partner')]"
    )

    @api.onchange("survey_id")
    def _onchange_survey_id(self):
        for line in self:
            wanted = "survey.user_input" if line.survey_id else "res.partner"
            if line.mail_template_id.model != wanted:
                line.mail_template_id = (
                    line._get_invitation() if line.survey_id else False
                )

    @api.model
    def _get_invitation(self):
        """Return the shipped invitation, or none where somebody deleted it."""
        template = self.env.ref(INVITATION, raise_if_not_found=False)
        return template or self.env["mail.template"]

    @api.constrains("survey_id", "mail_template_id", "mode")
    def _check_survey(self):
        for line in self:
            template = line.mail_template_id
            wanted = "survey.user_input" if line.survey_id else "res.partner"
            if template and template.model != wanted:
                raise ValidationError(
                    self.env._(
                        "%(line)s: the e-mail “%(template)s” cannot be used here. An "
                        "invitation to a survey is an e-mail about survey answers, all "
                        "others are about contacts.",
                        line=line.name,
                        template=template.name,
                    )
                )
            if line.survey_id and line.mode != "automatic":
                raise ValidationError(
                    self.env._(
                        "%(line)s: a survey is sent automatically, by e-mail.",
                        line=line.name,
                    )
                )

from odoo import api, models


class RetentionSuppressionMet(models.AbstractModel):
    """For records with addresses: a barred one goes on the blacklist as it comes.

    Checked after saving, by the normalised addresses; as long as nobody was
    forgotten this costs nothing.
    """

    _name = "retention.suppression.met"
    _description = "Records by Which a Barred Address May Come Back"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._retention_meet_suppression()
        return records

    def write(self, vals):
        result = super().write(vals)
        if {"email", "email_from", "phone"} & set(vals):
            self._retention_meet_suppression()
        return result

    def _retention_meet_suppression(self):
        # sudo: fingerprints are compared, whoever saves; nothing is shown
        barred = self.env["retention.suppression"].sudo()
        if not barred._has_any():
            return
        mails, phones = [], []
        if "email_normalized" in self._fields:
            mails = self.mapped("email_normalized")
        if "phone_sanitized" in self._fields:
            phones = self.mapped("phone_sanitized")
        barred._meet(mails, phones)

from odoo import models


class SmsComposer(models.TransientModel):
    """Asks the guard once more before the SMS of a mailing are made."""

    _inherit = "sms.composer"

    def _action_send_sms_mass(self, records=None):
        records = records if records is not None else self._get_records()
        # the field comes with Odoo's SMS marketing, where that is installed
        if "mailing_id" in self._fields and self.mailing_id:
            allowed = self.mailing_id._retention_allow_batch(records.ids)
            records = records.browse(allowed)
            if not records:
                return self.env["sms.sms"]
        return super()._action_send_sms_mass(records)

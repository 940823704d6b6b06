from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Bring wishes to one a company, which core's plain UPDATE cannot."""
        # sudo: who may merge contacts may merge what they wished
        self.env["retention.wish"].sudo()._merge(src_partners, dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

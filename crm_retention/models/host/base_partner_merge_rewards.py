from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Bring benefits and referrals to one each, which core's UPDATE cannot."""
        # sudo: who may merge contacts may merge what tiers set on them
        self.env["retention.benefit"].sudo()._merge(src_partners, dst_partner)
        # sudo: as above, for who brought them
        self.env["retention.referral"].sudo()._merge(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

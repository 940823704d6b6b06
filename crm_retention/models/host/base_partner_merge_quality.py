from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Pairs and proposals about merged contacts are done with."""
        everyone = src_partners | dst_partner
        # sudo: who may merge contacts may remove what was found about them
        self.env["retention.duplicate"].sudo()._drop_partners(everyone)
        corrections = self.env["retention.correction"].sudo()  # sudo: as above
        corrections.search([("partner_id", "in", src_partners.ids)]).unlink()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

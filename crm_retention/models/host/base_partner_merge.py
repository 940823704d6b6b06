from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Bring our rows to one profile and one open membership before core moves them.

        Core moves by plain UPDATE, and where a unique constraint stands in the way
        it deletes the source's rows; a unique index it does not even see.
        """
        # sudo: who may merge contacts may merge what we keep about them
        self.env["retention.profile"].sudo()._merge(src_partners, dst_partner)
        # sudo: as above
        self.env["retention.touch"].sudo()._merge(src_partners, dst_partner)
        # sudo: as above
        self.env["retention.cadence.state"].sudo()._merge(src_partners, dst_partner)
        # sudo: as above
        self.env["retention.points.account"].sudo()._merge(src_partners, dst_partner)
        # sudo: as above
        self.env["retention.risk"].sudo()._merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()  # core moved the rows behind the ORM's back
        # sudo: as above
        self.env["retention.profile"].sudo()._leave_entity(dst_partner)
        # sudo: as above
        self.env["retention.touch"].sudo()._follow_persons(dst_partner)
        self.env["retention.mark"]._add(dst_partner)
        return result

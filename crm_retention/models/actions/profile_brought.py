from odoo import api, models
from odoo.tools import SQL

from .retention_referral import HOLD, REWARDED


class RetentionProfile(models.Model):
    """Who brought whom, for the signs of high value."""

    _inherit = "retention.profile"

    @api.model
    def _brought_query(self, company):
        """Return the select of referrals whose friend has paid his first order."""
        self.env["retention.referral"].flush_model()
        return SQL(
            """
            SELECT holder.commercial_partner_id AS partner_id,
                   friend.commercial_partner_id AS friend_id
              FROM retention_referral referral
              JOIN retention_points_account account
                ON account.id = referral.account_id
              JOIN res_partner holder ON holder.id = account.partner_id
              JOIN res_partner friend ON friend.id = referral.friend_id
             WHERE referral.company_id = %s AND referral.state IN %s
               AND referral.is_merged IS NOT TRUE
            """,
            company.id,
            (HOLD, REWARDED),
        )

from odoo import api, fields, models


class RetentionProfile(models.Model):
    """What to offer a customer next."""

    _inherit = "retention.profile"

    offer_ids = fields.One2many(
        comodel_name="retention.offer.rule",
        string="Next Best Offers",
        compute="_compute_offer_ids",
        help="What customers who bought the same went on to buy. Never what was just "
        "bought or given back.",
    )
    offer_text = fields.Char(string="Next Best Offer", compute="_compute_offer_ids")

    @api.depends_context("lang", "uid")
    @api.depends("partner_id", "company_id", "segment_id")
    def _compute_offer_ids(self):
        rules = self.env["retention.offer.rule"]
        for company, profiles in self.grouped("company_id").items():
            found = rules._suggest(company, profiles.partner_id)
            for profile in profiles:
                profile.offer_ids = found[profile.partner_id]
                profile.offer_text = profile.offer_ids[:1]._describe_offer()

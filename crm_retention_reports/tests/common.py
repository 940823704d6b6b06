from datetime import timedelta

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon


class ReportCommon(RetentionCommon):
    """Some customers whose tiers moved: two years of purchases, judged quarterly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        industry = cls.env["res.partner.industry"].create({"name": "Baking"})
        cls.customers = cls.make_customers(12)
        cls.customers[:5].industry_id = industry
        for place, customer in enumerate(cls.customers, 1):
            cls.buy(customer, *cls.history(place))
        cls.days = [TODAY - timedelta(days=90 * n) for n in range(8, -1, -1)]
        cls.Run._replay(cls.company, cls.days)
        cls.env.invalidate_all()

    @classmethod
    def history(cls, place):
        """Purchases of the customer at ``place``: some grow, some stop, some return."""
        every = 20 + 9 * place
        first, last = 730 - 25 * place, 300 if place % 4 == 0 else 1
        bought = [
            (ago, 100 * place if place % 3 else 30 * (place + 800 - ago))
            for ago in range(first, last, -every)
        ]
        refunds = [(ago - 2, -amount / 4) for ago, amount in bought[::5] if ago > 5]
        return bought + refunds

    def tier_on(self, partner, day, company=None):
        """Return the tier that ``partner`` held on ``day``, read plainly."""
        held = self.Membership.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or self.company).id),
                ("date_from", "<=", day),
            ]
        ).filtered(lambda row: not row.date_to or row.date_to > day)
        self.assertLessEqual(len(held), 1)
        return held.tier_id

from odoo import models

SHOWN = 50


class RetentionPointsAccount(models.Model):
    """What a customer is shown of the rewards he got, as plain values."""

    _inherit = "retention.points.account"

    def _get_portal_exchanges(self):
        """Return the customer's rewards, unused ones first, then the latest."""
        self.ensure_one()
        Exchange = self.env["retention.reward.exchange"]
        states = dict(Exchange._fields["state"]._description_selection(self.env))
        rows = Exchange.search([("account_id", "=", self.id)], limit=SHOWN)
        return [
            {
                "id": row.id,
                "reward": row.reward_id.name,
                "date": row.date,
                "points": row.points,
                "code": row.code if row.state == "issued" else False,
                "amount": row.amount_text,
                "expires_on": row.expires_on if row.state == "issued" else False,
                "is_open": row.state == "issued",
                "state": states[row.state],
            }
            for row in rows.sorted(lambda row: row.state != "issued")
        ]


class RetentionRewardExchange(models.Model):
    """What is said to the customer after the exchange."""

    _inherit = "retention.reward.exchange"

    def _describe_for_customer(self):
        """Say what was handed out and what to do with it."""
        self.ensure_one()
        if self.code:
            return self.env._(
                "%(reward)s is yours. Your code: %(code)s",
                reward=self.reward_id.name,
                code=self.code,
            )
        if self.amount_text:
            return self.env._("%s is on your e-wallet now.", self.amount_text)
        return self.env._("%s is yours. We get in touch.", self.reward_id.name)

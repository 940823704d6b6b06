from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import caps

PURCHASE = "purchase"  # a way by which customers come to us
MOST_A_MONTH = 30


class RetentionWish(models.Model):
    """What a person says in the portal about being contacted: for himself."""

    _inherit = "retention.wish"

    @api.model
    def _get_portal_values(self, partner, company):
        """Return what the person wishes and agreed to, and what there is to choose."""
        wish = self._of_person(partner, company)
        channels = self.env["retention.channel"].search([("code", "!=", PURCHASE)])
        return {
            "channel_id": wish.channel_id.id,
            "most_a_month": wish.most_a_month,
            "pause_until": wish.pause_until,
            "channels": [{"id": each.id, "name": each.name} for each in channels],
            "purposes": [
                {
                    "id": purpose.id,
                    "name": purpose.name,
                    "is_granted": self._is_granted(word, purpose),
                }
                for purpose, word in self._get_words(partner, company)
            ],
        }

    @api.model
    def _of_person(self, partner, company):
        return self.search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        )

    @api.model
    def _is_granted(self, word, purpose):
        return word.state == "granted" if word else not purpose.must_agree

    @api.model
    def _get_words(self, partner, company):
        """Return ``[(purpose, latest word or None)]`` of a person."""
        rows = self.env["retention.consent"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("channel_id", "=", False),
            ]
        )
        words = [
            caps.Word(row.given_at, row.id, row.state, None, row.purpose_id.id or None)
            for row in rows
        ]
        return [
            (purpose, caps.latest_word(words, None, purpose.id))
            for purpose in self.env["retention.purpose"].search([])
        ]

    @api.model
    def _note_portal(self, partner, company, wish, purpose_ids):
        """Keep what the person chose; only what is different becomes a new word.

        :param wish: ``channel_id``, ``most_a_month``, ``pause_until``.
        :param purpose_ids: what he wants to hear about; all others not.
        """
        if not 0 <= wish["most_a_month"] <= MOST_A_MONTH:
            raise UserError(
                self.env._("Choose a number of contacts from 0 to %s.", MOST_A_MONTH)
            )
        whose = {"partner_id": partner.id, "company_id": company.id}
        known = self._of_person(partner, company)
        if known and not any(wish.values()):
            known.unlink()
        elif known:
            known.write(wish)
        elif any(wish.values()):
            self.create(whose | wish)
        words = [
            whose
            | {
                "purpose_id": purpose.id,
                "state": self._get_new_state(purpose.id in purpose_ids, word),
                "given_at": fields.Datetime.now(),
                "how": "portal",
                "proof": self.env._("Said in the portal"),
            }
            for purpose, word in self._get_words(partner, company)
            if (purpose.id in purpose_ids) != self._is_granted(word, purpose)
        ]
        self.env["retention.consent"].create(words)

    @api.model
    def _get_new_state(self, is_wanted, word):
        if is_wanted:
            return "granted"
        return "withdrawn" if word and word.state == "granted" else "refused"

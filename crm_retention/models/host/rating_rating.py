from odoo import api, models

TOLD = {"consumed", "rating", "feedback"}


class RatingRating(models.Model):
    """A rating of a ticket is known as feedback at once."""

    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._retention_take_in()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if not TOLD.isdisjoint(vals):
            self._retention_take_in()
        return result

    def _retention_take_in(self):
        given = self.filtered(
            lambda each: each.consumed and each.res_model == "helpdesk.ticket"
        )
        if given:
            # sudo: the customer answers, or an agent for him; the suite keeps it
            self.env["retention.feedback"].sudo()._take_in_ratings(given.ids)

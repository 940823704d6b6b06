from odoo import fields, models


class ResPartner(models.Model):
    """The wish of a customer not to be profiled."""

    _inherit = "res.partner"

    retention_no_profiling = fields.Boolean(
        string="No Profiling",
        tracking=True,
        help="The customer wishes not to be profiled: no scores, no segment, no "
        "automatic tier, no stage, no health, no predictions and no warnings. What was "
        "judged so far goes at once. Purchases, points and contacts stay, and what is "
        "sent about orders, too.",
    )

    def write(self, vals):
        if "retention_no_profiling" not in vals:
            return super().write(vals)
        wish = bool(vals["retention_no_profiling"])
        changed = self.filtered(lambda each: each.retention_no_profiling != wish)
        result = super().write(vals)
        customers = changed.filtered(lambda each: each.commercial_partner_id == each)
        if customers:
            # sudo: who may note the wish has it carried out
            customers = customers.sudo()
            customers.env["retention.profile"]._follow_profiling_wish(customers)
        return result

    def _retention_note_profiling(self, wish, how):
        """Keep a customer's word on being profiled, and leave a note of how it came.

        :param how: a sentence, such as "Said in the portal".
        """
        self.ensure_one()
        if self.retention_no_profiling == wish:
            return
        self.retention_no_profiling = wish
        text = (
            self.env._("Wishes not to be profiled. %(how)s", how=how)
            if wish
            else self.env._("May be profiled again. %(how)s", how=how)
        )
        self._message_log(body=text)

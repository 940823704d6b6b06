from odoo import api, models

AT_ONCE = 1_000  # customers whose plan follows at once; that of more at night


class RetentionTouch(models.Model):
    """What moves the plan of some customers at once, not at night."""

    _inherit = "retention.touch"

    @api.model
    def _replan_at_once(self, partners):
        """Bring the plan of these contacts' customers in line, in every company.

        With many at once the next run does it; the guard knows at once anyway.
        """
        # sudo: whoever hands a customer over or says no for him moves his plan
        ids = partners.sudo().commercial_partner_id.ids
        if not 0 < len(ids) <= AT_ONCE:
            return
        # sudo: as above
        profiles = self.env["retention.profile"].sudo()._with_archived()
        judged = profiles._read_group(
            [("partner_id", "in", ids)], ["company_id"], ["partner_id:recordset"]
        )
        for company, customers in judged:
            self._replan(company, customers.ids)

    @api.model
    def _replan(self, company, customer_ids, as_of=None):
        """Bring the planned touches of these customers in line, at once."""
        ids = sorted(set(customer_ids))
        if not ids:
            return 0
        as_of = as_of or company._retention_today()
        # sudo: whoever logs a contact moves the plan, which nobody writes by hand
        model = self.sudo().with_company(company)
        model = model.with_context(lang=company._retention_lang())
        changed = model._plan_customers(company.sudo(), ids, as_of)  # sudo: as above
        if changed:
            users = model.search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", ids),
                    ("state", "=", "planned"),
                ]
            ).user_id
            changed += model._spread(company.sudo(), as_of, users.ids)  # sudo: as above
        return changed

    def _contacts_changed(self):
        """A contact moves what is planned for the customer, and closes its activity."""
        result = super()._contacts_changed()
        for company, touches in self.grouped("company_id").items():
            touches._replan(company, touches.partner_id.ids)
        return result

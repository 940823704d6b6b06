from collections import defaultdict

from odoo import api, models


class RetentionMarking(models.AbstractModel):
    """For documents that tell something of a customer: writing one marks him.

    ``_retention_marking_fields`` are the fields whose change matters (None: all).
    The customers before and after the change are marked, once each.
    """

    _name = "retention.marking"
    _description = "Document That Marks Its Customer"

    _retention_marking_fields = None

    def _retention_get_customers(self):
        """Return the contacts that these documents, as they now are, tell of."""
        return self.partner_id

    def _retention_get_marks(self):
        """Return the (company, contact) pairs of these documents."""
        return {
            (company, partner)
            for company, documents in self.grouped("company_id").items()
            for partner in documents._retention_get_customers()
        }

    @api.model
    def _retention_mark(self, pairs):
        partners = defaultdict(self.env["res.partner"].browse)
        for company, partner in pairs:
            partners[company] |= partner
        for company, group in partners.items():
            self.env["retention.mark"]._add(group, company)

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        self._retention_mark(documents._retention_get_marks())
        return documents

    def write(self, vals):
        matters = self._retention_marking_fields
        if matters is not None and matters.isdisjoint(vals):
            return super().write(vals)
        before = self._retention_get_marks()
        result = super().write(vals)
        self._retention_mark(before | self._retention_get_marks())
        return result

    def unlink(self):
        before = self._retention_get_marks()
        result = super().unlink()
        self._retention_mark(
            {(company, partner) for company, partner in before if partner.exists()}
        )
        return result

from odoo import api, models

MOVEMENTS_A_PAGE = 20
# a customer understands what is missing in these, not in scores and shares
PLAIN_METRICS = ("spend", "revenue_share", "orders")
# documents by whose name a customer knows his purchase
KNOWN_DOCUMENTS = ("account.move", "sale.order", "pos.order")


class RetentionPointsAccount(models.Model):
    """What a customer is shown of his account, as plain values.

    The page is made with more rights than the customer has: nothing but what these
    methods return gets there.
    """

    _inherit = "retention.points.account"

    @api.model
    def _get_of_portal(self, partner, company):
        """Return the accounts that a person may see in the portal of a company."""
        # sudo: customers have no rights on accounts; these are their own
        return (
            self.sudo()
            .search(
                [
                    ("partner_id", "=", partner.commercial_partner_id.id),
                    ("company_id", "=", company.id),
                    ("merged_into_id", "=", False),
                    ("program_id.active", "=", True),
                    ("program_id.portal_visible", "=", True),
                ]
            )
            .sorted(lambda account: (account.program_id.sequence, account.id))
        )

    def _get_portal_values(self):
        """Return the head of the page: balance, what expires when, tier, rules."""
        self.ensure_one()
        program = self.program_id
        return {
            "id": self.id,
            "program": program.name,
            "points": program.point_name,
            "available": self.available,
            "pending": self.pending,
            "debt": self.debt,
            "expiries": self._get_portal_days("expires_on", "open"),
            "releases": self._get_portal_days("available_on", "pending"),
            "tier": self._get_portal_tier() if program.portal_tier else None,
            "rules": program._describe_rules(),
            "terms": program.terms,
            "movement_count": self.entry_count,
        }

    def _get_portal_days(self, name, state):
        """Return ``[{"day", "points"}]``: how many points change on which day."""
        rows = self.env["retention.points.award"]._read_group(
            [
                ("account_id", "=", self.id),
                ("state", "=", state),
                ("remaining", ">", 0),
                (name, "!=", False),
            ],
            [f"{name}:day"],
            ["remaining:sum"],
            order=f"{name}:day",
        )
        return [{"day": day, "points": left} for day, left in rows]

    def _get_portal_tier(self):
        """Return tier and progress as the customer may read them, or None."""
        profile = self.env["retention.profile"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        if not profile.tier_id:
            return None
        is_plain = profile.program_id.metric in PLAIN_METRICS
        return {
            "name": profile.tier_id.name,
            "next": profile.next_tier_id.name,
            "progress": profile.progress,
            "missing": profile.next_text if is_plain and profile.next_tier_id else "",
            "falls_on": profile.fall_date,
            "keep": is_plain and profile.fall_date and profile._describe_keep(),
        }

    def _get_portal_movements(self, offset, limit=MOVEMENTS_A_PAGE):
        """Return the movements of one page, the latest first."""
        entries = self.env["retention.points.entry"].search(
            [("account_id", "=", self.id)], offset=offset, limit=limit, order="id desc"
        )
        kinds = dict(entries._fields["kind"]._description_selection(self.env))
        documents = self._get_portal_documents(entries)
        return [
            {
                "date": entry.date,
                "kind": kinds[entry.kind],
                "points": entry.points,
                "balance": entry.balance_after,
                "expires_on": entry.expires_on if entry.points > 0 else False,
                "document": documents.get((entry.res_model, entry.res_id)),
                "reason": entry.reason or "",
            }
            for entry in entries
        ]

    def _get_portal_documents(self, entries):
        """Return ``{(model, id): name}`` of the customer's own documents."""
        names = {}
        for model, rows in entries.grouped("res_model").items():
            if model not in KNOWN_DOCUMENTS or model not in self.env:
                continue
            documents = self.env[model].browse(set(rows.mapped("res_id"))).exists()
            for document in documents:
                if document.partner_id.commercial_partner_id == self.partner_id:
                    names[model, document.id] = document.name
        return names

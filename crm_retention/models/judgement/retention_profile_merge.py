from odoo import api, models


class RetentionProfile(models.Model):
    """What happens to judgements when contacts merge, move or go."""

    _inherit = "retention.profile"

    @api.model
    def _with_archived(self):
        """Return this model (or these profiles) seeing archived customers too."""
        return self.with_context(active_test=False)

    @api.model
    def _merge(self, sources, target):
        """Leave at most one profile a company and one open membership a program.

        The target's own rows win; a decision on a source's tier is kept where the
        target has none. Memberships of the past stay as they are: core then moves
        them to the target.
        """
        everyone = sources | target
        profiles = self._with_archived().search([("partner_id", "in", everyone.ids)])
        kept_of = {}
        for company, rows in profiles.grouped("company_id").items():
            ranked = rows.sorted(
                lambda row: (row.partner_id != target, -row.purchase_count)
            )
            kept, rest = ranked[0], ranked[1:]
            kept_of[company] = kept
            decided = ranked.filtered("has_override")[:1]
            if decided and decided != kept:
                kept.write(decided._copy_override())
            rest.unlink()
        memberships = self.env["retention.membership"].search(
            [("partner_id", "in", everyone.ids), ("date_to", "=", False)]
        )
        for company, rows in memberships.grouped("company_id").items():
            ranked = rows.sorted(
                lambda row: (row.partner_id != target, row.tier_id.sequence)
            )
            ranked[1:]._end("merge", company._retention_today())
            if company in kept_of:
                kept_of[company].tier_id = ranked[0].tier_id
        self._merge_stages(everyone, target, kept_of)
        self.env.flush_all()

    @api.model
    def _merge_stages(self, everyone, target, kept_of):
        """Leave one open stage a company: the target's, else the latest of a source.

        The next run judges it anew, from what has been bought together.
        """
        stages = self.env["retention.stage.history"]._get_open(everyone)
        for company, rows in stages.grouped("company_id").items():
            today = company._retention_today()
            ranked = rows.sorted("date_from", reverse=True).sorted(
                lambda row: row.partner_id != target
            )
            ranked[1:]._end("merge", today)
            if company in kept_of:
                kept_of[company].write(
                    {
                        "stage_id": ranked[0].stage_id.id,
                        "stage_since": ranked[0].date_from,
                        "stage_check_on": today,
                    }
                )

    def _copy_override(self):
        """Return the values of this profile's decision on its tier."""
        self.ensure_one()
        return {
            "override_tier_id": self.override_tier_id.id,
            "override_until": self.override_until,
            "override_reason": self.override_reason,
            "override_user_id": self.override_user_id.id,
        }

    def _promise_override(self, until):
        """Promise the tiers that these customers hold by decision until ``until``."""
        held = self.env["retention.membership"]._get_current(self).values()
        rows = self.env["retention.membership"].union(*held)
        rows.filtered(lambda row: row.cause == "override").valid_until = until

    @api.model
    def _drop_partners(self, partners):
        """Remove what was judged of contacts that are being deleted."""
        gone = self._with_archived().with_context(retention_customer_gone=True)
        domain = [("partner_id", "in", partners.ids)]
        gone.env["retention.membership"].search(domain).unlink()
        gone.env["retention.stage.history"].search(domain).unlink()
        gone.search(domain).unlink()

    @api.model
    def _leave_entity(self, partners):
        """End the judgement of those of these contacts who are no customers any more.

        The purchases of who belongs to another commercial entity now count for that
        one from the next run on; those of our own companies for nobody.
        """
        companies = self.env["res.company"].with_context(active_test=False)
        own = companies.search([("partner_id", "in", partners.ids)]).partner_id
        moved = partners.filtered(lambda each: each.commercial_partner_id != each)
        self._end_judgement(own, "company")
        self._end_judgement(moved - own, "entity")

    @api.model
    def _end_judgement(self, partners, cause):
        """End the tiers that these contacts hold, and forget their profiles."""
        domain = [("partner_id", "in", partners.ids)]
        memberships = self.env["retention.membership"].search(
            domain + [("date_to", "=", False)]
        )
        for company, rows in memberships.grouped("company_id").items():
            rows._end(cause, company._retention_today())
        stages = self.env["retention.stage.history"]._get_open(partners)
        for company, rows in stages.grouped("company_id").items():
            rows._end(cause, company._retention_today())
        self._with_archived().search(domain).unlink()

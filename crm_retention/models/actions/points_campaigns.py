class Campaigns:
    """The campaigns of a program in which a batch of documents takes part.

    :param rows: the ``Rated`` documents.
    :param hold: whether to spend of the budgets, or only to see how far they go.
    """

    def __init__(self, program, rows, hold=True):
        days = [row.document.day for row in rows]
        # sudo: what a campaign gives does not depend on who asks
        self.campaigns = program.sudo()._get_campaigns(min(days), max(days))
        customers = {row.document.partner_id for row in rows}
        self.takers = {
            campaign: campaign._get_takers(customers) for campaign in self.campaigns
        }
        self.left = (
            self.campaigns._hold_budgets() if hold else self.campaigns._get_budgets()
        )

    def take(self, row):
        """Return the extra points of a document, ``[(campaign, points)]``.

        The last document that a budget pays for gets what is left of it.
        """
        taken = []
        for campaign in self.campaigns:
            if not self._takes_part(campaign, row.document, row.tier):
                continue
            extra = campaign._get_extra(row.number)
            if campaign in self.left:
                extra = min(extra, self.left[campaign])
                self.left[campaign] -= extra
            if extra > 0:
                taken.append((campaign, extra))
        return taken

    def _takes_part(self, campaign, document, tier):
        return (
            campaign.date_from <= document.day <= campaign.date_to
            and document.partner_id in self.takers[campaign]
            and (not campaign.tier_ids or (tier and tier in campaign.tier_ids))
        )

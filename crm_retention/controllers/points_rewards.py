from .points_portal import PointsPortal


class RewardsPortal(PointsPortal):
    """The rewards a customer got, on his page of points."""

    def _get_account_values(self, account, page, several):
        return super()._get_account_values(account, page, several) | {
            "exchanges": account._get_portal_exchanges()
        }

    def _describe_offer(self, offer):
        return super()._describe_offer(offer) | {"image": offer["reward"].image_256}

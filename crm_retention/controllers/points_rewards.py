from .points_portal import PointsPortal


class RewardsPortal(PointsPortal):
    """The rewards a customer got, on his page of points."""

    def _get_account_values(self, account, page, several):
        return super()._get_account_values(account, page, several) | {
            "exchanges": account._get_portal_exchanges()
        }

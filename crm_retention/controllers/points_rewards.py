from .points_portal import PointsPortal


class RewardsPortal(PointsPortal):
    """The customer's page of points shows the pictures of rewards."""

    def _describe_offer(self, offer):
        return super()._describe_offer(offer) | {"image": offer["reward"].image_256}

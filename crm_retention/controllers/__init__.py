from . import referral
from . import points_portal

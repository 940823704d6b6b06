from . import referral
from . import points_portal
from . import points_rewards
from . import helpdesk_portal

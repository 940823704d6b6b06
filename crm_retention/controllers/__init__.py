from . import referral
from . import points_portal
from . import points_rewards
from . import complaint_portal
from . import feedback_portal
from . import helpdesk_portal
from . import details_portal

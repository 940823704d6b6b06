from . import retention_touch
from . import plan_step
from . import act_step
from . import retention_guard

from . import retention_touch
from . import plan_step
from . import act_step

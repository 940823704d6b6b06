from . import retention_mark
from . import retention_marking
from . import retention_run
from . import retention_run_actions
from . import retention_run_today
from . import retention_access_log

from . import test_month
from . import test_movement_report
from . import test_revenue_report
from . import test_report_rights
from . import test_satisfaction_report
from . import test_service_report
from . import test_chat_report
from . import test_outlook

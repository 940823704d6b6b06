from . import retention_run
from . import retention_month
from . import measure_step
from . import retention_cost
from . import retention_report_page
from . import retention_report_schedule
from . import res_company_churn
from . import res_config_settings_churn

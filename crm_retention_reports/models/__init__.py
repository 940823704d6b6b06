from . import retention_run
from . import retention_month
from . import measure_step
from . import retention_month_category
from . import measure_category
from . import retention_cost
from . import res_company_churn
from . import res_config_settings_churn

from . import retention_run
from . import retention_month
from . import measure_step
from . import res_company_conversion
from . import res_config_settings_conversion
from . import retention_month_contact
from . import retention_mailing_reach
from . import measure_contacts

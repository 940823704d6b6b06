from . import retention_contact_wizard
from . import retention_override_wizard
from . import retention_consent_wizard
from . import retention_touch_wizard
from . import retention_mail_wizard
from . import retention_plan_wizard

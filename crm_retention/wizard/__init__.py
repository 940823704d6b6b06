from . import retention_contact_wizard
from . import retention_override_wizard
from . import retention_consent_wizard

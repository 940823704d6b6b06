from . import retention_override_wizard

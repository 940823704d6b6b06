from . import retention_analysis
from . import retention_movement_report
from . import retention_revenue_report
from . import retention_satisfaction_report
from . import retention_service_report
from . import retention_chat_report

from . import retention_cohort
from . import retention_outlook
from . import outlook_trial
from . import retention_churn
from . import retention_migration
from . import retention_profile
from . import retention_service_analysis
from . import service_causes
from . import retention_team
from . import team_targets

from . import retention_analysis
from . import retention_movement_report
from . import retention_revenue_report
from . import retention_satisfaction_report
from . import retention_service_report
from . import retention_chat_report

from . import retention_cohort
from . import retention_churn
from . import retention_migration
from . import retention_profile
from . import retention_scorecard

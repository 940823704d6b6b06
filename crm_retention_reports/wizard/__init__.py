from . import retention_report_export

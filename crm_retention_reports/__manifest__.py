{
    "name": "Customer Retention Reports",
    "summary": "What customer tiers bring, measured",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Retention Contributors",
    "license": "AGPL-3",
    "depends": ["crm_retention"],
    "data": [
        "security/ir.model.access.csv",
        "security/retention_report_rules.xml",
        "views/retention_revenue_report_views.xml",
        "views/retention_movement_report_views.xml",
        "views/retention_satisfaction_report_views.xml",
        "views/retention_service_report_views.xml",
        "views/retention_chat_report_views.xml",
        "views/crm_retention_reports_menus.xml",
    ],
}

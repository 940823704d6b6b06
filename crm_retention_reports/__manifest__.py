{
    "name": "Customer Retention Reports",
    "summary": "What retention brings, in honest numbers",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "author": "Customer Retention Contributors",
    "license": "AGPL-3",
    "depends": ["crm_retention"],
    "data": [
        "security/ir.model.access.csv",
        "security/retention_report_rules.xml",
        "security/retention_contact_rules.xml",
        "views/crm_retention_reports_menus.xml",
        "views/retention_analysis_views.xml",
        "views/retention_month_views.xml",
        "views/retention_cohort_views.xml",
        "views/retention_revenue_report_views.xml",
        "views/retention_movement_report_views.xml",
        "views/retention_satisfaction_report_views.xml",
        "views/retention_service_report_views.xml",
        "views/retention_chat_report_views.xml",
        "views/res_config_settings_conversion_views.xml",
        "views/retention_month_contact_views.xml",
        "views/retention_mailing_reach_views.xml",
        "views/retention_contact_analysis_views.xml",
    ],
    "demo": [
        "demo/retention_mailing_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_retention_reports/static/src/**/*",
        ],
        "web.assets_tests": [
            "crm_retention_reports/static/tests/tours/**/*",
        ],
    },
}

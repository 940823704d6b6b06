{
    "name": "Customer Retention Reports",
    "summary": "What customer tiers bring, measured",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer Retention Contributors",
    "license": "AGPL-3",
    "depends": ["crm_retention"],
    "data": [],
}

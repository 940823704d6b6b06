import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_today_manager", {
    steps: () => [
        {
            content: "the first steps, none done by itself but what the data show",
            trigger: ".o_retention_steps [data-step=source] .fa-circle-o",
        },
        {
            content: "keep the revenue source",
            trigger: ".o_retention_steps [data-step=source] button:contains('Keep')",
            run: "click",
        },
        {
            content: "the step is done, and stays so",
            trigger: ".o_retention_steps [data-step=source] .fa-check-circle",
        },
        {
            content: "a tier with its customers",
            trigger: "[data-tier]:contains('Silver'):contains('1')",
        },
        {
            content: "who is about to be downgraded, and when",
            trigger: "[data-list=falling] .o_retention_row:contains('Falling Customer'):contains('ends')",
        },
        {
            content: "who moved up, and why",
            trigger: "[data-list=up] .o_retention_row:contains('Rising Customer'):contains('Up from Standard')",
        },
        {
            content: "all who are close to an upgrade",
            trigger: "[data-list=close]:contains('Close Customer') button:contains('See all')",
            run: "click",
        },
        {
            content: "the list is filtered",
            trigger: ".o_list_view .o_facet_value:contains('Close to Upgrade')",
        },
        {
            trigger: ".o_data_row:contains('Close Customer')",
        },
        {
            content: "back",
            trigger: ".o_back_button a, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "to one customer",
            trigger: "[data-list=close] .o_retention_row:contains('Close Customer')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=next_text]:contains('more revenue to Silver')",
        },
        {
            content: "back, and dismiss the list",
            trigger: ".o_back_button a, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: ".o_retention_dismiss",
            run: "click",
        },
        {
            trigger: ".o_retention_today:not(:has(.o_retention_steps)) [data-card=customers]",
        },
    ],
});

tours.add("crm_retention_today_nobody", {
    steps: () => [
        {
            trigger: ".o_retention_empty:contains('No customer of yours'):not(:has(button))",
        },
    ],
});

tours.add("crm_retention_board", {
    steps: () => [
        {
            content: "tiers stand in their order, also the empty one",
            trigger:
                ".o_kanban_group:first:contains('Diamond'):not(:has(.o_kanban_record:not(.o_kanban_ghost)))",
        },
        {
            trigger: ".o_kanban_group:contains('Gold') .o_kanban_record:contains('Falling Customer'):contains('Tier ends on')",
        },
        {
            trigger: ".o_kanban_group:contains('Standard') .o_kanban_record:contains('Close Customer'):contains('95 % of the way')",
        },
        {
            content: "no card can be dragged, no column added",
            trigger: ".o_kanban_renderer:not(:has(.o_draggable)):not(:has(.o_column_quick_create))",
        },
        {
            content: "open one",
            trigger: ".o_kanban_record:contains('Falling Customer')",
            run: "click",
        },
        {
            content: "it says why and until when",
            trigger: ".o_form_view .alert:contains('The figures earn only')",
        },
        {
            content: "set a tier by decision",
            trigger: "button[name=action_override]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=tier_id] .o_select_menu_input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Diamond')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Strategic customer",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .alert-info:contains('Strategic customer')",
        },
    ],
});

tours.add("crm_retention_partner_tab", {
    steps: () => [
        {
            content: "the tier stands above",
            trigger: ".oe_stat_button:contains('Retention'):contains('Gold')",
        },
        {
            trigger: ".nav-link[name=retention]",
            run: "click",
        },
        {
            content: "the customer's profile in the tab",
            trigger: ".o_retention_profile_tab .o_field_widget[name=tier_text]:contains('Gold')",
        },
        {
            trigger: ".o_retention_profile_tab .o_field_widget[name=transaction_ids] .o_data_row",
        },
        {
            trigger: ".o_retention_profile_tab:not(:has(button[name=action_override]))",
        },
        {
            trigger: ".o_retention_profile_tab button[name=action_recalculate]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('judged anew')",
        },
        {
            content: "the contact is still there",
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
    ],
});

tours.add("crm_retention_no_partner_tab", {
    steps: () => [
        {
            trigger: ".o_form_view .nav-link[name=internal_notes]",
        },
        {
            trigger: ".o_form_view:not(:has(.nav-link[name=retention])):not(:has(.oe_stat_button:contains('Retention')))",
        },
    ],
});

import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_complaint_queue", {
    steps: () => [
        {
            content: "complaints by step: the overdue one, in red",
            trigger: ".o_kanban_group:contains('Received') .o_kanban_record:contains('Overdue One') .is-over:contains('−')",
        },
        {
            content: "also steps in which nothing waits",
            trigger: ".o_kanban_group:contains('Investigated')",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "what is due first comes first; the tier of the customer",
            trigger: ".o_data_row:first:contains('Overdue One'):contains('Diamond')",
        },
        {
            content: "on hold: a pause sign instead of a time",
            trigger: ".o_data_row:contains('Waiting One') .o_retention_time_left .fa-pause",
        },
        {
            content: "two dots",
            trigger: ".o_data_row:first .o_retention_promise_dots .fa-circle-o:nth-child(2)",
        },
        {
            trigger: ".o_data_row:first td[name=name]",
            run: "click",
        },
        {
            content: "who the customer is, without any rights of ours",
            trigger: ".o_retention_customer:contains('Diamond'):contains('5,000'):contains('Complaints in 90 days')",
        },
        {
            content: "somebody calls",
            trigger: ".o_main_navbar button:contains('Tickets')",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains('Log a Call')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=number] input",
            run: "edit 202 555 0143 && press Tab",
        },
        {
            content: "known by the number",
            trigger: ".modal .o_field_widget[name=partner_id] input:value('Best Customer')",
        },
        {
            trigger: ".modal button[name=action_create_ticket]",
            run: "click",
        },
        {
            trigger: ".o_form_view:contains('Call by Best Customer') .o_retention_customer:contains('Diamond')",
        },
    ],
});

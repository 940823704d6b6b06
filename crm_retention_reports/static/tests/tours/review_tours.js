import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_reports_review", {
    steps: () => [
        {
            content: "a review of the quarter of any day",
            trigger: ".o_field_widget[name=date_from] button, .o_field_widget[name=date_from] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_from] input",
            run: "edit 02/15/2024 && press Enter",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_compute].btn-primary",
            run: "click",
        },
        {
            content: "its figures against their targets",
            trigger:
                ".o_field_widget[name=line_ids] tr:contains('Net Promoter Score'):contains('−33.3'):contains('Missed'), " +
                ".o_field_widget[name=line_ids] tr:contains('Net Promoter Score'):contains('-33.3'):contains('Missed')",
        },
        {
            trigger: ".o_notebook .nav-link:contains('Measures')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=measure_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal .o_create_button",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input, .modal .o_field_widget[name=name] textarea",
            run: "edit Call back detractors",
        },
        {
            trigger: ".modal .o_field_widget[name=kpi_id] input",
            run: "edit Net Promoter",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Net Promoter Score')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=due_on] button, .modal .o_field_widget[name=due_on] input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=due_on] input",
            run: "edit 04/30/2024 && press Enter",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=measure_ids] .o_data_row:contains('Call back detractors')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_close]",
            run: "click",
        },
        {
            content: "it says what closing does",
            trigger: ".modal:contains('frozen') button.btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Closed')",
        },
    ],
});

tours.add("crm_retention_reports_next_review", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons button[name=action_compute].btn-primary",
            run: "click",
        },
        {
            content: "the change against the review before",
            trigger:
                ".o_field_widget[name=line_ids] tr:contains('Net Promoter Score'):contains('100.0'):contains('Met')",
        },
        {
            trigger: ".o_notebook .nav-link:contains('Measures')",
            run: "click",
        },
        {
            content: "the measure of the review before, and the figure since",
            trigger:
                ".o_field_widget[name=measure_ids] .o_data_row:contains('Call back detractors'):contains('100.0'):contains('Better')",
        },
    ],
});

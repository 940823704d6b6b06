import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_watch_manager", {
    steps: () => [
        {
            content: "the rule has not looked back yet",
            trigger: ".o_data_row:contains('Quiet') .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "what it would have raised",
            trigger: ".o_statusbar_buttons button[name=action_look_back]",
            run: "click",
        },
        {
            content: "said in one sentence with its numbers",
            trigger: ".alert [name=backtest_text]:contains('would have raised 1 alerts'):contains('1 of them right')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_switch_on]",
            run: "click",
        },
        {
            content: "it is on",
            trigger: ".o_statusbar_buttons button[name=action_switch_off]",
        },
    ],
});

tours.add("crm_retention_watch_salesperson", {
    steps: () => [
        {
            content: "the alert stands on Today, with its reason",
            trigger: ".o_list_view .o_data_row:contains('Quiet Customer'):contains('At Risk since')",
        },
        {
            content: "open it",
            trigger: ".o_data_row:contains('Quiet Customer') button[name=action_open_alert]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_run_play]",
            run: "click",
        },
        {
            content: "what the suggested play will do",
            trigger: ".modal [name=preview]:contains('Call who decides')",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "the alert keeps what was done",
            trigger: ".o_field_widget[name=touch_ids]:contains('Call who decides')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_saved]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] input",
            run: "edit Ordered again",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "closed, with the reason",
            trigger: ".o_form_view .alert:contains('Ordered again')",
        },
    ],
});

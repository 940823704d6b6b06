import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_workbench", {
    steps: () => [
        {
            content: "who is due, and why",
            trigger: ".o_list_view .o_data_row:contains('First Customer'):contains('41 days')",
        },
        {
            content: "the day's share stands above",
            trigger: ".o_retention_capacity:contains('2 to go')",
        },
        {
            content: "customers of others are not there",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('Foreign Customer')))",
        },
        {
            content: "the points say what they are made of",
            trigger: ".o_data_row:first .o_field_widget[name=priority] .badge[data-tooltip*='overdue']",
        },
        {
            content: "done, with its outcome",
            trigger: ".o_data_row:contains('First Customer') button[name=action_done]",
            run: "click",
        },
        {
            content: "what the person is to say",
            trigger: ".modal .alert:contains('Ask how they are')",
        },
        {
            trigger: ".modal .o_field_widget[name=outcome] :contains('Answered'):last",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Happy with everything",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "gone from the list",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('First Customer')))",
        },
        {
            content: "and back",
            trigger: ".o_notification:contains('noted') button:contains('Undo')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('First Customer')",
        },
        {
            content: "put the other off",
            trigger: ".o_data_row:contains('Second Customer') button[name=action_snooze]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(.o_data_row:contains('Second Customer')))",
        },
        {
            content: "done for good",
            trigger: ".o_data_row:contains('First Customer') button[name=action_done]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "nobody is left, and it says when it goes on",
            trigger: ".o_retention_nobody_due:contains('Nobody is due today'):contains('Next:')",
        },
        {
            trigger: ".o_retention_nobody_due button",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Second Customer')",
        },
    ],
});

tours.add("crm_retention_workbench_phone", {
    steps: () => [
        {
            content: "cards on the telephone",
            trigger: ".o_kanban_view .o_kanban_record:contains('First Customer'):contains('41 days')",
        },
        {
            content: "a tap dials",
            trigger: ".o_kanban_record:contains('First Customer') a.o_retention_call[href^='tel:+1555']",
            run(helpers) {
                // the browser of the tests has no telephone
                this.anchor.addEventListener("click", (ev) => ev.preventDefault());
                return helpers.click();
            },
        },
        {
            content: "and asks what came of it",
            trigger: ".modal .o_field_widget[name=outcome] :contains('Bought'):last",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "with the next date",
            trigger: ".o_notification:contains('First Customer')",
        },
        {
            trigger: ".o_kanban_view:not(:has(.o_kanban_record:contains('First Customer')))",
        },
        {
            content: "the other one is left out, with a reason",
            trigger: ".o_kanban_record:contains('Second Customer') button[name=action_skip]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason_text] input",
            run: "edit Asked us to",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger: ".o_retention_nobody_due:contains('Nobody is due today')",
        },
    ],
});

tours.add("crm_retention_workbench_bulk", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('First Customer')",
        },
        {
            content: "choose all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_reassign]",
        },
        {
            trigger: ".o_control_panel button[name=action_mail]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=template_id] input",
            run: "edit News",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('News'), .o-autocomplete--dropdown-item:contains('News') a",
            run: "click",
        },
        {
            content: "what they get, and who is left out and why",
            trigger: ".modal .o_field_widget[name=subject]:contains('News for')",
        },
        {
            trigger: ".modal .o_field_widget[name=excluded_text]:contains('blacklist')",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('mails leave')",
        },
    ],
});

import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_points_desk", {
    steps: () => [
        {
            content: "what may be spent stands first",
            trigger: ".o_retention_wallet_main .o_field_widget[name=available]:contains('120')",
        },
        {
            trigger: ".o_form_statusbar button[name=action_adjust]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=number] input",
            run: "edit 30",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit For the delay",
        },
        {
            content: "what it will be, before it is done",
            trigger: ".modal .alert-info:contains('120 → 150')",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "the movement with the balance after it",
            trigger:
                ".o_field_widget[name=entry_ids] .o_data_row:contains('+30'):contains('150'):contains('For the delay')",
        },
        {
            trigger: ".o_retention_wallet_main .o_field_widget[name=available]:contains('150')",
        },
        {
            content: "take a part of the first one back",
            trigger: ".o_field_widget[name=entry_ids] .o_data_row:contains('+120') .o_data_cell[name=kind]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_reverse], .o_form_view button[name=action_reverse]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=number] input",
            run: "edit 50",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Counted twice",
        },
        {
            trigger: ".modal .alert-info:contains('150 → 100')",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal button[name=action_apply]))",
        },
    ],
});

tours.add("crm_retention_points_auditor", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=entry_ids] .o_data_row:contains('+120')",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_adjust], button[name=action_extend], .o_field_x2many_list_row_add, .o_list_record_remove))",
        },
        {
            trigger:
                "body:not(:has(.o_form_button_create, .o_control_panel .o_list_button_add, button:contains('Exchange for')))",
        },
    ],
});

tours.add("crm_retention_points_portal", {
    steps: () => [
        {
            content: "a card with the balance",
            trigger: "a[href='/my/points']:contains('120')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_retention_available:contains('120')",
        },
        {
            content: "what comes and what goes",
            trigger: ".card:contains('30'):contains('more from'):contains('expire on')",
        },
        {
            trigger: ".o_retention_movements li:contains('+120')",
        },
        {
            content: "nothing is wider than the telephone",
            trigger: "body",
            run() {
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error("The page is wider than the screen");
                }
            },
        },
        {
            content: "a reward within reach",
            trigger: "#rewards .card:contains('Basket'):contains('100') button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains('Basket is yours')",
        },
        {
            trigger: ".o_retention_available:contains('20')",
        },
        {
            trigger: ".o_retention_exchanges li:contains('Basket')",
        },
        {
            content: "now out of reach, and it says by how much",
            trigger: "#rewards .card:contains('80'):contains('missing'):not(:has(button))",
        },
        {
            trigger: "#wish_most",
            run: "edit 2",
        },
        {
            trigger: "form[action='/my/points/wishes'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains('holds from now on')",
        },
    ],
});

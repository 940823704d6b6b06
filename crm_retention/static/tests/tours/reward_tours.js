import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_exchange_in_portal", {
    steps: () => [
        {
            content: "the reward can be had",
            trigger: "#rewards .card:contains('10 off') button:contains('Exchange')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "its code is told at once",
            trigger: ".alert-success:contains('10 off is yours')",
        },
        {
            content: "and stays on the page",
            trigger: ".o_retention_exchanges li:contains('10 off'):contains('Not used yet') code",
        },
        {
            content: "the rest does not suffice for another one",
            trigger: "#rewards .card:contains('10 off'):contains('50'):contains('missing')",
        },
    ],
});

tours.add("crm_retention_coupon_in_quotation", {
    steps: () => [
        {
            trigger: ".o_form_view button:contains('Coupon Code')",
            run: "click",
        },
        {
            content: "enter the code that the customer tells",
            trigger: ".modal [name=coupon_code] input",
            run: "edit REWARD-1",
        },
        {
            trigger: ".modal footer button:contains('Apply')",
            run: "click",
        },
        {
            content: "take what the coupon gives",
            trigger: ".modal .o_radio_item:contains('on your order') input",
            run: "click",
        },
        {
            trigger: ".modal:contains('on your order') footer button:contains('Apply')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "it is taken off",
            trigger: ".o_form_view [name=order_line] .o_data_row:contains('on your order')",
        },
    ],
});

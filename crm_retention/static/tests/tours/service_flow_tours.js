import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_customer_complains", {
    steps: () => [
        {
            trigger: "input[name=kind][value=complaint]",
            run: "click",
        },
        {
            trigger: "input[name=subject]",
            run: "edit The glass arrived cracked",
        },
        {
            trigger: "textarea[name=description]",
            run: "edit All six of them",
        },
        {
            trigger: "button:contains('Submit Ticket')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the customer sees how far it is",
            trigger: ".o_retention_complaint li.fw-bold:contains('Received')",
        },
    ],
});

tours.add("crm_retention_agent_solves", {
    steps: () => [
        {
            content: "it says what is missing",
            trigger: ".o_form_view .alert-info:contains('cause')",
        },
        {
            trigger: ".o_form_view [name=retention_cause_id] input",
            run: "edit Broken",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Broken')",
            run: "click",
        },
        {
            trigger: ".o_form_view [name=retention_severity] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Serious')",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button:contains('Classified')",
            run: "click",
        },
        {
            content: "answer the customer",
            trigger: ".o_statusbar_buttons button:contains('Investigated')",
        },
        {
            trigger: ".o-mail-Chatter-topbar button:contains('Send message')",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit We are sorry, and look into it",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o-mail-Message:contains('We are sorry')",
        },
        {
            content: "write down what was found",
            trigger: ".o_notebook .nav-link:contains('Complaint')",
            run: "click",
        },
        {
            trigger: ".o_form_view [name=retention_finding] textarea",
            run: "edit The carton was too thin",
        },
        {
            trigger: ".o_statusbar_buttons button:contains('Investigated')",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button:contains('Solved')",
            run: "click",
        },
        {
            content: "the remedy is asked for",
            trigger: ".modal [name=kind] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Points')",
            run: "click",
        },
        {
            trigger: ".modal [name=points] input",
            run: "edit 40",
        },
        {
            trigger: ".modal [name=reason] input, .modal [name=reason] textarea",
            run: "edit For the six glasses",
        },
        {
            trigger: ".modal footer button:contains('Give')",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button:contains('Confirmed by Phone')",
        },
    ],
});

tours.add("crm_retention_customer_confirms", {
    steps: () => [
        {
            content: "the customer sees what is given for it",
            trigger: ".o_retention_complaint:contains('For the six glasses')",
        },
        {
            trigger: ".o_retention_complaint button:contains('Yes, it is solved')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".alert-success:contains('Thank you')",
        },
    ],
});

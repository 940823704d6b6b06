import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_retention_reports_analysis", {
    steps: () => [
        {
            content: "the charts are drawn, with what they show in words",
            trigger: ".o_analysis_chart svg[role=img]:first",
        },
        {
            content: "the same as a table",
            trigger: ".o_analysis_chart .o_analysis_head button:contains('Show as a Table'):first",
            run: "click",
        },
        {
            trigger: ".o_analysis_chart table tbody tr:first",
        },
        {
            trigger: ".o_analysis_choices select[name=period]",
            run: "select months_24",
        },
        {
            content: "the page stays while it is counted anew",
            trigger: ".o_analysis_sheet[aria-busy=false] .o_analysis_period:contains('2022')",
        },
        {
            trigger: ".o_analysis_choices button[name=help]",
            run: "click",
        },
        {
            trigger: ".o_analysis_sheet .alert-info[role=note] p:first",
        },
        {
            content: "as a file",
            trigger: ".o_analysis_choices button[name=export]",
            run: "click",
        },
        {
            content: "only some customers",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_favorite_menu .o-dropdown-item:contains('Just One')",
            run: "click",
        },
        {
            trigger: ".o_analysis_sheet[aria-busy=false] .o_analysis_card:contains('Active Customers') .o_analysis_figure:text('1')",
        },
        {
            content: "a number opens its records",
            trigger: ".o_analysis_table td button.btn-link:first",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:first",
        },
        {
            content: "back at the report",
            trigger: ".o_breadcrumb a:first, .o_back_button:first",
            run: "click",
        },
        {
            content: "still of the same customers and months",
            trigger: ".o_searchview_facet:contains('Just One')",
        },
        {
            trigger: ".o_analysis_sheet[aria-busy=false] .o_analysis_period:contains('2022')",
        },
    ],
});

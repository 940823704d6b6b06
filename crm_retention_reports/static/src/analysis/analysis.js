import { Component, markup, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const FALLBACK_WIDTH = 900; // pixels
const PADDING = 32; // around a chart

/**
 * What a report shows: its blocks in their order, and what can be chosen above them.
 *
 * Everything comes from one call, read with the user's own rights, by the filters of
 * the search bar; the charts are drawn by the server for the width of this page.
 */
export class AnalysisPage extends Component {
    static template = "crm_retention_reports.AnalysisPage";
    static components = { Layout, SearchBar };
    static props = { model: String, display: Object };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.toggler = useSearchBarToggler();
        this.state = useState({ page: null, asTable: {}, busy: false, help: false });
        this.calls = 0;
        this.options = { ...(this.env.analysisOptions || {}) };
        useBus(this.env.searchModel, "update", () => this.load());
        onWillStart(() => this.load());
        onMounted(() => {
            this.watcher = new ResizeObserver(() => this.onResize());
            this.watcher.observe(this.root.el);
        });
        onWillUnmount(() => this.watcher.disconnect());
    }

    get width() {
        const width = this.root.el?.clientWidth || Math.min(window.innerWidth, FALLBACK_WIDTH);
        return Math.round(width) - PADDING;
    }

    /** Draw anew where the page has become much wider or narrower. */
    onResize() {
        const { page } = this.state;
        if (page && !this.state.busy && Math.abs(page.options.width - this.width) > 80) {
            const limit = page.options.width >= 1600 && this.width > 1600;
            if (!limit && this.width > 280) {
                this.load();
            }
        }
    }

    get request() {
        return { ...this.options, domain: this.env.searchModel.domain, width: this.width };
    }

    async load() {
        const call = ++this.calls;
        this.state.busy = true;
        try {
            const page = await this.orm.call(this.props.model, "get_analysis", [this.request]);
            if (call !== this.calls) {
                return; // asked anew meanwhile
            }
            for (const block of page.blocks) {
                for (const drawn of [block, ...(block.cards || [])]) {
                    if (drawn.markup) {
                        drawn.markup = markup(drawn.markup);
                    }
                }
            }
            this.state.page = page;
        } finally {
            this.state.busy = call !== this.calls;
        }
    }

    async choose(name, value) {
        const { options } = this.state.page;
        this.options = { ...this.options, [name]: value };
        if (name === "period" && value === "own") {
            Object.assign(this.options, { first: options.first, last: options.last });
        }
        await this.load();
    }

    /** Take over a day once it is whole: while its year is typed, it reads 0002 or 0202. */
    async chooseDay(name, value) {
        if (value && value >= "1900") {
            await this.choose(name, value);
        }
    }

    /** Open the records behind a number. */
    open(target, title) {
        if (!target) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: target.name || title,
            res_model: target.model,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: target.domain,
            context: { active_test: false },
        });
    }

    openEmpty() {
        return this.action.doAction(this.state.page.empty.action);
    }

    toggleTable(name) {
        this.state.asTable[name] = !this.state.asTable[name];
    }

    async exportFile() {
        await download({
            url: "/retention/analysis/xlsx",
            data: { model: this.props.model, options: JSON.stringify(this.request) },
        });
    }

    print() {
        window.print();
    }

    headClass(column) {
        const right = !["text", "date", "month"].includes(column.kind) ? "text-end" : "";
        return [right, column.title.length > 12 && "o_analysis_words"].filter(Boolean).join(" ");
    }

    cellClass(cell, column) {
        const kind = cell.kind || column.kind;
        const right = !["text", "date", "month"].includes(kind) ? "text-end" : "";
        const words = kind === "text" && cell.text.length > 24 && "o_analysis_words";
        return [right, words, cell.state && `o_analysis_${cell.state}`, cell.target && "o_analysis_link"]
            .filter(Boolean)
            .join(" ");
    }

    /** A fixed scale from 0 to 1, so that pages stay comparable; dark text while it reads better (4.5:1). */
    cellStyle(cell) {
        if (cell.shade === null || cell.shade === undefined) {
            return "";
        }
        const shade = Math.min(Math.max(cell.shade, 0), 1);
        const color = shade > 0.78 ? "color: #fff;" : "color: #000;";
        return `background-color: rgba(17, 94, 89, ${(0.04 + 0.96 * shade).toFixed(3)}); ${color}`;
    }
}

/** The client action of every report: its search bar around its page. */
export class Analysis extends Component {
    static template = "crm_retention_reports.Analysis";
    static components = { WithSearch, AnalysisPage };
    static props = { ...standardActionServiceProps };

    setup() {
        const { context, params } = this.props.action;
        this.model = params.model;
        this.search = {
            resModel: "retention.profile",
            searchViewId: false,
            searchMenuTypes: ["filter", "favorite"],
            context: {
                ...context,
                search_view_ref: "crm_retention_reports.retention_analysis_view_search",
            },
            loadIrFilters: true,
            display: { searchPanel: false },
        };
        this.display = { controlPanel: {}, searchPanel: false };
    }
}

registry.category("actions").add("crm_retention_reports.analysis", Analysis);

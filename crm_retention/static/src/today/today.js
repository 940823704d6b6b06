import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const POLL = 5000; // milliseconds, only while an evaluation is under way

/**
 * The first page of the app: who moved, who is about to, and what is not set up.
 *
 * Everything on it comes from one call, read with the user's own rights.
 */
export class RetentionToday extends Component {
    static template = "crm_retention.Today";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Overview");

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.state = useState({ page: null });
        onWillStart(() => this.load());
        onWillUnmount(() => clearTimeout(this.timer));
    }

    async load() {
        clearTimeout(this.timer);
        this.state.page = await this.orm.call("retention.profile", "get_today", []);
        if (this.isUnderWay) {
            this.timer = setTimeout(() => this.load(), POLL);
        }
    }

    get isUnderWay() {
        return ["running", "waiting"].includes(this.state.page.banner?.kind);
    }

    get bannerClass() {
        const { kind } = this.state.page.banner;
        return ["failed", "late"].includes(kind) ? "alert-danger" : "alert-info";
    }

    get empty() {
        const { manages, state } = this.state.page;
        return {
            no_program: {
                title: _t("There is no tier program"),
                text: manages
                    ? _t("A program says by what customers are judged.")
                    : _t("Without one, customers are not judged. Ask your manager to make one."),
                button: _t("Create a program"),
            },
            never: {
                title: _t("Nobody has been judged yet"),
                text: _t(
                    "The first evaluation starts by itself. This page fills when it is done."
                ),
                button: !this.isUnderWay && _t("Start it now"),
                action: "crm_retention.retention_run_action_recalculate",
            },
            no_data: {
                title: _t("No customer has bought anything yet"),
                text: _t(
                    "Customers appear with the first posted invoice or confirmed order. You can also load purchases made elsewhere."
                ),
                button: _t("Load purchases"),
                action: "crm_retention.retention_purchase_action",
            },
            nobody: {
                title: _t("No customer of yours"),
                text: _t(
                    "You see customers whose salesperson you are, and those whose tickets you work on. Ask your manager to assign you some."
                ),
            },
        }[state];
    }

    async openEmpty() {
        if (this.state.page.state === "no_program") {
            return this.openProgram(false);
        }
        await this.action.doAction(this.empty.action);
        if (this.state.page.state === "never") {
            await this.load();
        }
    }

    /** Open the list behind a number. */
    open(target, viewType = "list") {
        return this.action.doAction(target.action, {
            additionalContext: target.context,
            viewType,
        });
    }

    openCustomer(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "retention.profile",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    /** Open a program, or the form of a new one. */
    openProgram(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "retention.program",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openRun(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "retention.run",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    noteStep(step, source = null) {
        return this.orm.call("retention.profile", "do_first_step", [step, source]);
    }

    async chooseSource(value) {
        await this.noteStep("source", value);
        await this.load();
    }

    async noteAndReload(step) {
        await this.noteStep(step);
        await this.load();
    }

    async takeStep(step) {
        if (step.key === "customers" || step.program_id) {
            await this.noteStep(step.key);
        }
        if (step.key === "tiers") {
            return this.openProgram(step.program_id);
        }
        return this.action.doAction(
            {
                customers: "crm_retention.retention_profile_action",
                salespeople: "crm_retention.res_partner_action_no_salesperson",
                people: "base.action_res_users",
            }[step.key]
        );
    }
}

registry.category("actions").add("crm_retention.today", RetentionToday);

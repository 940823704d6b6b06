import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";

const DEFAULT_FILTERS = ["due", "mine"]; // with which the page opens

function openTarget(action, target) {
    return target.xmlid
        ? action.doAction(target.xmlid, { additionalContext: target.context || {} })
        : action.doAction(target);
}

/**
 * What stands above the rows of Today: warnings, first steps, the day's share.
 *
 * Read anew whenever the rows are.
 */
export class TodayBar extends Component {
    static template = "crm_retention.TodayBar";
    static props = { model: Object };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ bar: null });
        onWillStart(() => this.load());
        useBus(this.props.model.bus, "update", () => {
            if (this.props.model.root !== this.root) {
                this.load();
            }
        });
    }

    async load() {
        this.root = this.props.model.root;
        this.state.bar = await this.orm.call("retention.touch", "get_today_bar", []);
    }

    open(target) {
        return openTarget(this.action, target);
    }

    openSteps() {
        return this.action.doAction("crm_retention.retention_today_action");
    }
}

/** What stands in the middle when there are no rows. */
export class TodayEmpty extends Component {
    static template = "crm_retention.TodayEmpty";
    static props = {
        noContentHelp: { type: String, optional: true },
        showRibbon: { type: Boolean, optional: true },
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ empty: null });
        onWillStart(async () => {
            if (String(this.filters) === String(DEFAULT_FILTERS)) {
                const bar = await this.orm.call("retention.touch", "get_today_bar", []);
                this.state.empty = bar.empty;
            }
        });
    }

    /** Names of the filters that are on, in their order. */
    get filters() {
        const { query, searchItems } = this.env.searchModel;
        return query.map((each) => searchItems[each.searchItemId].name || "?").sort();
    }

    open() {
        return openTarget(this.action, this.state.empty.open);
    }
}

class TodayListController extends ListController {
    static template = "crm_retention.TodayListView";
    static components = { ...ListController.components, TodayBar };
}

class TodayListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: TodayEmpty };
}

class TodayKanbanController extends KanbanController {
    static template = "crm_retention.TodayKanbanView";
    static components = { ...KanbanController.components, TodayBar };
}

class TodayKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: TodayEmpty };
}

registry.category("views").add("retention_today_list", {
    ...listView,
    Controller: TodayListController,
    Renderer: TodayListRenderer,
});
registry.category("views").add("retention_today_kanban", {
    ...kanbanView,
    Controller: TodayKanbanController,
    Renderer: TodayKanbanRenderer,
});

const UNDO_TIME = 10000; // milliseconds

/** Say what was done, and offer for a moment to take it back. */
function offerUndo(env, action) {
    const { message, touch_ids: ids, next } = action.params;
    const close = env.services.notification.add(message, {
        type: "success",
        autocloseDelay: UNDO_TIME,
        buttons: [
            {
                name: _t("Undo"),
                primary: true,
                onClick: async () => {
                    close();
                    const undone = await env.services.orm.call(
                        "retention.touch",
                        "action_undo",
                        [ids]
                    );
                    await env.services.action.doAction(undone);
                },
            },
        ],
    });
    return next;
}
registry.category("actions").add("crm_retention.undo", offerUndo);

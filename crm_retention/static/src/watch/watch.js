import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

const DEFAULT_FILTERS = ["by_severity", "open"]; // with which the inbox opens

/**
 * What stands in an empty inbox: no alerts, or no rule that could have raised one.
 */
export class AlertsEmpty extends Component {
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
                this.state.empty = await this.orm.call("retention.alert", "get_empty", []);
            }
        });
    }

    /** Names of the filters that are on, in their order. */
    get filters() {
        const { query, searchItems } = this.env.searchModel;
        return query.map((each) => searchItems[each.searchItemId].name || "?").sort();
    }

    open() {
        return this.action.doAction(this.state.empty.open.xmlid);
    }
}

class AlertListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: AlertsEmpty };
}

class AlertKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: AlertsEmpty };
}

registry.category("views").add("retention_alert_list", {
    ...listView,
    Renderer: AlertListRenderer,
});
registry.category("views").add("retention_alert_kanban", {
    ...kanbanView,
    Renderer: AlertKanbanRenderer,
});

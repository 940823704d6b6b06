import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const MINUTES = { hour: 60, day: 24 * 60 };

/** How long is left: at most two units, with a minus when it is over. */
export function sayTimeLeft(due, now = DateTime.now()) {
    const minutes = Math.trunc(due.diff(now).as("minutes"));
    const left = Math.abs(minutes);
    const days = Math.floor(left / MINUTES.day);
    const hours = Math.floor((left % MINUTES.day) / MINUTES.hour);
    const rest = left % MINUTES.hour;
    const text = days
        ? _t("%(days)s d %(hours)s h", { days, hours })
        : hours
          ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest })
          : _t("%s min", rest);
    return due < now ? `−${text}` : text;
}

/** The promise that is due next: time left, red when it is over, or on hold. */
class TimeLeft extends Component {
    static template = "crm_retention.TimeLeft";
    static props = { ...standardFieldProps };

    get due() {
        return this.props.record.data[this.props.name];
    }

    get isPaused() {
        return this.props.record.data.retention_is_paused;
    }

    get isOver() {
        return this.due && this.due < DateTime.now();
    }

    get text() {
        return this.due ? sayTimeLeft(this.due) : "";
    }

    get title() {
        const { data, fields } = this.props.record;
        const labels = Object.fromEntries(fields.retention_next_part?.selection || []);
        const what = labels[data.retention_next_part] || _t("Next due");
        return this.due ? `${what}: ${formatDateTime(this.due)}` : "";
    }
}
registry.category("fields").add("retention_time_left", {
    component: TimeLeft,
    displayName: _t("Time Left"),
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "retention_is_paused", type: "boolean" },
        { name: "retention_next_part", type: "selection" },
    ],
});

const LOOKS = {
    running: "fa-circle-o text-info",
    paused: "fa-pause-circle text-muted",
    met: "fa-check-circle text-success",
    missed: "fa-times-circle text-danger",
};

/** Two dots: what became of the first answer, and of the solution. */
class PromiseDots extends Component {
    static template = "crm_retention.PromiseDots";
    static props = { ...standardFieldProps };

    get dots() {
        const { data, fields } = this.props.record;
        return ["retention_answer_state", "retention_solve_state"].map((name) => {
            const { string, selection } = fields[name];
            const state = Object.fromEntries(selection)[data[name]] || _t("nothing promised");
            return {
                name,
                look: LOOKS[data[name]] || "fa-minus text-muted",
                title: `${string}: ${state}`,
            };
        });
    }
}
registry.category("fields").add("retention_promise_dots", {
    component: PromiseDots,
    displayName: _t("Promises"),
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "retention_answer_state", type: "selection" },
        { name: "retention_solve_state", type: "selection" },
    ],
});

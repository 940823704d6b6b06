import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Points, and on hovering the sum they are made of. */
class PriorityPoints extends Component {
    static template = "crm_retention.PriorityPoints";
    static props = { ...standardFieldProps };

    get points() {
        return this.props.record.data[this.props.name];
    }

    get sum() {
        return this.props.record.data.priority_text || _t("No points: not urgent");
    }

    get level() {
        return this.points >= 50 ? "text-bg-danger" : this.points >= 25 ? "text-bg-warning" : "text-bg-secondary";
    }
}
registry.category("fields").add("retention_priority", {
    component: PriorityPoints,
    supportedTypes: ["integer"],
    fieldDependencies: [{ name: "priority_text", type: "char" }],
});

/** A channel as its icon; on hovering why this one. */
class ChannelIcon extends Component {
    static template = "crm_retention.ChannelIcon";
    static props = { ...standardFieldProps };

    get name() {
        return this.props.record.data[this.props.name]?.display_name;
    }

    get icon() {
        return this.props.record.data.channel_icon || "fa-comment-o";
    }

    get why() {
        return this.props.record.data.channel_text || this.name;
    }
}
registry.category("fields").add("retention_channel", {
    component: ChannelIcon,
    supportedTypes: ["many2one"],
    fieldDependencies: [
        { name: "channel_icon", type: "char" },
        { name: "channel_text", type: "char" },
    ],
});

/** Every channel of a customer: open, or crossed out with the reason. */
class ChannelStates extends Component {
    static template = "crm_retention.ChannelStates";
    static props = { ...standardFieldProps };

    get channels() {
        return this.props.record.data[this.props.name] || [];
    }

    get allowed() {
        return this.channels.filter((each) => each.state === "allowed");
    }

    /** Those that are closed, together where the reason is the same. */
    get closed() {
        const reasons = new Map();
        for (const channel of this.channels.filter((each) => each.state !== "allowed")) {
            const same = reasons.get(channel.reason) || [];
            reasons.set(channel.reason, [...same, channel]);
        }
        return [...reasons].map(([reason, channels]) => ({ reason, channels }));
    }
}
registry.category("fields").add("retention_channels", {
    component: ChannelStates,
    supportedTypes: ["json"],
});

/**
 * A link that dials; the dialog for the outcome opens at the same time and waits
 * for the end of the call.
 */
class CallLink extends Component {
    static template = "crm_retention.CallLink";
    static props = { ...standardWidgetProps, label: { type: Boolean, optional: true } };

    setup() {
        this.action = useService("action");
    }

    get record() {
        return this.props.record;
    }

    get phone() {
        return this.record.data.phone;
    }

    get address() {
        return `tel:${this.phone.replace(/[^\d+#*]/g, "")}`;
    }

    get isShown() {
        return this.phone && this.record.data.state === "planned";
    }

    onClick() {
        return this.action.doActionButton({
            type: "object",
            name: "action_done",
            resModel: this.record.resModel,
            resId: this.record.resId,
            resIds: [this.record.resId],
            context: {},
            onClose: () => this.record.model.load(),
        });
    }
}
registry.category("view_widgets").add("retention_call", {
    component: CallLink,
    extractProps: ({ options }) => ({ label: Boolean(options.label) }),
    fieldDependencies: [
        { name: "phone", type: "char" },
        { name: "state", type: "selection" },
    ],
});

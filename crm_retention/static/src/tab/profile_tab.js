import { Component, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { getDefaultConfig, View } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Shows the customer's profile inside a contact's form.
 *
 * The profile has its own form and reads itself with the user's own rights when the
 * tab is opened, so the contact's form stays as fast as without it.
 */
export class RetentionProfileTab extends Component {
    static template = "crm_retention.ProfileTab";
    static components = { View };
    static props = { ...standardWidgetProps };

    setup() {
        // its own title and pager, not those of the contact around it
        useSubEnv({ config: getDefaultConfig() });
    }

    get profileId() {
        return this.props.record.data.retention_profile_id?.id;
    }

    get viewProps() {
        return {
            type: "form",
            resModel: "retention.profile",
            resId: this.profileId,
            context: { form_view_ref: "crm_retention.retention_profile_view_form_tab" },
            display: { controlPanel: false },
            readonly: true,
            className: "o_retention_profile_tab",
        };
    }
}

registry.category("view_widgets").add("retention_profile_tab", {
    component: RetentionProfileTab,
    fieldDependencies: [{ name: "retention_profile_id", type: "many2one" }],
});

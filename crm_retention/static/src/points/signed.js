import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A change of an account: with its sign, and nothing where nothing changed. */
const formatSigned = (value) => (value ? (value > 0 ? "+" : "") + formatInteger(value).replace("-", "−") : "");

class SignedPoints extends Component {
    static template = "crm_retention.SignedPoints";
    static props = { ...standardFieldProps };

    get text() {
        return formatSigned(this.props.record.data[this.props.name]);
    }
}
registry.category("fields").add("retention_signed", {
    component: SignedPoints,
    supportedTypes: ["integer"],
});

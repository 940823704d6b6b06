import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { percentageField } from "@web/views/fields/percentage/percentage_field";

// A share of nothing is no share: an empty average is not 0 %.
registry
    .category("formatters")
    .add("retention_share", (value, options) =>
        value === false || value === null ? "" : formatPercentage(value, options)
    );
registry.category("fields").add("retention_share", {
    ...percentageField,
    displayName: _t("Share"),
});

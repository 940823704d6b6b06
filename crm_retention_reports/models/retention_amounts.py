from odoo import api, models
from odoo.tools import SQL


class RetentionAmounts(models.AbstractModel):
    """Rows with amounts: summing them asks quickly whether currencies are mixed.

    Pivot tables and lists read the currencies of every sum, to show several ones apart.
    To collect them all, the database sorts every row, which takes longer than all the
    rest. The smallest and the largest tell the same: there is one, or there are more.
    """

    _name = "retention.amounts"
    _description = "Rows with Amounts"

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "currency_id:array_agg_distinct":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "ARRAY_REMOVE(ARRAY[MIN(%(currency)s), NULLIF(MAX(%(currency)s),"
            " MIN(%(currency)s))], NULL)",
            currency=self._field_to_sql(self._table, "currency_id", query),
        )

    @api.model
    def _reads_groups_apart(self):
        """Tell whether each grouping is read by a statement of its own.

        For views over many rows of which filters leave few: where there are several
        groupings in one statement, the database filters only after reading all.
        """
        return False

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        if not self._reads_groups_apart():
            return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        parts = [part.strip() for part in (order or "").split(",") if part.strip()]
        return [
            self._read_group(
                domain,
                groupby,
                aggregates,
                order=", ".join(p for p in parts if p.split()[0] in groupby) or None,
            )
            for groupby in grouping_sets
        ]

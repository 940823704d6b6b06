from odoo import models
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

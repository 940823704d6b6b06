from odoo import api, models
from odoo.tools import SQL

from .contact_sql import (
    CONTACT_KEYS,
    CONTACT_VALUES,
    REACH_KEYS,
    REACH_VALUES,
    ContactSQL,
)
from .month_sql import replace_rows


class RetentionMonth(models.Model):
    """The measure step also counts contacts by channel, and mailings."""

    _inherit = "retention.month"

    @api.model
    def _measure(self, company, customer_ids, as_of):
        changed = super()._measure(company, customer_ids, as_of)
        sql = ContactSQL(company, as_of, customer_ids)
        tables = (
            ("retention.month.contact", CONTACT_KEYS, CONTACT_VALUES, sql.contacts()),
            ("retention.mailing.reach", REACH_KEYS, REACH_VALUES, sql.reaches()),
        )
        for name, keys, values, fresh in tables:
            model = self.env[name]
            [(rows,)] = self.env.execute_query(
                replace_rows(model._table, keys, values, fresh, customer_ids, company)
            )
            model.invalidate_model()
            changed += rows
        return changed

    @api.model
    def _is_due(self, run, since):
        """Due are also customers whom a mailing left out."""
        return SQL(
            """
            (%(due)s
             OR EXISTS (SELECT FROM retention_decision decided
                  WHERE decided.partner_id = profile.partner_id
                    AND decided.company_id = profile.company_id
                    AND decided.decided_at >= %(since)s
                    AND decided.mailing_id IS NOT NULL))
            """,
            due=super()._is_due(run, since),
            since=since,
        )

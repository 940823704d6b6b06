from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists


class RetentionGuard(models.AbstractModel):
    """What mailings have sent and the collect step has not taken in yet."""

    _inherit = "retention.guard"

    @api.model
    def _get_uncollected(self, company, addresses, numbers, since):
        # column_exists: mass SMS are an app of their own
        by_number, number = SQL("FALSE"), SQL("NULL")
        if column_exists(self.env.cr, "mailing_trace", "sms_number"):
            number = SQL("trace.sms_number")
            by_number = SQL("trace.sms_number = ANY(%s)", numbers)
        return self.env.execute_query(
            SQL(
                """
                SELECT trace.mass_mailing_id, trace.email,
                       COALESCE(trace.sent_datetime, trace.create_date),
                       CASE trace.trace_type WHEN 'sms' THEN %(sms)s ELSE %(mail)s END,
                       COALESCE(mailing.retention_category, 'promotion'),
                       CASE trace.model WHEN 'res.partner' THEN trace.res_id END,
                       %(number)s
                  FROM mailing_trace trace
                  LEFT JOIN mailing_mailing mailing
                    ON mailing.id = trace.mass_mailing_id
                  LEFT JOIN res_users sender ON sender.id = mailing.user_id
                 WHERE (trace.email = ANY(%(addresses)s) OR %(by_number)s)
                   AND trace.create_date >= %(since)s
                   AND trace.trace_status NOT IN ('cancel', 'error')
                   AND trace.is_test_trace IS NOT TRUE
                   AND COALESCE(sender.company_id, %(company)s) = %(company)s
                """,
                sms=self.env.ref("crm_retention.channel_sms").id,
                mail=self.env.ref("crm_retention.channel_email").id,
                number=number,
                addresses=addresses,
                by_number=by_number,
                since=since,
                company=company.id,
            )
        )

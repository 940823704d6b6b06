from odoo import fields, models
from odoo.tools import SQL


class RetentionInterest(models.Model):
    """What a customer asked of us without buying yet: leads, quotations, tickets.

    Read only, one row a document. An open one makes a contact without purchases a
    prospect; the latest day is the last interaction. A new source is one more
    method named in :meth:`_get_sources`.
    """

    _name = "retention.interest"
    _description = "Lead, Quotation or Ticket of a Customer"
    _auto = False
    _order = "date desc, id desc"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", readonly=True, help="Empty: every company."
    )
    date = fields.Date(readonly=True, help="In UTC.")
    moment = fields.Datetime(readonly=True)
    is_open = fields.Boolean(readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )

    _depends = {
        "crm.lead": ["partner_id", "company_id", "active", "probability", "won_status"],
        "sale.order": ["partner_id", "company_id", "state"],
        "helpdesk.ticket": ["commercial_partner_id", "company_id", "stage_id"],
        "helpdesk.ticket.stage": ["closed"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self) -> SQL:
        selects = [getattr(self, name)() for name in self._get_sources()]
        return SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects)

    def _get_sources(self) -> list[str]:
        """Return the names of the methods that give one source's rows each."""
        return ["_select_leads", "_select_quotations", "_select_tickets"]

    def _select_leads(self) -> SQL:
        return SQL(
            """
            SELECT doc.id::bigint * 8 AS id,
                   customer.commercial_partner_id AS partner_id,
                   doc.company_id, doc.create_date::date AS date,
                   doc.create_date AS moment,
                   doc.active AND doc.won_status = 'pending' AS is_open,
                   'crm.lead' AS res_model, doc.id AS res_id
              FROM crm_lead doc
              JOIN res_partner customer ON customer.id = doc.partner_id
            """
        )

    def _select_quotations(self) -> SQL:
        return SQL(
            """
            SELECT doc.id::bigint * 8 + 1, customer.commercial_partner_id,
                   doc.company_id, doc.create_date::date, doc.create_date,
                   TRUE, 'sale.order', doc.id
              FROM sale_order doc
              JOIN res_partner customer ON customer.id = doc.partner_id
             WHERE doc.state IN ('draft', 'sent')
            """
        )

    def _select_tickets(self) -> SQL:
        return SQL(
            """
            SELECT doc.id::bigint * 8 + 2, doc.commercial_partner_id,
                   doc.company_id, doc.create_date::date, doc.create_date,
                   NOT COALESCE(stage.closed, FALSE), 'helpdesk.ticket', doc.id
              FROM helpdesk_ticket doc
              LEFT JOIN helpdesk_ticket_stage stage ON stage.id = doc.stage_id
             WHERE doc.commercial_partner_id IS NOT NULL
            """
        )

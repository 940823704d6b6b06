from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    _inherit = "res.company"

    retention_revenue_source = fields.Selection(
        selection=[
            ("invoice", "Posted invoices and credit notes"),
            ("order", "Confirmed sales orders"),
        ],
        string="Revenue Counted from",
        default="invoice",
        required=True,
    )
    retention_source_chosen = fields.Boolean(
        string="Revenue Source Confirmed",
        help="A person chose the source. Until then it follows the data that exists.",
    )
    retention_night_hour = fields.Integer(
        string="Evaluation Starts at (hour)",
        default=2,
        help="Hour of the day in the company's time zone, 0 to 23.",
    )
    retention_first_steps = fields.Json(
        string="First Steps", help="What managers did of the list on the first page."
    )
    retention_program_ids = fields.One2many(
        comodel_name="retention.program",
        inverse_name="company_id",
        groups="crm_retention.group_retention_user",
    )

    _retention_night_hour_range = models.Constraint(
        "CHECK (retention_night_hour BETWEEN 0 AND 23)",
        "The evaluation starts at an hour from 0 to 23.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: whoever may create a company gets its default program with it
        self.env["retention.program"].sudo()._create_default(companies)
        companies._retention_leave_customers()
        return companies

    def write(self, vals):
        source = vals.get("retention_revenue_source")
        changed = self.filtered(
            lambda company: source and company.retention_revenue_source != source
        )
        partners = self.partner_id if "partner_id" in vals else False
        result = super().write(vals)
        if changed:
            changed.retention_source_chosen = vals.get("retention_source_chosen", True)
            # sudo: who may change the company's source changes what the rules read
            changed.sudo().retention_program_ids._rules_changed()
        if partners:
            self.env["retention.mark"]._add(partners)  # who may now be customers
            self._retention_leave_customers()
        return result

    def _retention_leave_customers(self):
        """End the judgement of contacts that are these companies from now on."""
        # sudo: who may found a company ends what we keep about its contact
        self.env["retention.profile"].sudo()._leave_entity(self.sudo().partner_id)

    def _retention_now(self):
        """Return the wall clock of the company, by its working calendar's zone."""
        self.ensure_one()
        zone = self.resource_calendar_id.tz or "UTC"
        return (
            fields.Datetime.now()
            .replace(tzinfo=ZoneInfo("UTC"))
            .astimezone(ZoneInfo(zone))
        )

    def _retention_day_bounds(self, first, last):
        """Return the UTC moments at which ``first`` begins and ``last`` is over."""
        self.ensure_one()
        zone = ZoneInfo(self.resource_calendar_id.tz or "UTC")
        return tuple(
            datetime.combine(day, time.min, zone)
            .astimezone(ZoneInfo("UTC"))
            .replace(tzinfo=None)
            for day in (first, last + timedelta(days=1))
        )

    def _retention_today(self):
        """Return the company's own date of today."""
        return self._retention_now().date()

    def _retention_is_night(self):
        """Tell whether the hour of the nightly evaluation has come today."""
        return self._retention_now().hour >= self.retention_night_hour

    def _retention_lang(self):
        """Return the language that most of the company's people read.

        Jobs write in it what all of them will read: names, reasons, notes.
        """
        self.ensure_one()
        # sudo: asked by jobs and by whoever creates a company
        users = self.env["res.users"].sudo()
        languages = users._read_group(
            [("company_ids", "in", self.ids), ("share", "=", False)],
            ["lang"],
            ["__count"],
            order="__count desc, lang",
            limit=1,
        )
        return languages[0][0] if languages else self.env.lang

    def _retention_choose_source(self):
        """Count what the company has: orders where most are never invoiced here.

        Only as long as no person has chosen and no purchase has been counted.
        :return: the companies whose source is another one now.
        """
        # sudo: whether any purchase was counted, whoever asks
        counted = self.env["retention.profile"].sudo()._with_archived()
        changed = self.browse()
        for company in self.filtered(lambda each: not each.retention_source_chosen):
            if counted.search_count(
                [("company_id", "=", company.id), ("purchase_count", ">", 0)], limit=1
            ):
                continue
            [(invoiced, ordered)] = self.env.execute_query(
                SQL(
                    """
                    SELECT (SELECT count(DISTINCT commercial_partner_id)
                              FROM account_move
                             WHERE company_id = %(company)s AND state = 'posted'
                               AND move_type = 'out_invoice'),
                           (SELECT count(DISTINCT partner_id) FROM sale_order
                             WHERE company_id = %(company)s AND state = 'sale')
                    """,
                    company=company.id,
                )
            )
            source = "invoice" if 2 * invoiced >= ordered else "order"
            if company.retention_revenue_source != source:
                company.write(
                    {
                        "retention_revenue_source": source,
                        "retention_source_chosen": False,
                    }
                )
                changed |= company
        return changed

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.float_utils import float_round

from .retention_loading import is_text

MOST = 1e12  # an amount beyond this in any currency is a slip of the keyboard
NEEDED = ("partner_id", "amount", "reference")


class RetentionPurchase(models.Model):
    """One purchase that was made outside Odoo: in a shop, a till, an old system.

    A negative amount is a refund. Comes in by hand, by Odoo's import, or through
    :meth:`load_purchases`; ``reference`` is unique per company, so that loading a
    file again adds nothing.
    """

    _name = "retention.purchase"
    _inherit = ["retention.marking", "retention.loading"]
    _description = "Purchase from Elsewhere"
    _order = "date desc, id desc"
    _rec_name = "reference"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    amount = fields.Monetary(
        required=True,
        help="Without taxes, in the currency of the purchase. Negative: a refund.",
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,  # summed by SQL for every customer
        help="Converted at the rate of the day of the purchase.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    reference = fields.Char(
        required=True,
        help="The purchase's number where it was made. Each number counts once.",
    )
    refunds_id = fields.Many2one(
        comodel_name="retention.purchase",
        string="Refund of",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The purchase that a negative amount gives back, as far as it is known.",
    )
    note = fields.Char()

    # the reference first: an index that begins with the company tempts the planner
    # to read all of a company's purchases once for every customer
    _reference_unique = models.UniqueIndex(
        "(reference, company_id)",
        "This reference has been loaded before: each purchase counts once.",
    )
    _amount_sane = models.Constraint(
        "CHECK (amount <> 'NaN' AND abs(amount) < 1000000000000)",
        "The amount must be a number below 1,000,000,000,000.",
    )
    _written_idx = models.Index("(write_date)")  # the collect step looks for new ones
    _revenue_idx = models.Index(
        "(partner_id) INCLUDE (company_id, date, amount_company)"
    )

    @api.depends("amount", "currency_id", "company_id", "date")
    def _compute_amount_company(self):
        rates = {}
        for purchase in self:
            company, currency = purchase.company_id, purchase.currency_id
            key = (currency, company, purchase.date)
            if key not in rates:
                rates[key] = currency._get_conversion_rate(
                    currency, company.currency_id, company, purchase.date
                )
            purchase.amount_company = company.currency_id.round(
                purchase.amount * rates[key]
            )

    @api.constrains("date")
    def _check_date(self):
        # a till one time zone ahead may be in tomorrow already
        latest = fields.Date.today() + timedelta(days=1)
        for purchase in self:
            if purchase.date > latest:
                raise ValidationError(
                    self.env._(
                        "Purchase %(reference)s is dated %(date)s, in the future. "
                        "Correct the date.",
                        reference=purchase.reference,
                        date=purchase.date,
                    )
                )

    @api.constrains("refunds_id", "amount")
    def _check_refund(self):
        for purchase in self.filtered("refunds_id"):
            if purchase.amount > 0 or purchase.refunds_id.amount < 0:
                raise ValidationError(
                    self.env._(
                        "%(reference)s: a refund has a negative amount and gives back "
                        "a purchase.",
                        reference=purchase.reference,
                    )
                )

    @api.constrains("reference")
    def _check_reference(self):
        if not all(purchase.reference.strip() for purchase in self):
            raise ValidationError(self.env._("A purchase needs a reference."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            given = {
                name: self.env.context.get(f"default_{name}") for name in NEEDED
            } | vals
            self._check_given(given)
        return super().create(vals_list)

    def write(self, vals):
        self._check_given(vals)
        return super().write(vals)

    @api.model
    def _check_given(self, vals):
        """Refuse, in one sentence, what the ORM itself would stumble over."""
        fields_needed = {*NEEDED, "date", "currency_id"} & set(vals)
        if any(vals[name] is None or vals[name] is False for name in fields_needed):
            raise ValidationError(
                self.env._(
                    "A purchase needs a customer, a date, an amount, a currency and "
                    "a reference."
                )
            )
        if "amount" in vals and not abs(float(vals["amount"])) < MOST:  # also NaN
            raise ValidationError(
                self.env._("%s is not an amount that can be counted.", vals["amount"])
            )
        if not all(is_text(vals.get(name) or "") for name in ("reference", "note")):
            raise ValidationError(
                self.env._("A reference or note holds characters that cannot be kept.")
            )

    @api.model
    def get_import_templates(self):
        """Offer an example file in the import dialog."""
        return [
            {
                "label": self.env._("Import template for purchases from elsewhere"),
                "template": "/crm_retention/static/import/purchases.csv",
            }
        ]

    @api.model
    def load_purchases(self, rows):
        """Take in purchases from another system, all or none of them.

        :param rows: dictionaries with ``partner_id``, ``date`` ("YYYY-MM-DD"),
            ``amount`` (without taxes), ``reference``, and where wanted
            ``currency_id`` and ``note``; they go to the current company.
        :return: ``{"created": n, "unchanged": n}``; a row whose reference is known
            with the same customer, day, amount and currency is unchanged.
        :raises ValidationError: in one sentence that names the row, where a
            value is missing or wrong, or a known reference has other values.
        """
        return self._load_rows(rows)

    @api.model
    def _clean_row(self, number, row):
        """Return the values of one row of :meth:`load_purchases`, checked."""
        self._check_named(number, row, (*NEEDED, "date"))
        try:
            partner, amount = int(row["partner_id"]), float(row["amount"])
            currency = int(row.get("currency_id") or self.env.company.currency_id.id)
            day = fields.Date.to_date(row["date"])
        except (TypeError, ValueError, OverflowError):
            self._refuse(number, self.env._("a number or date cannot be read"))
        reference, note = str(row["reference"] or "").strip(), row.get("note") or False
        if not is_text(reference) or not is_text(note or ""):
            self._refuse(number, self.env._("a text holds characters to drop"))
        if not abs(amount) < MOST or not day:
            self._refuse(number, self.env._("its amount or date cannot be counted"))
        return {
            "partner_id": partner,
            "date": day,
            "amount": amount,
            "currency_id": currency,
            "reference": reference,
            "note": note,
            "company_id": self.env.company.id,
        }

    @api.model
    def _get_targets(self):
        return super()._get_targets() | {
            "currency_id": self.env._("its currency does not exist")
        }

    def _is_same(self, vals):
        """Tell whether this purchase already says what ``vals`` say."""
        self.ensure_one()
        digits = self.currency_id.rounding
        return (
            self.partner_id.id == vals["partner_id"]
            and self.date == vals["date"]
            and self.currency_id.id == vals["currency_id"]
            and float_round(self.amount - vals["amount"], precision_rounding=digits)
            == 0
        )

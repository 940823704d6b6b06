from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import benefits

AT_ONCE = 2_000  # contacts written in a transaction: some milliseconds each
PRICELIST, MANAGER = "pricelist", "manager"
# what is set: (field of the tier, field of the contact, only where it is empty)
WHAT = {
    PRICELIST: ("pricelist_id", "specific_property_product_pricelist", False),
    MANAGER: ("manager_id", "user_id", True),
}


class RetentionBenefit(models.Model):
    """That a tier set something on a customer, and what was there before.

    Kept so that it can be put back when the customer leaves the tier, or the addon
    the database. Written by :meth:`_apply` alone.
    """

    _name = "retention.benefit"
    _description = "Tier Benefit"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier", readonly=True, ondelete="set null"
    )
    what = fields.Selection(
        selection=[(PRICELIST, "Pricelist"), (MANAGER, "Account manager")],
        required=True,
        readonly=True,
    )
    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist", readonly=True, ondelete="set null"
    )
    pricelist_before_id = fields.Many2one(
        comodel_name="product.pricelist",
        readonly=True,
        ondelete="set null",
        help="Comes back when the customer leaves the tier. Empty: the usual one.",
    )
    manager_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        ondelete="set null",
    )
    manager_before_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson Before",
        readonly=True,
        ondelete="set null",
    )
    is_overruled = fields.Boolean(
        string="Person Chose Otherwise",
        readonly=True,
        help="Somebody had set another one by hand: the tier leaves it alone.",
    )
    date_from = fields.Date(string="Since", required=True, readonly=True)
    date_to = fields.Date(string="Until", readonly=True, help="Empty: today.")

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id, what) WHERE date_to IS NULL",
        "A tier gives a customer one of each benefit at a time.",
    )

    # ---- every night ----------------------------------------------------------------

    @api.model
    def _apply(self, company, today):
        """Set what tiers bring and put back what they brought; return how many moved.

        At most some thousand at once; the caller asks again until nothing moves.
        """
        return sum(self._apply_one(company, today, what) for what in WHAT)

    @api.model
    def _apply_one(self, company, today, what):
        tier_field, partner_field, fills_only = WHAT[what]
        wanted = self._get_wanted(company, tier_field)
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("what", "=", what)
            & Domain("date_to", "=", False)
        )
        given = {row.partner_id.id: row for row in self.search(domain)}
        customers = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .with_company(company)
            .browse(wanted.keys() | given.keys())
        )
        steps = {}
        for customer in customers:
            row = given.get(customer.id)
            step = benefits.next_step(
                wanted.get(customer.id, (None, None))[1],
                customer[partner_field].id or None,
                row and row._as_given(),
                fills_only,
            )
            if step:
                steps[customer.id] = step
            if len(steps) == AT_ONCE:
                break
        self._carry_out(company, today, what, steps, wanted, given)
        return len(steps)

    @api.model
    def _get_wanted(self, company, tier_field):
        """Return ``{customer: (tier, value)}`` of those whose tier brings something."""
        self.env["retention.profile"].flush_model(["tier_id", "partner_id"])
        self.env["retention.tier"].flush_model([tier_field])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id, tier.id, %(value)s
                  FROM retention_profile profile
                  JOIN retention_tier tier ON tier.id = profile.tier_id
                 WHERE profile.company_id = %(company)s AND %(value)s IS NOT NULL
                """,
                value=SQL.identifier("tier", tier_field),
                company=company.id,
            )
        )
        return {customer: (tier, value) for customer, tier, value in rows}

    def _as_given(self):
        self.ensure_one()
        name = f"{self.what}_id"
        before = f"{self.what}_before_id"
        return benefits.Given(
            self[name].id or None, self[before].id or None, self.is_overruled
        )

    @api.model
    def _carry_out(self, company, today, what, steps, wanted, given):
        """Write values grouped by what they are; close and open the benefits."""
        by_value = {}
        for customer, step in steps.items():
            if step.write:
                by_value.setdefault(step.value, []).append(customer)
        partners = self.env["res.partner"].with_company(company)
        for value, ids in by_value.items():
            partners.browse(ids).write({WHAT[what][1]: value or False})
        ended = self.browse(given[each].id for each in steps if each in given)
        ended.write({"date_to": today})
        self.flush_model()
        self.create(
            [
                {
                    "partner_id": customer,
                    "company_id": company.id,
                    "tier_id": wanted[customer][0],
                    "what": what,
                    f"{what}_id": step.given.value,
                    f"{what}_before_id": step.given.before,
                    "is_overruled": step.given.is_overruled,
                    "date_from": today,
                }
                for customer, step in steps.items()
                if step.given
            ]
        )

    # ---- when customers merge or the addon goes -------------------------------------

    @api.model
    def _merge(self, sources, target):
        """Keep one open benefit of each kind; what the target has wins."""
        everyone = sources | target
        rows = self.search(
            [("partner_id", "in", everyone.ids), ("date_to", "=", False)],
            order="id",
        )
        for (company, _what), same in rows.grouped(
            lambda row: (row.company_id, row.what)
        ).items():
            own = same.filtered(lambda row: row.partner_id == target)
            (same - own).write({"date_to": company._retention_today()})
        self.flush_model()

    @api.model
    def _restore_all(self):
        """Put back everything that tiers set, on all customers."""
        for company in self.search([("date_to", "=", False)]).company_id:
            today = company._retention_today()
            for what, (_tier_field, partner_field, _fills) in WHAT.items():
                rows = self.search(
                    [
                        ("company_id", "=", company.id),
                        ("what", "=", what),
                        ("date_to", "=", False),
                    ]
                )
                partners = self.env["res.partner"].with_company(company)
                steps = {}
                for row in rows:
                    current = partners.browse(row.partner_id.id)[partner_field].id
                    steps[row.partner_id.id] = benefits.next_step(
                        None, current or None, row._as_given(), False
                    )
                given = {row.partner_id.id: row for row in rows}
                self._carry_out(company, today, what, steps, {}, given)

"""The SQL of what groups of customers bought for, and of what rewards cost."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from odoo.tools import SQL
from odoo.tools.sql import column_exists

from ..tools import months
from ..tools.roi import Sums
from .points_sql import SPENT

ALL = 2**64
BEFORE = 12  # months before a period whose purchases tell customers apart


@dataclass(frozen=True)
class Arm:
    """A group of customers, and the whole months in which it is looked at.

    ``fits`` is a condition on ``customer`` (a profile), NULL for who is in no group,
    and ``side`` what it is in this one; of ``loyal`` groups only those who bought in
    the twelve months before. Since ``began`` the groups are treated differently: only
    what was bought before that is the same for both but for chance.
    """

    name: str
    fits: SQL
    side: bool
    first: date
    last: date
    loyal: bool = False
    began: date | None = None

    @property
    def windows(self):
        """Return ((first, last) of the months before, of the months themselves)."""
        start = months.first_day(self.began or self.first)
        before = months.shift(start, -BEFORE), start - timedelta(days=1)
        return before, (self.first, self.last)

    def select_members(self, company) -> SQL:
        """Return the select of the ids of its profiles."""
        loyal = SQL("TRUE")
        if self.loyal:
            loyal = SQL(
                """EXISTS (SELECT FROM retention_month bought
                    WHERE bought.profile_id = customer.id AND bought.purchases > 0
                      AND bought.month BETWEEN %s AND %s)""",
                *self.windows[0],
            )
        return SQL(
            """SELECT customer.id FROM retention_profile customer
                WHERE customer.company_id = %s AND customer.first_purchase < %s
                  AND (%s) IS %s AND %s""",
            company.id,
            self.first,
            self.fits,
            SQL("TRUE" if self.side else "FALSE"),
            loyal,
        )


def in_holdout(company, customer: SQL) -> SQL:
    """Return whether a customer (SQL of an id) is kept for comparison.

    As the guard decides (:func:`crm_retention.tools.caps.in_share`), to the bit.
    """
    limit = ceil(company.retention_holdout_share / 100 * ALL)
    return SQL(
        "substring(sha256(convert_to('holdout:' || %s || ':' || %s, 'UTF8'))"
        " FROM 1 FOR 8) < decode(%s, 'hex')",
        str(company.id),
        customer,
        f"{limit:016x}",
    )


class GroupSQL:
    """Sums what the customers of groups bought for: all groups in one pass."""

    def __init__(self, scope, arms):
        self.scope, self.arms = scope, arms
        windows = {window for arm in arms for window in arm.windows}
        self.places = {window: n for n, window in enumerate(sorted(windows))}
        self.loyal = {arm.windows[0] for arm in arms if arm.loyal}
        self.conditions = []  # those that both sides share are asked once
        for arm in arms:
            if not any(arm.fits is fits for fits in self.conditions):
                self.conditions.append(arm.fits)

    def sums(self) -> dict[str, Sums]:
        """Return ``{name of an arm: Sums}``; those of nobody are there, too."""
        result = {arm.name: Sums() for arm in self.arms}
        if self.arms:
            for name, *found in self.scope.rows(self._select()):
                result[name] = Sums(*found)
        return result

    def _select(self):
        return SQL(
            """
            WITH customer AS MATERIALIZED (
              SELECT customer.id, customer.first_purchase, %(fits)s
                FROM retention_profile customer
               WHERE customer.company_id = %(company)s
                 AND customer.first_purchase < %(latest)s AND %(among)s),
            spent AS MATERIALIZED (
              SELECT profile_id, %(sums)s FROM retention_month
               WHERE company_id = %(company)s AND month >= %(first)s
                 AND month <= %(last)s
               GROUP BY profile_id)
            %(arms)s
            """,
            fits=SQL(", ").join(
                SQL("(%s) AS %s", fits, SQL.identifier(f"fits_{place}"))
                for place, fits in enumerate(self.conditions)
            ),
            company=self.scope.company.id,
            latest=max(arm.first for arm in self.arms),
            among=self.scope.among_profiles(SQL("customer.id")),
            sums=SQL(", ").join(
                column
                for window, place in self.places.items()
                for column in self._sum_window(place, window)
            ),
            first=min(first for first, _last in self.places),
            last=max(last for _first, last in self.places),
            arms=SQL(" UNION ALL ").join(self._sum_arm(arm) for arm in self.arms),
        )

    def _place(self, arm):
        """Return which of the conditions decides about a group."""
        places = enumerate(self.conditions)
        return next(place for place, fits in places if fits is arm.fits)

    def _sum_window(self, place, window):
        """Return the columns of one stretch: the revenue, and if asked any purchase."""
        within = SQL("month BETWEEN %s AND %s", *window)
        columns = [
            SQL(
                "sum(revenue::float8) FILTER (WHERE %s) AS %s",
                within,
                SQL.identifier(f"revenue_{place}"),
            )
        ]
        if window in self.loyal:
            columns.append(
                SQL(
                    "bool_or(purchases > 0) FILTER (WHERE %s) AS %s",
                    within,
                    SQL.identifier(f"bought_{place}"),
                )
            )
        return columns

    def _sum_arm(self, arm):
        before, within = (self.places[window] for window in arm.windows)
        loyal = SQL("TRUE")
        if arm.loyal:
            loyal = SQL("spent.%s", SQL.identifier(f"bought_{before}"))
        return SQL(
            """
            SELECT %(name)s AS name, count(*), sum(y), sum(y * y), sum(x), sum(x * x),
                   sum(x * y)
              FROM (SELECT COALESCE(spent.%(after)s, 0) AS y,
                           COALESCE(spent.%(before)s, 0) AS x
                      FROM customer LEFT JOIN spent ON spent.profile_id = customer.id
                     WHERE customer.%(fits)s IS %(side)s
                       AND customer.first_purchase < %(first)s
                       AND %(loyal)s) one
            HAVING count(*) > 0
            """,
            name=arm.name,
            after=SQL.identifier(f"revenue_{within}"),
            before=SQL.identifier(f"revenue_{before}"),
            fits=SQL.identifier(f"fits_{self._place(arm)}"),
            side=SQL("TRUE" if arm.side else "FALSE"),
            first=arm.first,
            loyal=loyal,
        )


class RewardSQL:
    """What customers got for points in some days: spent points, discounts, gifts."""

    def __init__(self, scope, first, last):
        self.scope, self.company = scope, scope.company
        self.first, self.last = first, last

    def points(self):
        """Return [(points program, tier's band then or None, on orders?, points)].

        Spent points less those given back, unless that was taken back. On orders: for a
        coupon, a code or an e-wallet, whose money is taken off what is bought.
        """
        kept = None
        if self.last < self.company._retention_today():
            days = self.scope.env["retention.points.day"]
            kept = days._get_kept(self.company, SPENT)
        return self.scope.rows(
            SQL(
                """
                SELECT program_id, NULLIF(split_part(fate, ':', 1), ''),
                       split_part(fate, ':', 2) = 'order', sum(points)
                  FROM (%s) spent WHERE day BETWEEN %s AND %s
                 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """,
                SQL("SELECT * FROM %s kept", kept) if kept else self.spent_select(),
                self.first,
                self.last,
            )
        )

    def spent_select(self):
        """Return the select of (program, day, band and way, points, 0) spent.

        Band and way: as "high:order", "high:" or ":", the band that of the tier held
        then.
        """
        return SQL(
            """
            WITH spent AS MATERIALIZED (%(spent)s),
            held AS (
              SELECT DISTINCT ON (spent.id) spent.id, tier.band
                FROM spent
                JOIN retention_membership member
                  ON member.partner_id = spent.partner_id
                 AND member.company_id = %(company)s
                 AND member.date_from <= spent.date
                 AND (member.date_to IS NULL OR member.date_to > spent.date)
                JOIN retention_tier tier ON tier.id = member.tier_id
               ORDER BY spent.id, member.id DESC)
            SELECT spent.program_id, spent.date AS day,
                   COALESCE(held.band, '') || ':'
                   || CASE WHEN spent.on_orders THEN 'order' ELSE '' END AS fate,
                   sum(spent.points) AS points, 0 AS awards
              FROM spent LEFT JOIN held ON held.id = spent.id
             GROUP BY 1, 2, 3
            """,
            spent=self._spent(),
            company=self.company.id,
        )

    def _spent(self):
        """Return the entries of spent points, given back ones and those taken anew."""
        return SQL(
            """
            SELECT entry.id, entry.date, -entry.points AS points, account.program_id,
                   account.partner_id,
                   COALESCE(got.kind IN ('coupon', 'code', 'wallet'), FALSE)
                     AS on_orders
              FROM (SELECT id, account_id, date, points, id AS spent_id
                      FROM retention_points_entry
                     WHERE kind = 'redeem' AND date BETWEEN %(first)s AND %(last)s
                     UNION ALL
                    SELECT entry.id, entry.account_id, entry.date, entry.points,
                           COALESCE(root.id, undone.id)
                      FROM retention_points_entry entry
                      JOIN retention_points_entry undone
                        ON undone.id = entry.reverses_id
                      LEFT JOIN retention_points_entry root
                        ON root.id = undone.reverses_id
                     WHERE entry.kind = 'reverse'
                       AND COALESCE(root.kind, undone.kind) = 'redeem'
                       AND entry.date BETWEEN %(first)s AND %(last)s) entry
              JOIN retention_points_account account ON account.id = entry.account_id
              LEFT JOIN retention_reward_exchange got ON got.entry_id = entry.spent_id
             WHERE account.company_id = %(company)s
            """,
            company=self.company.id,
            first=self.first,
            last=self.last,
        )

    def discounts(self):
        """Return (money taken off orders, what free products cost).

        By the coupons, codes and e-wallets that customers get for points; in company
        currency, products at what they cost today. A till sells a free product and
        takes its price off: that is money.
        """
        selects = [self._order_rewards()]
        if self._has_tills():
            selects.append(self._till_rewards())
        [row] = self.scope.rows(
            SQL(
                """
                WITH ours AS MATERIALIZED (
                  SELECT DISTINCT loyalty_program_id AS id FROM retention_reward
                   WHERE company_id = %s AND loyalty_program_id IS NOT NULL)
                SELECT COALESCE(sum(money), 0)::float8,
                       COALESCE(sum(products), 0)::float8
                  FROM (%s) reward
                """,
                self.company.id,
                SQL(" UNION ALL ").join(selects),
            )
        )
        return row

    def _order_rewards(self):
        begin, end = self.company._retention_day_bounds(self.first, self.last)
        return SQL(
            """
            SELECT -line.price_subtotal
                   / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric AS money,
                   CASE WHEN reward.reward_type = 'product'
                        THEN line.product_uom_qty
                             * (product.standard_price ->> %(key)s)::float8 END
                     AS products
              FROM sale_order doc
              JOIN sale_order_line line ON line.order_id = doc.id
              JOIN loyalty_reward reward ON reward.id = line.reward_id
              JOIN ours ON ours.id = reward.program_id
              LEFT JOIN product_product product ON product.id = line.product_id
             WHERE doc.id IN (
                     SELECT used.order_id FROM loyalty_history used
                       JOIN loyalty_card card ON card.id = used.card_id
                       JOIN ours ON ours.id = card.program_id
                      WHERE used.order_model = 'sale.order')
               AND doc.company_id = %(company)s AND doc.state = 'sale'
               AND doc.date_order >= %(begin)s AND doc.date_order < %(end)s
            """,
            company=self.company.id,
            key=str(self.company.id),
            begin=begin,
            end=end,
        )

    def _has_tills(self):
        """Tell whether rewards can be redeemed at tills, in this database."""
        return column_exists(self.scope.env.cr, "pos_order_line", "reward_id")

    def _till_rewards(self):
        """Rewards taken off at tills, but of sales orders that were paid there."""
        begin, end = self.company._retention_day_bounds(self.first, self.last)
        settles = SQL("FALSE")
        if column_exists(self.scope.env.cr, "pos_order_line", "sale_order_origin_id"):
            settles = SQL("line.sale_order_origin_id IS NOT NULL")
        return SQL(
            """
            SELECT -line.price_subtotal
                   / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric, NULL
              FROM ours
              JOIN loyalty_reward reward ON reward.program_id = ours.id
              JOIN pos_order_line line ON line.reward_id = reward.id
              JOIN pos_order doc ON doc.id = line.order_id
             WHERE doc.company_id = %s AND doc.state IN ('paid', 'done')
               AND doc.date_order >= %s AND doc.date_order < %s AND NOT %s
            """,
            self.company.id,
            begin,
            end,
            settles,
        )


class MarginSQL:
    """What is left of product lines after what the products cost today."""

    def __init__(self, scope, first, last):
        self.scope, self.company = scope, scope.company
        self.first, self.last = first, last

    def rate(self):
        """Return (revenue of all lines, of those with a known cost, their cost)."""
        by_invoice = self.company.retention_revenue_source == "invoice"
        lines = self._invoice_lines() if by_invoice else self._order_lines()
        [row] = self.scope.rows(
            SQL(
                """
                SELECT COALESCE(sum(line.revenue), 0)::float8,
                       COALESCE(sum(line.revenue) FILTER (WHERE cost > 0), 0)::float8,
                       COALESCE(sum(line.pieces * cost) FILTER (WHERE cost > 0),
                                0)::float8
                  FROM (%(lines)s) line
                  JOIN product_product product ON product.id = line.product_id
                  CROSS JOIN LATERAL (
                    SELECT (product.standard_price ->> %(key)s)::float8 AS cost) priced
                """,
                lines=lines,
                key=str(self.company.id),
            )
        )
        return row

    def _invoice_lines(self):
        return SQL(
            """
            SELECT line.product_id, -line.balance AS revenue,
                   line.quantity * COALESCE(unit.factor / NULLIF(own.factor, 0), 1)
                   * CASE doc.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS pieces
              FROM account_move doc
              JOIN account_move_line line ON line.move_id = doc.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
              LEFT JOIN uom_uom own ON own.id = template.uom_id
             WHERE doc.state = 'posted' AND doc.company_id = %s
               AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND doc.invoice_date BETWEEN %s AND %s
               AND line.display_type = 'product' AND line.balance <> 0
            """,
            self.company.id,
            self.first,
            self.last,
        )

    def _order_lines(self):
        begin, end = self.company._retention_day_bounds(self.first, self.last)
        return SQL(
            """
            SELECT line.product_id,
                   line.price_subtotal
                   / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric AS revenue,
                   line.product_uom_qty
                   * COALESCE(unit.factor / NULLIF(own.factor, 0), 1) AS pieces
              FROM sale_order doc
              JOIN sale_order_line line ON line.order_id = doc.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
              LEFT JOIN uom_uom own ON own.id = template.uom_id
             WHERE doc.state = 'sale' AND doc.company_id = %s
               AND doc.date_order >= %s AND doc.date_order < %s
               AND line.display_type IS NULL AND line.reward_id IS NULL
               AND line.is_downpayment IS NOT TRUE AND line.price_subtotal <> 0
            """,
            self.company.id,
            begin,
            end,
        )

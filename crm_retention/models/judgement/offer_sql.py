"""The SQL that counts which products are bought with or after which others."""

from odoo.tools import SQL

from ...tools.offers import Z

MOST_CUSTOMERS = 20_000  # more are sampled: always the same ones, by their id
MOST_ITEMS = 300  # the products that most customers bought
KEPT = 5  # rules a product, kind and segment


class OfferSQL:
    """Builds the statements for one company.

    :param lines: the select of product lines that count
        (``retention.transaction._lines``).
    """

    def __init__(self, company, lines):
        self.company = company
        self.lines = lines

    def forget(self, kind):
        """Return the statement that removes the rules of before."""
        return SQL(
            "DELETE FROM retention_offer_rule WHERE company_id = %s AND kind = %s",
            self.company.id,
            kind,
        )

    def count(self, kind):
        """Return the statement that counts, and keeps the surest rules.

        The same as :func:`tools.offers.rules_next` (a unit is a customer) and
        ``rules_together`` (a document), for everybody and by segment at once.
        """
        return SQL(
            """
            WITH line AS MATERIALIZED (%(line)s),
            item AS MATERIALIZED (
              SELECT item, mode() WITHIN GROUP (ORDER BY product) AS product
                FROM line GROUP BY item
              HAVING count(DISTINCT customer) >= %(least)s
               ORDER BY count(DISTINCT customer) DESC, item LIMIT %(items)s),
            %(pairs)s, %(kept)s
            """,
            line=self._line(),
            least=self.company.retention_offer_least,
            items=MOST_ITEMS,
            pairs=self._pairs(kind == "next"),
            kept=self._keep(kind),
        )

    def _pairs(self, by_customer):
        """Return what is counted: all units, those with an item, and with two."""
        days = self.company.retention_offer_horizon
        return SQL(
            """
            unit AS MATERIALIZED (
              SELECT %(unit)s AS unit, min(segment) AS segment, item, min(day) AS day
                FROM line JOIN item USING (item) GROUP BY %(unit)s, item),
            base AS (
              SELECT segment, grouping(segment) AS everybody,
                     count(DISTINCT %(unit)s) AS base
                FROM line GROUP BY GROUPING SETS ((), (segment))),
            buyers AS (
              SELECT segment, grouping(segment) AS everybody, item, count(*) AS buyers
                FROM unit GROUP BY GROUPING SETS ((item), (segment, item))),
            pair AS (
              SELECT one.segment, grouping(one.segment) AS everybody,
                     one.item AS product, other.item AS offer,
                     count(*) FILTER (WHERE %(taken)s) AS hits,
                     count(*) FILTER (WHERE %(had)s) AS had
                FROM unit one
                JOIN unit other ON other.unit = one.unit AND other.item <> one.item
               GROUP BY GROUPING SETS ((one.item, other.item),
                                       (one.segment, one.item, other.item))
              HAVING count(*) FILTER (WHERE %(taken)s) >= %(least)s)
            """,
            unit=SQL("customer" if by_customer else "document"),
            taken=SQL("other.day > one.day AND other.day <= one.day + %s", days)
            if by_customer
            else SQL("TRUE"),
            had=SQL("other.day <= one.day") if by_customer else SQL("FALSE"),
            least=self.company.retention_offer_least,
        )

    def _line(self):
        """Return the lines of products that can be offered, with their segments."""
        return SQL(
            """
            SELECT found.customer, found.document, found.day, variant.id AS product,
                   variant.product_tmpl_id AS item, profile.segment_id AS segment
              FROM (%(lines)s) found
              JOIN product_product variant
                ON variant.id = found.product AND variant.active
              JOIN product_template template
                ON template.id = variant.product_tmpl_id
               AND template.active AND template.sale_ok
               AND (template.company_id IS NULL OR template.company_id = %(company)s)
              LEFT JOIN retention_profile profile
                ON profile.partner_id = found.customer
               AND profile.company_id = %(company)s
              JOIN res_partner customer ON customer.id = found.customer
             WHERE NOT found.returned AND customer.retention_no_profiling IS NOT TRUE
               AND mod(abs(hashint4(found.customer)::bigint), (
                     SELECT GREATEST(1, ceil(count(*) / %(most)s::numeric))
                       FROM retention_profile WHERE company_id = %(company)s
                   )::bigint) = 0
            """,
            lines=self.lines,
            company=self.company.id,
            most=MOST_CUSTOMERS,
        )

    def _keep(self, kind):
        """Return the end of the statement: what is sure is kept, the best few."""
        return SQL(
            """
            counted AS (
              SELECT pair.segment, pair.product, pair.offer, pair.hits,
                     one.buyers - pair.had AS chances, other.buyers, base.base,
                     pair.hits::float8 / (one.buyers - pair.had) AS confidence
                FROM pair
                JOIN buyers one ON one.item = pair.product
                 AND one.everybody = pair.everybody
                 AND one.segment IS NOT DISTINCT FROM pair.segment
                JOIN buyers other ON other.item = pair.offer
                 AND other.everybody = pair.everybody
                 AND other.segment IS NOT DISTINCT FROM pair.segment
                JOIN base ON base.everybody = pair.everybody
                 AND base.segment IS NOT DISTINCT FROM pair.segment
               WHERE pair.everybody = 1 OR pair.segment IS NOT NULL),
            ranked AS (
              SELECT counted.*, row_number() OVER (
                       PARTITION BY segment, product
                       ORDER BY confidence DESC, hits DESC, offer) AS place
                FROM counted WHERE %(low)s > buyers::float8 / base)
            INSERT INTO retention_offer_rule
                   (company_id, kind, segment_id, product_tmpl_id, offer_tmpl_id,
                    offer_id, hits, chances, buyers, base, support, confidence, lift)
            SELECT %(company)s, %(kind)s, ranked.segment, ranked.product, ranked.offer,
                   item.product, hits, chances, buyers, base, hits::float8 / base,
                   confidence, confidence / (buyers::float8 / base)
              FROM ranked JOIN item ON item.item = ranked.offer
             WHERE place <= %(kept)s
            """,
            low=self._wilson_low(),
            company=self.company.id,
            kind=kind,
            kept=KEPT,
        )

    def _wilson_low(self):
        """Return :func:`tools.offers.wilson_low` of confidence among ``chances``."""
        return SQL(
            """(confidence + %(square)s / (2 * chances)
                - %(z)s * sqrt(confidence * (1 - confidence) / chances
                               + %(square)s / (4 * chances::float8 * chances)))
               / (1 + %(square)s / chances)""",
            z=Z,
            square=Z * Z,
        )

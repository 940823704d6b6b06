"""The SQL of data quality: faults of many customers at once, and who is alike."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...tools import quality
from .score_columns import case

RELATION = "retention_profile_quality_rule_rel"
MOST_ALIKE = 20  # more contacts with one address share it: a switchboard, a placeholder
LEGAL_FORMS = (
    "ab|ag|as|bv|bvba|co|corp|corporation|company|eg|ev|gmbh|inc|incorporated|kg|kft"
    "|limited|llc|llp|ltd|mbh|nv|ohg|oy|oyj|plc|pte|pty|sa|sarl|sas|se|sl|spa|sprl|srl"
)
ZIP = SQL("upper(replace(p.zip, ' ', ''))")
# how alike contacts are found: by what they have in common, made comparable
KEYS = {
    "email": SQL("p.email_normalized"),
    "phone": SQL("p.phone_sanitized"),
    "vat": SQL(
        """CASE WHEN length(regexp_replace(p.vat, '[^A-Za-z0-9]', '', 'g')) > 5
           THEN upper(regexp_replace(p.vat, '[^A-Za-z0-9]', '', 'g')) END"""
    ),
    "name": SQL(
        r"""CASE WHEN length(%(name)s) > 3 AND p.zip <> ''
            THEN %(name)s || '|' || %(zip)s END""",
        zip=ZIP,
        name=SQL(
            r"""regexp_replace(regexp_replace(lower(p.name), %s, ' ', 'g'),
                '[[:punct:][:space:]]+', '', 'g')""",
            rf"\m({LEGAL_FORMS})\M\.?",
        ),
    ),
}
JUDGE = """
WITH weighed AS MATERIALIZED (
       SELECT profile.id,
              array_remove(ARRAY[%(faults)s]::int[], NULL) AS faults,
              %(lost)s AS lost, %(whole)s AS whole
         FROM retention_profile profile
         JOIN res_partner customer ON customer.id = profile.partner_id
        WHERE profile.company_id = %(company)s AND %(which)s),
     judged AS MATERIALIZED (
       SELECT id, faults, CASE WHEN whole = 0 THEN 100
                ELSE (200 * (whole - lost) + whole) / (2 * whole)
              END::integer AS score FROM weighed),
     gone AS (
       DELETE FROM %(relation)s known USING judged
        WHERE known.profile_id = judged.id
          AND known.rule_id <> ALL (judged.faults)
       RETURNING known.profile_id),
     come AS (
       INSERT INTO %(relation)s (profile_id, rule_id)
       SELECT id, unnest(faults) FROM judged
       ON CONFLICT DO NOTHING
       RETURNING profile_id),
     changed AS (
       UPDATE retention_profile profile
          SET quality = judged.score, quality_share = %(share)s
         FROM judged
        WHERE profile.id = judged.id
          AND (profile.quality, profile.quality_share)
              IS DISTINCT FROM (judged.score, %(share)s)
       RETURNING profile.id)
SELECT (SELECT count(*) FROM judged),
       (SELECT count(*) FROM (SELECT profile_id FROM gone UNION
          SELECT profile_id FROM come UNION SELECT id FROM changed) each)
"""
PAIRS = """
WITH candidate AS MATERIALIZED (
       SELECT id, name, zip, vat, email_normalized, phone_sanitized
         FROM res_partner p
        WHERE p.active AND p.commercial_partner_id = p.id AND %(near)s
          AND COALESCE(p.company_id, %(company)s) = %(company)s
          AND p.id NOT IN (SELECT partner_id FROM res_company)
          AND p.id NOT IN (SELECT partner_id FROM res_users
                            WHERE share IS NOT TRUE)),
     keyed AS MATERIALIZED (
       SELECT id, kind, key, min(id) OVER alike AS oldest,
              count(*) OVER alike AS number
         FROM (%(keyed)s) each
        WHERE key <> ''
       WINDOW alike AS (PARTITION BY kind, key))
SELECT oldest AS partner_id, id AS other_id, %(flags)s,
       count(*)::integer AS strength
  FROM keyed
 WHERE id <> oldest AND number <= %(most)s
   AND EXISTS (SELECT FROM retention_profile profile
                WHERE profile.company_id = %(company)s
                  AND profile.partner_id IN (keyed.id, keyed.oldest))
 GROUP BY oldest, id
"""


class QualitySQL:
    """Builds the statements for the customers of one company on one day."""

    def __init__(self, company, as_of):
        self.company = company
        self.as_of = as_of
        self.env = company.env
        self.rules = self.env["retention.quality.rule"].search(
            [("company_id", "=", company.id)]
        )
        self.env.flush_all()

    # ---- faults --------------------------------------------------------------------

    def _is_faulty(self, rule):
        """Return the condition that ``customer``, a contact, breaks the rule."""
        if rule.kind == "bounced":
            return SQL("customer.message_bounce > 0")
        if rule.kind == "stale":
            return SQL(
                "%s < %s",
                self._known_on(),
                self.as_of - relativedelta(months=rule.months),
            )
        if rule.kind == "duplicate":
            return SQL(
                """customer.id IN (
                     SELECT unnest(ARRAY[partner_id, other_id])
                       FROM retention_duplicate
                      WHERE company_id = %s AND state = 'open' AND %s)""",
                self.company.id,
                SQL.identifier(f"by_{rule.what}"),
            )
        if rule.kind == "malformed":
            return self._is_malformed(rule.what)
        if rule.what == "reach":
            return SQL(
                "COALESCE(customer.email, '') = ''"
                " AND btrim(COALESCE(customer.phone, '')) = ''"
            )
        column = SQL.identifier("customer", rule.what)
        if rule.what.endswith("_id"):
            return SQL("%s IS NULL", column)
        return SQL("btrim(COALESCE(%s, '')) = ''", column)

    @staticmethod
    def _is_malformed(what):
        """Return the condition that something is there, but cannot be right.

        A tax ID only by its shape: whether it exists, its country's office knows. A
        stroke stands for "has none" in Odoo.
        """
        if what == "email":
            return SQL(
                "btrim(customer.email) <> ''"
                " AND COALESCE(customer.email_normalized, '') = ''"
            )
        if what == "phone":
            return SQL(
                "btrim(customer.phone) <> ''"
                " AND COALESCE(customer.phone_sanitized, '') = ''"
            )
        return SQL(
            "btrim(customer.vat) NOT IN ('', '/') AND customer.vat !~ %s",
            r"^(?=(.*[0-9]){4})[A-Za-z0-9 .+*/-]{5,24}$",
        )

    @staticmethod
    def _known_on():
        """The day on which somebody last said that the data is right."""
        return SQL(
            "COALESCE(customer.retention_confirmed_on, customer.create_date::date)"
        )

    @staticmethod
    def _applies(rule):
        return {
            "all": SQL("TRUE"),
            "company": SQL("customer.is_company IS TRUE"),
            "person": SQL("customer.is_company IS NOT TRUE"),
        }[rule.customers]

    def _sum(self, conditions):
        """Return the sum of weights of ``[(rule, condition)]`` that hold."""
        parts = [
            SQL("CASE WHEN %s THEN %s ELSE 0 END", condition, rule.weight)
            for rule, condition in conditions
        ]
        return SQL(" + ").join(parts) if parts else SQL("0")

    def judge(self, which):
        """Return the statement that writes score and faults where they are different.

        :param which: function from a column of customers to the condition on it.
        Answers one row: (profiles looked at, profiles changed).
        """
        failed = [
            (rule, SQL("(%s AND (%s))", self._applies(rule), self._is_faulty(rule)))
            for rule in self.rules
        ]
        applies = [(rule, self._applies(rule)) for rule in self.rules]
        faults = [
            SQL("CASE WHEN %s THEN %s END", condition, rule.id)
            for rule, condition in failed
        ]
        return SQL(
            JUDGE,
            faults=SQL(", ").join(faults),
            lost=self._sum(failed),
            whole=self._sum(applies),
            company=self.company.id,
            which=which(SQL("profile.partner_id")),
            relation=SQL.identifier(RELATION),
            share=case(
                [(SQL("judged.score >= %s", quality.GOOD), SQL("100"))], SQL("0")
            ),
        )

    def changed(self, since, day):
        """Return the condition on a column: changed since then, or grown stale since.

        :param since: moment; :param day: the day for which all stand now.
        """
        moved = [SQL("customer.write_date >= %s", since)]
        for rule in self.rules.filtered(lambda each: each.kind == "stale"):
            months = relativedelta(months=rule.months)
            moved.append(
                SQL(
                    "(%(known)s >= %(before)s AND %(known)s < %(now)s)",
                    known=self._known_on(),
                    before=day - months,
                    now=self.as_of - months,
                )
            )
        among = SQL(
            "SELECT customer.id FROM res_partner customer WHERE %s",
            SQL(" OR ").join(moved),
        )
        return lambda column: SQL("%s IN (%s)", column, among)

    # ---- who is alike ---------------------------------------------------------------

    def alike(self, which=None):
        """Return the statements that bring the pairs of alike contacts up to date.

        Each alike contact stands with the oldest of its kind. What a person said about
        a pair stays.
        :param which: of these customers only.
        """
        touched = SQL("TRUE")
        if which:
            touched = SQL(
                "(%s OR %s)", which(SQL("partner_id")), which(SQL("other_id"))
            )
        yield SQL(
            """CREATE TEMP TABLE retention_alike ON COMMIT DROP AS
               SELECT * FROM (%s) pair WHERE %s""",
            self._pairs(which),
            touched,
        )
        yield self._write_alike()
        yield SQL(
            """DELETE FROM retention_duplicate known
                WHERE company_id = %s AND state = 'open' AND %s
                  AND NOT EXISTS (SELECT FROM retention_alike pair
                                   WHERE pair.partner_id = known.partner_id
                                     AND pair.other_id = known.other_id)""",
            self.company.id,
            touched,
        )
        yield SQL("DROP TABLE retention_alike")

    def _write_alike(self):
        """Return the statement that keeps new pairs, and how others are alike now."""
        columns = [*(f"by_{kind}" for kind in KEYS), "strength"]
        columns = [SQL.identifier(name) for name in columns]
        return SQL(
            """INSERT INTO retention_duplicate AS known
                 (company_id, state, partner_id, other_id, %(names)s)
               SELECT %(company)s, 'open', partner_id, other_id, %(names)s
                 FROM retention_alike
               ON CONFLICT (company_id, partner_id, other_id) DO UPDATE
                  SET (%(names)s) = (%(fresh)s)
                WHERE (%(known)s) IS DISTINCT FROM (%(fresh)s)""",
            names=SQL(", ").join(columns),
            company=self.company.id,
            fresh=SQL(", ").join(SQL("EXCLUDED.%s", name) for name in columns),
            known=SQL(", ").join(SQL("known.%s", name) for name in columns),
        )

    def _near(self, which):
        """Return the condition on ``p`` that it may be alike one of some customers.

        Found by what is cheap to compare: a night need not read all names letter by
        letter. Who has a tax ID is always compared.
        """
        if not which:
            return SQL("TRUE")
        some = SQL("FROM res_partner p WHERE %s", which(SQL("p.id")))
        return SQL(
            """(p.vat <> ''
                OR p.email_normalized IN (SELECT p.email_normalized %(some)s)
                OR p.phone_sanitized IN (SELECT p.phone_sanitized %(some)s)
                OR %(zip)s IN (SELECT %(zip)s %(some)s))""",
            some=some,
            zip=ZIP,
        )

    def _pairs(self, which=None):
        """Return the query of pairs: partner, other, and by what they are alike."""
        keyed = SQL(" UNION ALL ").join(
            SQL("SELECT p.id, %s AS kind, %s AS key FROM candidate p", kind, key)
            for kind, key in KEYS.items()
        )
        flags = SQL(", ").join(
            SQL("bool_or(kind = %s) AS %s", kind, SQL.identifier(f"by_{kind}"))
            for kind in KEYS
        )
        return SQL(
            PAIRS,
            near=self._near(which),
            company=self.company.id,
            keyed=keyed,
            flags=flags,
            most=MOST_ALIKE,
        )

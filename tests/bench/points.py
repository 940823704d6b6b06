"""Benchmark of the points ledger: issuing, releasing, reversing, expiring, redeeming.

A million awards (``--orders``) to 200,000 customers, posted in batches of 10,000 as
the settle step posts them; then all are released, a tenth is reversed in part, and a
third expires. Beside it plain SQL writes the same rows into tables with the same
indexes, foreign keys and triggers, on the same data in the same run; it neither looks
whether an event was posted before nor which awards have anything left.
Then customers spend one at a time, each in a transaction of its own.

The last line printed is ``BENCH points key=value …``.
"""

import datetime
import math
import statistics
import time

from _common import Bench, memory, parser, say_result

from odoo.tools import SQL

DAY = datetime.date(2026, 6, 1)
BATCH = 10_000
SPENDINGS = 3_000
TABLES = ("account", "entry", "award", "allocation")

PARTNERS = """
INSERT INTO res_partner (name, complete_name, active, type, is_company, create_date,
                         write_date, create_uid, write_uid, autopost_bills)
SELECT 'Bench ' || n, 'Bench ' || n, TRUE, 'contact', TRUE, now(), now(), 1, 1, 'ask'
  FROM generate_series(1, %(customers)s) n;
UPDATE res_partner SET commercial_partner_id = id
 WHERE name LIKE 'Bench %%' AND is_company;
"""

# what is to be posted: the n-th award of an account
EVENTS = """
CREATE TABLE bench_event AS
SELECT n AS id, account.id AS account_id, 1 + (hashint4(n::integer) & 127) AS points,
       %(day)s::date + 14 AS available_on,
       %(day)s::date + 30 + (hashint4(n::integer + 7) & 511) AS expires_on
  FROM generate_series(1, %(orders)s) n
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place
          FROM retention_points_account) account
    ON account.place = 1 + (n::bigint * 7919) %% %(customers)s;
ALTER TABLE bench_event ADD PRIMARY KEY (id);
"""

# tables with the same columns, indexes, foreign keys and triggers
PLAIN = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT unnest(ARRAY['account', 'entry', 'award', 'allocation']) AS part
    LOOP
        EXECUTE format('CREATE TABLE plain_%%1$s (LIKE retention_points_%%1$s
                        INCLUDING ALL)', each.part);
        EXECUTE format('CREATE SEQUENCE plain_%%1$s_id', each.part);
        EXECUTE format('ALTER TABLE plain_%%1$s ALTER id
                        SET DEFAULT nextval(''plain_%%1$s_id'')', each.part);
    END LOOP;
    FOR each IN
        SELECT replace(conrelid::regclass::text, 'retention_points_', 'plain_')
                   AS place,
               regexp_replace(
                   pg_get_constraintdef(oid),
                   'REFERENCES retention_points_(account|entry|award|allocation)\\M',
                   'REFERENCES plain_\\1') AS definition
          FROM pg_constraint
         WHERE contype = 'f' AND conrelid::regclass::text IN (
               'retention_points_account', 'retention_points_entry',
               'retention_points_award', 'retention_points_allocation')
    LOOP
        EXECUTE 'ALTER TABLE ' || each.place || ' ADD ' || each.definition;
    END LOOP;
END
$$;
INSERT INTO plain_account (id, program_id, partner_id, company_id, balance, pending,
       debt, version, entry_count, checksum)
SELECT id, program_id, partner_id, company_id, 0, 0, 0, 0, 0, 0
  FROM retention_points_account;
CREATE TRIGGER plain_entry_keep BEFORE UPDATE OR DELETE ON plain_entry
   FOR EACH ROW EXECUTE FUNCTION retention_points_keep('create_uid', 'reason');
"""

# one batch of the same: entries, awards, the accounts' sums
PLAIN_ISSUE = """
WITH event AS MATERIALIZED (
    SELECT * FROM bench_event WHERE id > %(after)s ORDER BY id LIMIT %(batch)s
), entry AS (
    INSERT INTO plain_entry (account_id, kind, points, balance_after, date, key,
           payload_hash, res_model, res_id, available_on, expires_on, reason,
           create_uid, create_date)
    SELECT account_id, 'earn', points, points, %(day)s, 'earn:bench:' || id,
           encode(sha256(convert_to(id::text, 'UTF8')), 'hex'), 'bench', id,
           available_on, expires_on, 'Bench', 1, now()
      FROM event
    RETURNING id, account_id, points, available_on, expires_on
), award AS (
    INSERT INTO plain_award (entry_id, account_id, remaining, state, available_on,
           expires_on)
    SELECT id, account_id, points, 'pending', available_on, expires_on FROM entry
)
UPDATE plain_account account
   SET balance = balance + total, pending = pending + total,
       entry_count = entry_count + number, version = version + 1
  FROM (SELECT account_id, sum(points) AS total, count(*) AS number
          FROM entry GROUP BY account_id) sums
 WHERE account.id = sums.account_id;
"""
PLAIN_RELEASE = """
WITH award AS (
    UPDATE plain_award SET state = 'open'
     WHERE state = 'pending' AND account_id > %(after)s AND account_id <= %(upto)s
    RETURNING account_id, remaining
)
UPDATE plain_account account SET pending = pending - total, version = version + 1
  FROM (SELECT account_id, sum(remaining) AS total FROM award GROUP BY account_id) sums
 WHERE account.id = sums.account_id;
"""
# a debit that draws on one award: half of it, or all of it
PLAIN_DRAW = """
WITH chosen AS MATERIALIZED (
    SELECT id, account_id, entry_id,
           ceil(remaining * %(part)s)::integer AS part
      FROM plain_award WHERE id = ANY(%(awards)s)
), entry AS (
    INSERT INTO plain_entry (account_id, kind, points, balance_after, date, key,
           payload_hash, reverses_id, reason, create_uid, create_date)
    SELECT account_id, %(kind)s, -part, 0, %(day)s, %(kind)s || ':' || id,
           encode(sha256(convert_to(id::text, 'UTF8')), 'hex'),
           CASE WHEN %(kind)s = 'reverse' THEN entry_id END, 'Bench', 1, now()
      FROM chosen
    RETURNING id, key
), draw AS (
    INSERT INTO plain_allocation (entry_id, award_id, points)
    SELECT entry.id, chosen.id, part
      FROM entry JOIN chosen ON entry.key = %(kind)s || ':' || chosen.id
), award AS (
    UPDATE plain_award award
       SET remaining = remaining - part,
           state = CASE WHEN remaining > part THEN state ELSE 'used' END
      FROM chosen WHERE award.id = chosen.id
)
UPDATE plain_account account
   SET balance = balance - total, entry_count = entry_count + number,
       version = version + 1
  FROM (SELECT account_id, sum(part) AS total, count(*) AS number
          FROM chosen GROUP BY account_id) sums
 WHERE account.id = sums.account_id;
"""


class PointsBench(Bench):
    def fill(self):
        self.sql(PARTNERS, customers=self.customers)
        self.program_id = self.work(self.make_program)
        self.sql(EVENTS, orders=self.orders, customers=self.customers, day=DAY)
        self.sql(PLAIN)
        self.vacuum("bench_event", "retention_points_account", "plain_account")

    def make_program(self, env):
        program = env["retention.points.program"].create(
            {"name": "Bench", "start_date": DAY}
        )
        env.cr.execute(
            "SELECT id FROM res_partner WHERE name LIKE 'Bench %' AND is_company"
        )
        ids = [row[0] for row in env.cr.fetchall()]
        for start in range(0, len(ids), BATCH):
            env["retention.points.account"]._open(program, ids[start : start + BATCH])
        env.cr.commit()
        return program.id

    def timed(self, title, job):
        start = time.monotonic()
        rows = job()
        seconds = time.monotonic() - start
        print(f"  {title:16} {seconds:7.2f} s, {rows} rows", flush=True)
        return seconds

    # ---- ours --------------------------------------------------------------------

    def post(self, env, rows, make):
        """Post one batch of rows and commit, as the settle step does."""
        from odoo.addons.crm_retention.tools import points

        program = env["retention.points.program"].browse(self.program_id)
        postings = [make(points, row) for row in rows]
        start = time.monotonic()
        env["retention.points.account"]._post(program, postings, self.today)
        env.cr.commit()
        self.longest["write"] = max(self.longest["write"], time.monotonic() - start)
        return len(postings)

    def issue(self):
        self.today, done = DAY, 0

        def batch(env):
            env.cr.execute(
                "SELECT * FROM bench_event WHERE id > %s ORDER BY id LIMIT %s",
                [done, BATCH],
            )
            return self.post(
                env,
                env.cr.fetchall(),
                lambda points, row: points.Posting(
                    row[1],
                    f"earn:bench:{row[0]}",
                    points.EARN,
                    row[2],
                    available_on=row[3],
                    expires_on=row[4],
                    res_model="bench",
                    res_id=row[0],
                    reason="Bench",
                ),
            )

        while count := self.work(batch):
            done += count
        return done

    def release(self):
        day = DAY + datetime.timedelta(days=14)

        def batch(env):
            program = env["retention.points.program"].browse(self.program_id)
            answer = env["retention.points.account"]._release(program, day)
            env.cr.commit()
            return answer

        total, more = 0, True
        while more:
            count, more = self.work(batch)
            total += count
        return total

    def choose(self, table, every):
        """Return the ids of every so many-th award, in the order of the accounts."""

        def read(env):
            env.cr.execute(
                SQL(
                    "SELECT id FROM %s WHERE id %% %s = 1 AND state = 'open'"
                    " ORDER BY account_id",
                    SQL.identifier(table),
                    every,
                )
            )
            return [row[0] for row in env.cr.fetchall()]

        return self.work(read)

    def draw(self, awards, kind, part):
        self.today = DAY + datetime.timedelta(days=20)

        def batch(env, ids):
            env.cr.execute(
                "SELECT id, account_id, entry_id, remaining"
                "  FROM retention_points_award WHERE id = ANY(%s)",
                [ids],
            )
            return self.post(
                env,
                env.cr.fetchall(),
                lambda points, row: points.Posting(
                    row[1],
                    f"{kind}:{row[0]}",
                    kind,
                    -math.ceil(row[3] * part),
                    reverses_id=row[2] if kind == "reverse" else None,
                    award_id=row[0] if kind == "expire" else None,
                    reason="Bench",
                    may_owe=kind == "reverse",
                ),
            )

        for start in range(0, len(awards), BATCH):
            ids = awards[start : start + BATCH]
            self.work(lambda env, ids=ids: batch(env, ids))
        return len(awards)

    def redeem(self):
        """Let customers spend one after the other; return (per second, p95 in ms)."""
        from odoo.addons.crm_retention.tools import points

        def accounts(env):
            env.cr.execute(
                "SELECT id FROM retention_points_account WHERE balance - pending >= 5"
                " ORDER BY hashint4(id) LIMIT %s",
                [SPENDINGS],
            )
            return [row[0] for row in env.cr.fetchall()]

        ids, taken = self.work(accounts), []
        for number in ids:

            def spend(env, number=number):
                program = env["retention.points.program"].browse(self.program_id)
                posting = points.Posting(
                    number, f"redeem:{number}", points.REDEEM, -5, reason="Bench"
                )
                env["retention.points.account"]._post(program, [posting], self.today)
                env.cr.commit()

            start = time.monotonic()
            self.work(spend)
            taken.append(time.monotonic() - start)
        p95 = statistics.quantiles(taken, n=20)[-1] * 1000
        return len(taken) / sum(taken), p95

    # ---- plain ---------------------------------------------------------------------

    def plain_issue(self):
        for after in range(0, self.orders, BATCH):
            self.sql(PLAIN_ISSUE, after=after, batch=BATCH, day=DAY)
        return self.orders

    def plain_release(self):
        [(first, last)] = self.work(self.bounds)
        for after in range(first - 1, last, BATCH):
            self.sql(PLAIN_RELEASE, after=after, upto=after + BATCH)
        return self.orders

    def bounds(self, env):
        env.cr.execute("SELECT min(id), max(id) FROM plain_account")
        return env.cr.fetchall()

    def plain_draw(self, awards, kind, part):
        for start in range(0, len(awards), BATCH):
            ids = awards[start : start + BATCH]
            self.sql(PLAIN_DRAW, awards=ids, kind=kind, part=part, day=DAY)
        return len(awards)


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(orders=1_000_000)
    bench = PointsBench(arguments.parse_args())
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} awards", flush=True)
    bench.fill()
    ours, plain = {}, {}
    ours["issue"] = bench.timed("issue", bench.issue)
    plain["issue"] = bench.timed("plain issue", bench.plain_issue)
    bench.vacuum("retention_points_award", "retention_points_entry", "plain_award")
    ours["release"] = bench.timed("release", bench.release)
    plain["release"] = bench.timed("plain release", bench.plain_release)
    bench.vacuum("retention_points_award", "plain_award", "plain_entry")
    for kind, every, part in (("reverse", 10, 0.5), ("expire", 3, 1)):
        awards = bench.choose("retention_points_award", every)
        ours[kind] = bench.timed(
            kind, lambda kind=kind, a=awards, part=part: bench.draw(a, kind, part)
        )
        awards = bench.choose("plain_award", every)
        plain[kind] = bench.timed(
            f"plain {kind}",
            lambda kind=kind, a=awards, part=part: bench.plain_draw(a, kind, part),
        )
    per_second, p95 = bench.redeem()
    wrong = bench.work(
        lambda env: (
            env["retention.points.check"]
            ._run(env.company)
            .filtered(lambda row: row.state != "ok" and row.code != "I6")
            .mapped("code")
        )
    )
    result = {
        "full_ratio": sum(ours.values()) / sum(plain.values()),
        **{f"{kind}_ratio": ours[kind] / plain[kind] for kind in ours},
        "issue_per_s": bench.orders / ours["issue"],
        "plain_issue_per_s": bench.orders / plain["issue"],
        "redeem_per_s": per_second,
        "redeem_p95_ms": p95,
        "wrong_checks": len(wrong),
        "longest_tx_s": bench.longest["write"],
        "rss_mb": memory() - before,
        "customers": bench.customers,
        "awards": bench.orders,
    }
    say_result("points", result)


if __name__ == "__main__":
    main()

"""Benchmark of collecting contacts, judging stages, planning and acting.

Makes customers with profiles and two million past contacts in Odoo's own tables
(mails out and in, done activities), in a scratch database, then measures

* the first pass of collect, stage and plan, and a full one after it, beside plain
  SQL that takes in the same rows, finds the same last contacts and plans as many
  contacts, on the same data in the same run;
* an ordinary night, in which 1.3 % of the customers had a contact;
* acting: what is due becomes activities.

The last line printed is ``BENCH plan key=value …``.
"""

import datetime
import statistics

from _common import Bench, memory, parser, say_result

DAY = datetime.date(2026, 6, 1)
MONTHS = 36
NIGHT_SHARE = 0.013
CUSTOMERS_EACH = 1_000  # whom one salesperson looks after
STEPS = ("collect", "stage", "plan")

PARTNERS = """
INSERT INTO res_partner (name, complete_name, active, type, is_company, create_date,
                         write_date, create_uid, write_uid, autopost_bills, user_id,
                         email, email_normalized)
SELECT 'Bench ' || n, 'Bench ' || n, TRUE, 'contact', TRUE, %(day)s::date - 1200,
       %(day)s::date - 1200, 1, 1, 'ask', (%(people)s::integer[])[1 + n %% %(crew)s],
       'b' || n || '@example.com',
       'b' || n || '@example.com'
  FROM generate_series(1, %(customers)s) n;
UPDATE res_partner SET commercial_partner_id = id
 WHERE name LIKE 'Bench %%' AND is_company;
"""

# one in ten is of the best tier, three in ten of the next; the last purchase of
# half of them lies within their own rhythm
PROFILES = """
INSERT INTO retention_profile (partner_id, company_id, program_id, first_purchase,
    last_purchase, last_interaction, is_prospect, purchase_count, lifetime_revenue,
    average_order, window_purchases, window_revenue, purchase_interval, recency_score,
    frequency_score, monetary_score, tier_id, earned_tier_id, changed_at)
SELECT p.id, %(company)s, %(program)s, last - every * n, last, last, FALSE, n + 1,
       100 * (n + 1), 100, n + 1, 100 * (n + 1), every, 3, 3, 3, tier, tier,
       %(day)s::date - 1
  FROM (SELECT id, 1 + (hashint4(id) & 7) AS n, 20 + (hashint4(id) & 127) AS every,
               %(day)s::date - (hashint4(id + 1) & 255) AS last,
               (%(tiers)s::integer[])[CASE WHEN id %% 10 = 0 THEN 1
                                           WHEN id %% 10 < 4 THEN 2
                                           WHEN id %% 10 < 7 THEN 3 ELSE 4 END] AS tier
          FROM res_partner WHERE name LIKE 'Bench %%' AND is_company) p;
"""

# of ten contacts seven are mails out, two mails in, one a done activity
CONTACTS = """
CREATE TEMP TABLE talk ON COMMIT DROP AS
SELECT p.id, k, %(day)s::date - make_interval(secs =>
         86400 * 1000.0 * (hashint4(p.id * 31 + k) & 65535) / 65536) AS moment
  FROM (SELECT id, ceil(2 * %(mean)s * (hashint4(id + 7) & 1023) / 1024.0) AS most
          FROM res_partner WHERE name LIKE 'Bench %%' AND is_company) p,
       generate_series(1, p.most::integer) k;
INSERT INTO mail_message (model, res_id, message_type, subtype_id, date, author_id,
    create_date, write_date, create_uid, write_uid, is_internal, body)
SELECT 'res.partner', id, CASE WHEN k %% 9 < 7 THEN 'comment' ELSE 'email' END,
       (SELECT res_id FROM ir_model_data
         WHERE module = 'mail' AND name = 'mt_comment'), moment,
       CASE WHEN k %% 9 < 7 THEN %(author)s ELSE id END, moment, moment, 2, 2, FALSE, ''
  FROM talk ORDER BY moment;
INSERT INTO mail_notification (mail_message_id, res_partner_id, notification_type,
    notification_status, is_read, author_id)
SELECT id, res_id, 'email', 'sent', TRUE, author_id
  FROM mail_message
 WHERE model = 'res.partner' AND message_type = 'comment' AND author_id = %(author)s
   AND res_id IN (SELECT id FROM talk);
INSERT INTO mail_activity (res_model_id, res_model, res_id, activity_type_id, user_id,
    date_deadline, date_done, active, create_date, write_date, create_uid, write_uid)
SELECT (SELECT id FROM ir_model WHERE model = 'res.partner'), 'res.partner', p.id,
       (SELECT res_id FROM ir_model_data
         WHERE module = 'mail' AND name = 'mail_activity_data_call'),
       2, day, day, FALSE, day, day + time '10:00', 2, 2
  FROM (SELECT id, ceil(2 * %(calls)s * (hashint4(id + 3) & 1023) / 1024.0) AS most
          FROM res_partner WHERE name LIKE 'Bench %%' AND is_company) p,
       generate_series(1, p.most::integer) k,
       LATERAL (SELECT %(day)s::date - 1 - (hashint4(p.id * 17 + k) & 1023) %% 1000
                  AS day) d;
"""

# what a contact refers to, in Odoo's table and so in the plain one
REFERRED = {
    "partner": "res_partner",
    "person": "res_partner",
    "company": "res_company",
    "channel": "retention_channel",
    "user": "res_users",
    "cadence": "retention_cadence",
}

# What somebody would write by hand for the same: take in, look up, plan.
PLAIN = (
    """
    INSERT INTO bench_touch (partner_id, person_id, company_id, channel_id, direction,
        category, state, done_at, user_id, outcome, origin, key, res_model, res_id,
        is_bulk, is_real, create_date, write_date)
    SELECT p.commercial_partner_id, p.id, %(company)s, %(mail)s, way, 'relationship',
           'done', date, author.id, result, 'message',
           'mail.message:' || doc.id || ':' || p.commercial_partner_id, doc.model,
           doc.res_id, FALSE, TRUE, now(), now()
      FROM (SELECT m.id, m.date, m.author_id, m.model, m.res_id,
                   n.res_partner_id AS who, 'out' AS way, 'reached' AS result
              FROM mail_message m
              JOIN mail_notification n ON n.mail_message_id = m.id
             WHERE n.notification_type = 'email' AND m.message_type = 'comment'
             UNION ALL
            SELECT id, date, author_id, model, res_id, author_id, 'in', 'answered'
              FROM mail_message WHERE message_type = 'email') doc
      JOIN res_partner p ON p.id = doc.who
      LEFT JOIN res_users author ON author.partner_id = doc.author_id
    ON CONFLICT (key, company_id) DO NOTHING
    """,
    """
    INSERT INTO bench_touch (partner_id, person_id, company_id, channel_id, direction,
        category, state, done_at, user_id, outcome, origin, key, res_model, res_id,
        is_bulk, is_real, create_date, write_date)
    SELECT p.commercial_partner_id, p.id, %(company)s, %(phone)s, 'out', 'relationship',
           'done', a.write_date, a.user_id, 'reached', 'activity',
           'mail.activity:' || a.id || ':' || p.commercial_partner_id, a.res_model,
           a.res_id, FALSE, TRUE, now(), now()
      FROM mail_activity a JOIN res_partner p ON p.id = a.res_id
     WHERE a.res_model = 'res.partner' AND NOT a.active AND a.date_done IS NOT NULL
    ON CONFLICT (key, company_id) DO NOTHING
    """,
    """
    UPDATE bench_profile t
       SET last_contact = f.contact, last_answer = greatest(f.answer, t.last_purchase),
           stage_id = f.stage, stage_since = %(day)s
      FROM (SELECT b.id, c.contact, c.answer,
                   CASE WHEN %(day)s::date - b.last_purchase < b.purchase_interval
                        THEN %(stage)s ELSE %(other)s END AS stage
              FROM bench_profile b
              LEFT JOIN (SELECT partner_id, max(done_at) FILTER (WHERE is_real)
                                  AS contact,
                                max(done_at) FILTER (WHERE direction = 'in') AS answer
                           FROM bench_touch
                          WHERE state = 'done' AND company_id = %(company)s
                          GROUP BY partner_id) c ON c.partner_id = b.partner_id) f
     WHERE t.id = f.id AND (t.last_contact, t.last_answer, t.stage_id)
           IS DISTINCT FROM (f.contact, greatest(f.answer, t.last_purchase), f.stage)
    """,
    """
    INSERT INTO bench_history (partner_id, company_id, stage_id, date_from, reason,
        create_date, write_date, create_uid, write_uid)
    SELECT partner_id, company_id, stage_id, %(day)s,
           'Bought ' || purchase_count || ' times', now(), now(), 1, 1
      FROM bench_profile WHERE stage_id IS NOT NULL
    """,
    """
    INSERT INTO bench_touch (partner_id, company_id, channel_id, direction, category,
        state, due_date, user_id, origin, cadence_id, reason, create_date, write_date)
    SELECT t.partner_id, t.company_id, c.channel_id, 'out', c.category, 'planned',
           greatest(%(day)s, t.last_contact::date + c.interval_days), p.user_id, 'plan',
           c.id, 'Every ' || c.interval_days || ' days', now(), now()
      FROM bench_profile t
      JOIN res_partner p ON p.id = t.partner_id
      JOIN retention_tier tier ON tier.id = t.tier_id
      JOIN retention_contact_policy policy
        ON policy.band = tier.band AND policy.active
       AND policy.company_id = t.company_id
      JOIN retention_cadence c ON c.policy_id = policy.id AND c.active
     WHERE c.keydate_id IS NULL AND NOT EXISTS (
           SELECT FROM bench_touch open WHERE open.partner_id = t.partner_id
              AND open.cadence_id = c.id AND open.state = 'planned')
    """,
)


class PlanBench(Bench):
    """The measurements of contacts: taken in, judged, planned, acted on."""

    def fill(self):
        """Make customers, their profiles and their past contacts."""

        def look(env):
            company = env.company
            program = company.retention_program_ids[:1]
            return {
                "company": company.id,
                "program": program.id,
                "tiers": program.tier_ids.ids,
                "author": env.ref("base.user_admin").partner_id.id,
                "mail": env.ref("crm_retention.channel_email").id,
                "phone": env.ref("crm_retention.channel_phone").id,
                "stage": env.ref("crm_retention.stage_active").id,
                "other": env.ref("crm_retention.stage_at_risk").id,
                "people": env["res.users"].create(people).ids,
                "crew": len(people),
            }

        people = [
            {"name": f"Bench person {n}", "login": f"bench{n}"}
            for n in range(-(-self.customers // CUSTOMERS_EACH))
        ]

        self.values = self.work(look) | {"day": DAY}
        self.work(lambda env: env.company.write({"retention_collect_months": MONTHS}))
        self.sql(PARTNERS, customers=self.customers, **self.values)
        self.sql(PROFILES, **self.values)
        mean = self.orders / self.customers
        self.sql(CONTACTS, **self.values, mean=0.9 * mean, calls=0.1 * mean)
        # what the installation left is no news any more
        self.sql("UPDATE mail_message SET create_date = %(day)s", day=DAY)
        self.vacuum("res_partner", "retention_profile", "mail_message")
        self.vacuum("mail_notification", "mail_activity")

    def plain(self):
        """Do the same by plain SQL in tables of its own; return the seconds."""
        self.sql(
            "CREATE TABLE bench_touch (LIKE retention_touch INCLUDING ALL);"
            + "".join(
                f"ALTER TABLE bench_touch ADD FOREIGN KEY ({column}_id)"
                f" REFERENCES {table} (id);"
                for column, table in REFERRED.items()
            )
            + "CREATE TABLE bench_profile (LIKE retention_profile INCLUDING ALL)"
            " WITH (fillfactor = 50);"
            "INSERT INTO bench_profile SELECT * FROM retention_profile;"
            "UPDATE bench_profile SET stage_id = NULL, last_contact = NULL;"
            "CREATE TABLE bench_history"
            " (LIKE retention_stage_history INCLUDING ALL)"
        )
        self.vacuum("bench_profile")
        seconds = []
        for statement in PLAIN:
            taken, rows = self.sql(
                "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;"
                "SET LOCAL max_parallel_workers_per_gather = 0;" + statement,
                **self.values,
            )
            seconds.append(taken)
            print(f"  plain: {taken:7.2f} s, {rows} rows", flush=True)
        return sum(seconds)

    def talk(self, day):
        """Let some customers write or be called on ``day``."""
        self.sql(
            """
            INSERT INTO mail_message (model, res_id, message_type, subtype_id, date,
                author_id, create_date, write_date, create_uid, write_uid, is_internal,
                body)
            SELECT 'res.partner', id, 'email',
                   (SELECT res_id FROM ir_model_data
                     WHERE module = 'mail' AND name = 'mt_comment'),
                   %(day)s::date + time '09:00', id, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC', 2, 2, FALSE, ''
              FROM res_partner WHERE name LIKE 'Bench %%' AND is_company
             ORDER BY hashint4(id + %(salt)s) LIMIT %(count)s
            """,
            day=day,
            salt=day.toordinal(),
            count=int(self.customers * NIGHT_SHARE),
        )

    def step(self, kind, day, step):
        seconds, seen, changed = self.evaluate(kind, day, (step,))
        print(
            f"  {kind:5} {step:7}: {seconds:7.2f} s, {seen} seen, {changed} changed",
            flush=True,
        )
        return seconds

    def run_pass(self, kind, day):
        """Run the three steps; return the seconds of all and of each."""
        taken = {step: self.step(kind, day, step) for step in STEPS}
        self.rest()
        return sum(taken.values()), taken

    def rest(self):
        """Let what was written lie two days back, as on the evening before a night."""
        self.sql(
            """
            UPDATE retention_touch SET write_date = write_date - interval '2 days';
            UPDATE retention_profile SET changed_at = changed_at - interval '2 days',
                   staged_at = staged_at - interval '2 days';
            UPDATE retention_stage_history
               SET write_date = write_date - interval '2 days';
            UPDATE retention_contact_policy
               SET write_date = write_date - interval '2 days';
            UPDATE retention_cadence SET write_date = write_date - interval '2 days';
            UPDATE retention_cap SET write_date = write_date - interval '2 days';
            UPDATE retention_keydate SET write_date = write_date - interval '2 days'
            """
        )
        self.vacuum("retention_touch", "retention_profile", "retention_stage_history")


def main():
    bench = PlanBench(parser(__doc__).parse_args())
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} contacts", flush=True)
    bench.fill()
    first, parts = bench.run_pass("full", DAY)
    plain = bench.plain()
    again, _parts = bench.run_pass("full", DAY)
    nights = []
    for n in range(1, bench.rounds + 1):
        day = DAY + datetime.timedelta(days=n)
        bench.talk(day - datetime.timedelta(days=1))
        nights.append(bench.run_pass("night", day)[0])
    longest = dict(bench.longest)
    acting = bench.step("night", day, "act")
    night = statistics.median(nights)
    result = {
        "full_ratio": first / plain,
        "again_ratio": again / plain,
        "night_share": night / first,
        "night_ratio": night / plain,
        "collect_s": parts["collect"],
        "stage_s": parts["stage"],
        "plan_s": parts["plan"],
        "night_s": night,
        "act_s": acting,
        "rss_mb": memory() - before,
        "longest_tx_s": longest["write"],
        "seconds": first,
        "customers": bench.customers,
        "contacts": bench.orders,
    }
    say_result("plan", result)


if __name__ == "__main__":
    main()

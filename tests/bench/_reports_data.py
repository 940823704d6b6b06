"""What the benchmark of the reports reads beside customers, orders and contacts.

Points, tickets, mailings, lines of orders, alerts, memberships, answers: inserted as
rows, with every index, but without checking references, which reports never do.
"""

# tables whose rows are made here
MADE = (
    "helpdesk_ticket",
    "loyalty_card",
    "loyalty_history",
    "mail_message",
    "mail_tracking_value",
    "mailing_trace",
    "retention_alert",
    "retention_cadence_state",
    "retention_decision",
    "retention_feedback",
    "retention_points_allocation",
    "retention_points_award",
    "retention_points_entry",
    "retention_reward_exchange",
    "retention_service_clock",
    "sale_order_line",
)
# references of tables that are only read afterwards
UNCHECKED = (*MADE, "retention_membership")
# what is vacuumed when all of it is there
FILLED = (*MADE, "retention_points_account", "retention_touch", "sale_order")
UNCHECK = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                 WHERE contype = 'f' AND conrelid::regclass::text = ANY (%(tables)s)
    LOOP
        EXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', each.place, each.conname);
    END LOOP;
END
$$;
"""

# ---- points ------------------------------------------------------------------------
# As they came, award by award: of ten four are spent, one is taken back in part; all
# others expire after a year and a half.
POINTS = """
CREATE TEMP TABLE lot ON COMMIT DROP AS
SELECT n, account_id, partner_id, points, day, day + 540 AS expires_on,
       CASE WHEN n %% 10 < 4 AND day + later <= %(day)s THEN 'redeem'
            WHEN n %% 10 = 4 AND day + 10 <= %(day)s THEN 'reverse'
            WHEN day + 540 < %(day)s THEN 'expire' END AS fate,
       CASE WHEN n %% 10 < 4 AND day + later <= %(day)s THEN day + later
            WHEN n %% 10 = 4 AND day + 10 <= %(day)s THEN day + 10
            ELSE day + 540 END AS over_on
  FROM (SELECT n, account.id AS account_id, account.partner_id,
               2 + (hashint4(n::integer) & 127) AS points,
               %(day)s::date - 1095 + (1095 * n / %(orders)s)::integer AS day,
               1 + (hashint4(n::integer + 7) & 255) AS later
          FROM generate_series(1, %(orders)s::bigint) n
          JOIN (SELECT id, partner_id, row_number() OVER (ORDER BY id) AS place
                  FROM retention_points_account) account
            ON account.place = 1 + (n * 7919) %% %(customers)s) born;
CREATE TEMP TABLE event ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY day, n, given DESC) AS id, *
  FROM (SELECT n, account_id, partner_id, TRUE AS given, 'earn' AS kind, points, day,
               expires_on
          FROM lot
         UNION ALL
        SELECT n, account_id, partner_id, FALSE, fate,
               -CASE fate WHEN 'reverse' THEN points / 2 ELSE points END, over_on, NULL
          FROM lot WHERE fate IS NOT NULL) each;
CREATE INDEX ON event (n);
INSERT INTO retention_points_entry (id, account_id, kind, points, balance_after, date,
       key, payload_hash, reverses_id, available_on, expires_on, reason, create_uid,
       create_date)
SELECT event.id, event.account_id, event.kind, event.points, 0, event.day,
       event.kind || ':bench:' || event.n, md5(event.n::text),
       CASE WHEN event.kind = 'reverse' THEN given.id END,
       CASE WHEN event.given THEN event.day + 14 END, event.expires_on, 'Bench', 1,
       event.day
  FROM event LEFT JOIN event given ON given.n = event.n AND given.given
   AND event.kind = 'reverse'
 ORDER BY event.id;
INSERT INTO retention_points_award (id, entry_id, account_id, remaining, state,
       available_on, expires_on)
SELECT lot.n, event.id, lot.account_id, left_over,
       CASE WHEN lot.fate = 'expire' THEN 'expired' WHEN left_over = 0 THEN 'used'
            WHEN lot.day + 14 > %(day)s THEN 'pending' ELSE 'open' END,
       lot.day + 14, lot.expires_on
  FROM lot JOIN event ON event.n = lot.n AND event.given
 CROSS JOIN LATERAL (
       SELECT CASE WHEN lot.fate = 'reverse' THEN lot.points - lot.points / 2
                   WHEN lot.fate IS NULL THEN lot.points ELSE 0 END AS left_over) rest
 ORDER BY lot.n;
INSERT INTO retention_points_allocation (entry_id, award_id, points)
SELECT id, n, -points FROM event WHERE NOT given ORDER BY id;
UPDATE retention_points_account account
   SET balance = sums.points, entry_count = sums.number, active_on = sums.last
  FROM (SELECT account_id, sum(points) AS points, count(*) AS number, max(day) AS last
          FROM event GROUP BY account_id) sums
 WHERE sums.account_id = account.id;
UPDATE retention_points_account account SET pending = sums.points
  FROM (SELECT account_id, sum(remaining) AS points FROM retention_points_award
         WHERE state = 'pending' GROUP BY account_id) sums
 WHERE sums.account_id = account.id;
INSERT INTO loyalty_card (program_id, company_id, partner_id, code, points, active)
SELECT %(native)s, %(company)s, event.partner_id, 'bench' || event.n, 0, TRUE
  FROM event WHERE kind = 'redeem' AND n %% 20 = 1;
INSERT INTO retention_reward_exchange (account_id, person_id, company_id, reward_id,
       entry_id, points, kind, key, state, date, amount, card_id)
SELECT event.account_id, event.partner_id, %(company)s, %(reward)s, event.id,
       -event.points, CASE WHEN card.id IS NULL THEN 'gift' ELSE 'coupon' END,
       'bench:' || event.n, 'used', event.day, 5, card.id
  FROM event LEFT JOIN loyalty_card card ON card.code = 'bench' || event.n
 WHERE event.kind = 'redeem';
"""
# coupons are used on orders of whoever got them, or of somebody else
REWARD_LINES = """
CREATE TEMP TABLE used ON COMMIT DROP AS
SELECT card.id AS card_id, sale.id AS order_id
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM loyalty_card
         WHERE program_id = %(native)s) card
  JOIN (SELECT id, row_number() OVER (ORDER BY hashint4(id)) AS place FROM sale_order
         WHERE state = 'sale') sale USING (place);
INSERT INTO loyalty_history (card_id, order_model, order_id, description, issued, used)
SELECT card_id, 'sale.order', order_id, 'Bench', 0, 1 FROM used;
INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id,
       product_uom_qty, price_unit, price_subtotal, customer_lead, company_id, state,
       reward_id, coupon_id)
SELECT order_id, 'Reward', %(free)s, %(unit)s, 1, -5, -5, 0, %(company)s, 'sale',
       %(native_reward)s, card_id
  FROM used;
"""

# ---- orders ------------------------------------------------------------------------
LINES = """
INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id,
       product_uom_qty, price_unit, price_subtotal, customer_lead, company_id, state,
       order_partner_id)
SELECT id, 'Bench', (%(products)s::integer[])[1 + (hashint4(id) & 127)], %(unit)s, 2,
       amount_untaxed / 2, amount_untaxed, 0, company_id, state, partner_id
  FROM sale_order ORDER BY id;
UPDATE sale_order SET source_id = (%(sources)s::integer[])[1 + (hashint4(id) & 63)]
 WHERE id %% 100 = 0;
"""

# ---- contacts ----------------------------------------------------------------------
# What was sent of mailings in two years, each over half a month; whom chance keeps for
# comparison is left out of them.
MAILINGS = """
CREATE TEMP TABLE sent ON COMMIT DROP AS
SELECT id AS touch_id, partner_id, done_at, reaction,
       nextval('mailing_trace_id_seq') AS trace_id,
       (%(mailings)s::integer[])[1 + LEAST(63, floor(64 * extract(epoch FROM
         done_at - (%(day)s::date - interval '24 months')) / (86400 * 730.5)))::integer]
         AS mailing_id
  FROM retention_touch
 WHERE is_bulk AND done_at >= %(day)s::date - interval '24 months'
   AND partner_id NOT IN (SELECT unnest(%(held)s));
INSERT INTO mailing_trace (id, mass_mailing_id, model, res_id, trace_type,
       trace_status, email, sent_datetime, open_datetime, create_date, write_date)
SELECT trace_id, mailing_id, 'res.partner', partner_id, 'mail',
       CASE WHEN reaction = 'opened' THEN 'open' ELSE 'sent' END,
       'bench' || partner_id || '@example.com', done_at,
       CASE WHEN reaction = 'opened' THEN done_at END, done_at, done_at
  FROM sent;
UPDATE retention_touch touch
   SET key = 'mailing.trace:' || trace_id, res_model = 'mailing.mailing',
       res_id = mailing_id
  FROM sent WHERE sent.touch_id = touch.id;
INSERT INTO retention_decision (partner_id, company_id, channel_id, category, verdict,
       reason, cause, mailing_id, res_id, decided_at)
SELECT partner.id, %(company)s, %(mail)s, 'promotion', 'blocked', 'Bench', 'holdout',
       mailing.id, partner.id,
       %(day)s::date - interval '24 months' + mailing.place * interval '11 days'
  FROM res_partner partner
  JOIN unnest(%(mailings)s::integer[]) WITH ORDINALITY mailing (id, place)
    ON (partner.id + mailing.place) %% 13 = 0
 WHERE partner.id IN (SELECT unnest(%(held)s));
INSERT INTO retention_touch (partner_id, company_id, channel_id, direction, category,
       state, due_date, origin, key, is_bulk, is_real, user_id, create_date, write_date)
SELECT id, %(company)s, %(phone)s, 'out', 'relationship', 'planned',
       CURRENT_DATE - 20 + id %% 30, 'plan', 'plan:' || id, FALSE, TRUE, user_id,
       %(day)s, %(day)s
  FROM res_partner WHERE name LIKE 'Bench %%' AND id %% 3 = 0;
"""
RHYTHMS = """
INSERT INTO retention_cadence_state (partner_id, company_id, cadence_id, interval_days,
       decided_days, assignment, probability, create_date, write_date)
SELECT partner.id, %(company)s, line.id, line.interval_days, line.interval_days,
       CASE place WHEN 0 THEN 'shorter' WHEN 1 THEN 'longer' ELSE 'same' END,
       CASE WHEN place < 2 THEN 0.1 ELSE 0.8 END,
       %(day)s::date - interval '300 days', %(day)s::date - interval '300 days'
  FROM (SELECT id, floor((hashint4(id + 3) & 1023) / 102.4) AS place FROM res_partner
         WHERE name LIKE 'Bench %%') partner
 CROSS JOIN (SELECT id, interval_days FROM retention_cadence
              ORDER BY id LIMIT 1) line;
"""

# ---- service -----------------------------------------------------------------------
# two promises a ticket, four in five of which were kept; a third are complaints
TICKETS = """
INSERT INTO helpdesk_ticket (number, name, description, active, partner_id,
       commercial_partner_id, company_id, stage_id, team_id, user_id, priority,
       retention_kind, retention_received_at, retention_answered_at,
       retention_solved_at, retention_answer_state, retention_solve_state,
       retention_cause_id, retention_reopen_count, create_date, write_date, create_uid,
       write_uid, rating_status)
SELECT 'B' || n, 'Bench', '<p>x</p>', TRUE, p.id, p.id, %(company)s, %(done)s,
       (%(teams)s::integer[])[1 + n %% 4], p.user_id, '1',
       CASE n %% 3 WHEN 0 THEN 'complaint' WHEN 1 THEN 'question' ELSE 'request' END,
       moment, moment + make_interval(mins => 1 + (hashint4(n) & 1023)),
       moment + make_interval(mins => 30 + (hashint4(n) & 4095)),
       CASE WHEN n %% 5 = 0 THEN 'missed' ELSE 'met' END,
       CASE WHEN n %% 5 = 1 THEN 'missed' ELSE 'met' END,
       CASE WHEN n %% 3 = 0 THEN (%(causes)s::integer[])[1 + n %% %(cause_count)s] END,
       (n %% 9 = 0)::integer, moment, moment, 1, 1, 'stage_change'
  FROM (SELECT n, %(day)s::timestamp
               - make_interval(secs => 86400 * 730.0 * (hashint4(n) & 65535) / 65536)
                 AS moment
          FROM generate_series(1, %(tickets)s) n) t
  JOIN (SELECT id, user_id, row_number() OVER () AS place FROM res_partner
         WHERE name LIKE 'Bench %%') p
    ON p.place = 1 + (n::bigint * 7919) %% %(customers)s;
INSERT INTO retention_service_clock (ticket_id, company_id, part, round, tier_id,
       minutes, started_at, due_at, stopped_at, state, over_minutes)
SELECT ticket.id, %(company)s, part.name, 1, (%(tiers)s::integer[])[1 + ticket.id %% 4],
       240, ticket.retention_received_at,
       ticket.retention_received_at + interval '4 hours', ticket.retention_solved_at,
       state, CASE WHEN state = 'missed' THEN 1 + (hashint4(ticket.id) & 511)
                   ELSE 0 END
  FROM helpdesk_ticket ticket
 CROSS JOIN (VALUES ('answer'), ('solve')) part (name)
 CROSS JOIN LATERAL (
       SELECT CASE part.name WHEN 'answer' THEN retention_answer_state
              ELSE retention_solve_state END AS state) kept
 WHERE ticket.number LIKE 'B%%';
INSERT INTO retention_feedback (partner_id, company_id, kind, state, raw, grade, key,
       ticket_id, team_id, user_id, tier_id, invited_at, answered_at, create_date,
       write_date)
SELECT partner_id, %(company)s, 'csat', 'answered', 1 + id %% 5,
       CASE WHEN id %% 5 > 2 THEN 'good' WHEN id %% 5 = 2 THEN 'neutral'
            ELSE 'bad' END, 'bench:t' || id, id, team_id, user_id,
       (%(tiers)s::integer[])[1 + id %% 4], retention_solved_at,
       retention_solved_at, retention_solved_at, retention_solved_at
  FROM helpdesk_ticket WHERE number LIKE 'B%%' AND id %% 2 = 0;
INSERT INTO retention_feedback (partner_id, company_id, kind, state, raw, grade, key,
       user_id, tier_id, invited_at, answered_at, create_date, write_date)
SELECT id, %(company)s, 'nps', CASE WHEN id %% 3 = 0 THEN 'answered' ELSE 'asked' END,
       CASE WHEN id %% 3 = 0 THEN id %% 11 END,
       CASE WHEN id %% 3 <> 0 THEN NULL WHEN id %% 11 > 8 THEN 'promoter'
            WHEN id %% 11 > 6 THEN 'passive' ELSE 'detractor' END,
       'bench:n' || id, user_id, (%(tiers)s::integer[])[1 + id %% 4], moment,
       CASE WHEN id %% 3 = 0 THEN moment + interval '1 day' END, moment, moment
  FROM (SELECT id, user_id, %(day)s::timestamp
               - make_interval(days => hashint4(id) & 511) AS moment
          FROM res_partner WHERE name LIKE 'Bench %%') p;
"""

# ---- alerts ------------------------------------------------------------------------
ALERTS = """
INSERT INTO retention_alert (signal_id, partner_id, company_id, state, is_open,
       severity, severity_rank, reason, value, user_id, opened_on, closed_on,
       closed_by_itself, result, create_date, write_date)
SELECT (%(signals)s::integer[])[1 + n %% %(signal_count)s], id, %(company)s, state,
       state IN ('new', 'working'), 'medium', 1, 'Bench', 100, user_id, opened,
       CASE WHEN state NOT IN ('new', 'working')
            THEN opened + (hashint4(id) & 31) END,
       state = 'over',
       CASE WHEN state IN ('saved', 'lost')
            THEN CASE WHEN id %% 3 = 0 THEN 'wrong' ELSE 'right' END END,
       opened, opened
  FROM (SELECT p.id, p.user_id, n,
               (ARRAY['saved', 'lost', 'false', 'over', 'saved', 'working', 'new'])
                 [1 + (hashint4(p.id + n) & 65535) %% 7] AS state,
               %(day)s::date - (hashint4(p.id * 3 + n) & 65535) %% 730 AS opened
          FROM res_partner p, generate_series(1, 2) n
         WHERE p.name LIKE 'Bench %%' AND p.id %% 4 = 0) each;
INSERT INTO mail_message (model, res_id, message_type, date, create_date, author_id)
SELECT 'retention.alert', id, 'notification', opened_on + interval '30 hours',
       opened_on, %(author)s
  FROM retention_alert WHERE state <> 'new';
INSERT INTO mail_tracking_value (field_id, mail_message_id, old_value_char,
       new_value_char)
SELECT %(state_field)s, id, 'New', 'In Work' FROM mail_message
 WHERE model = 'retention.alert' AND message_type = 'notification';
"""

# ---- memberships -------------------------------------------------------------------
# two tiers held before that of today, over three years
MEMBERSHIPS = """
CREATE TEMP TABLE now_held ON COMMIT DROP AS
SELECT id, partner_id, company_id, program_id, tier_id,
       %(day)s::date - 1095 + (hashint4(id) & 255) AS first,
       %(day)s::date - 760 + (hashint4(id + 1) & 255) AS second,
       %(day)s::date - 400 + (hashint4(id + 2) & 255) AS third,
       (%(tiers)s::integer[])[1 + id %% 4] AS one,
       (%(tiers)s::integer[])[1 + (id + 1 + id %% 3) %% 4] AS two
  FROM retention_membership WHERE date_to IS NULL AND company_id = %(company)s;
UPDATE retention_membership held
   SET date_from = now_held.third, previous_tier_id = now_held.two, cause = 'upgrade'
  FROM now_held WHERE now_held.id = held.id;
INSERT INTO retention_membership (partner_id, company_id, program_id, tier_id,
       previous_tier_id, cause, end_cause, date_from, date_to, valid_until,
       metric_value, create_date, write_date)
SELECT partner_id, company_id, program_id, one, NULL, 'enter', NULL, first, second,
       second, 0, first, first
  FROM now_held
 UNION ALL
SELECT partner_id, company_id, program_id, two, one, 'upgrade', NULL, second, third,
       third, 0, second, second
  FROM now_held;
"""

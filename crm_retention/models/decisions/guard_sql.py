"""The statements of the guard: each reads or writes for all requests at once."""

PERSONS = """
SELECT p.id, p.commercial_partner_id, NULLIF(p.email_normalized, ''),
       NULLIF(p.phone_sanitized, ''), COALESCE(p.tz, customer.tz)
  FROM res_partner p
  LEFT JOIN res_partner customer ON customer.id = p.commercial_partner_id
 WHERE p.id = ANY(%(persons)s)
"""
SHARING = """
SELECT email_normalized, id, COALESCE(commercial_partner_id, id)
  FROM res_partner
 WHERE email_normalized = ANY(%(mails)s)
 ORDER BY active DESC, id
"""
STANDING = """
SELECT profile.partner_id, profile.tier_id, tier.band
  FROM retention_profile profile
  LEFT JOIN retention_tier tier ON tier.id = profile.tier_id
 WHERE profile.company_id = %(company)s AND profile.partner_id = ANY(%(customers)s)
"""
WISHES = """
SELECT partner_id, channel_id, COALESCE(most_a_month, 0), pause_until
  FROM retention_wish
 WHERE company_id = %(company)s AND partner_id = ANY(%(persons)s)
"""
WORDS = """
SELECT partner_id, given_at, id, state, channel_id, purpose_id
  FROM retention_consent
 WHERE company_id = %(company)s AND partner_id = ANY(%(persons)s)
"""
BLACKLIST = """
SELECT email FROM mail_blacklist WHERE active AND email = ANY(%(mails)s)
 UNION ALL
SELECT number FROM phone_blacklist WHERE active AND number = ANY(%(phones)s)
"""
OPTED_OUT = """
SELECT contact.email_normalized
  FROM mailing_contact contact
  JOIN mailing_subscription said ON said.contact_id = contact.id
  JOIN mailing_list list ON list.id = said.list_id
 WHERE contact.email_normalized = ANY(%(mails)s)
 GROUP BY contact.email_normalized
HAVING bool_or(said.opt_out)
   AND NOT bool_or(list.active AND said.opt_out IS NOT TRUE)
"""
COMPLAINTS = """
SELECT DISTINCT ticket.commercial_partner_id
  FROM helpdesk_ticket ticket
  LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
 WHERE ticket.active AND ticket.retention_kind = 'complaint'
   AND stage.closed IS NOT TRUE
   AND COALESCE(ticket.company_id, %(company)s) = %(company)s
   AND ticket.commercial_partner_id = ANY(%(customers)s)
"""
TOUCHES = """
SELECT touch.partner_id, touch.id, touch.cadence_id,
       CASE WHEN touch.res_model = 'mailing.mailing' THEN touch.res_id END,
       CASE WHEN touch.state = 'done' THEN touch.done_at
            ELSE %(moment)s END,
       touch.channel_id, touch.category,
       COALESCE(touch.person_id, touch.partner_id)
  FROM retention_touch touch
 WHERE touch.company_id = %(company)s AND touch.direction = 'out'
   AND touch.partner_id = ANY(%(whose)s)
   AND (touch.state = 'done' AND touch.done_at > %(first)s
                             AND touch.done_at < %(last)s
        OR touch.state = 'planned' AND (
            %(queued)s OR touch.id = ANY(%(touches)s)))
"""
# whoever answers without having been asked is not asked again soon either
SURVEYS = """
SELECT said.partner_id, COALESCE(said.invited_at, said.answered_at) AS moment,
       said.channel_id, COALESCE(said.person_id, said.partner_id)
  FROM retention_feedback said
 WHERE said.company_id = %(company)s AND said.partner_id = ANY(%(whose)s)
   AND COALESCE(said.invited_at, said.answered_at) > %(first)s
   AND COALESCE(said.invited_at, said.answered_at) < %(last)s
 UNION
SELECT person.commercial_partner_id, input.retention_invited_at, %(mail)s, person.id
  FROM survey_user_input input
  JOIN res_partner person ON person.id = input.partner_id
 WHERE person.commercial_partner_id = ANY(%(whose)s)
   AND input.retention_invited_at > %(first)s AND input.retention_invited_at < %(last)s
   AND COALESCE((SELECT said.company_id FROM retention_feedback said
                  WHERE said.input_id = input.id LIMIT 1), %(company)s) = %(company)s
 ORDER BY moment
"""
WAITING = """
SELECT touch_id, min(decided_at)
  FROM retention_decision
 WHERE touch_id = ANY(%(touches)s) AND verdict = 'deferred'
 GROUP BY touch_id
"""
# of a touch the same answer is kept once, of a mailing the last for each recipient
LOG = """
INSERT INTO retention_decision (
    partner_id, company_id, decided_at, channel_id, category, verdict, until, reason,
    cause, cap_id, touch_id, mailing_id, res_id, is_waiting)
SELECT said.partner_id, %(company)s, %(now)s, said.channel_id, said.category,
       said.verdict, said.until, said.reason, said.cause, said.cap_id, said.touch_id,
       %(mailing)s, said.res_id, %(mailing)s IS NOT NULL AND said.verdict = 'deferred'
  FROM unnest(%(partners)s::int[], %(channels)s::int[], %(categories)s::varchar[],
              %(verdicts)s::varchar[], %(untils)s::timestamp[], %(reasons)s::varchar[],
              %(causes)s::varchar[], %(caps)s::int[], %(touches)s::int[],
              %(records)s::int[])
       AS said (partner_id, channel_id, category, verdict, until, reason, cause, cap_id,
                touch_id, res_id)
  LEFT JOIN LATERAL (
       SELECT verdict, until, reason
         FROM retention_decision known
        WHERE known.partner_id = said.partner_id AND known.touch_id = said.touch_id
        ORDER BY known.id DESC
        LIMIT 1) before ON TRUE
 WHERE (before.verdict, before.until, before.reason)
       IS DISTINCT FROM (said.verdict, said.until, said.reason)
ON CONFLICT (mailing_id, res_id) WHERE mailing_id IS NOT NULL
DO UPDATE SET decided_at = EXCLUDED.decided_at, verdict = EXCLUDED.verdict,
              until = EXCLUDED.until, reason = EXCLUDED.reason,
              cause = EXCLUDED.cause, cap_id = EXCLUDED.cap_id,
              is_waiting = EXCLUDED.is_waiting
        WHERE (retention_decision.verdict, retention_decision.until,
               retention_decision.reason, retention_decision.is_waiting)
              IS DISTINCT FROM (EXCLUDED.verdict, EXCLUDED.until, EXCLUDED.reason,
                                EXCLUDED.is_waiting)
RETURNING id
"""
HOLD = """
INSERT INTO retention_hold (partner_id, company_id, version)
SELECT id, %(company)s, 1
  FROM (SELECT unnest(%(customers)s) AS id
         UNION
        SELECT other.commercial_partner_id
          FROM res_partner mine
          JOIN res_partner other
            ON other.email_normalized = mine.email_normalized
         WHERE mine.commercial_partner_id = ANY(%(customers)s)) held
 WHERE id IS NOT NULL
 ORDER BY id
ON CONFLICT (partner_id, company_id)
DO UPDATE SET version = retention_hold.version + 1
RETURNING id
"""

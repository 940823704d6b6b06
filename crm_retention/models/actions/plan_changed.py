"""The SQL that finds whose plan has to be looked at again."""

from odoo.tools import SQL

from ...tools import cadence


def changed_customers(company, since, days, horizon, after, limit):
    """Return the query of the next customers of whom something changed, in order.

    :param since: the moment from which changes count.
    :param days: (day of the last plan, day of this one).
    :param horizon: so many days ahead a planned contact is judged by the guard.
    :param after: the last customer that was planned.
    """
    last, as_of = days
    parts = [
        _written(company, since),
        _asked(company, since, as_of),
        _refused(since),
        _to_check(company, as_of),
    ]
    if last < as_of:
        parts.append(_come_near(company, last, as_of, horizon))
    return SQL(
        """
        SELECT DISTINCT changed.partner_id
          FROM (%(parts)s) changed
          JOIN retention_profile profile
            ON profile.partner_id = changed.partner_id
           AND profile.company_id = %(company)s
         WHERE changed.partner_id > %(after)s
         ORDER BY changed.partner_id
         LIMIT %(limit)s
        """,
        parts=SQL(" UNION ALL ").join(parts),
        company=company.id,
        after=after,
        limit=limit,
    )


def moved_customers(company, since, until, after, limit):
    """Return the query of the next customers with contacts moved since, in order.

    :param until: the last day for which the guard is asked.
    """
    return SQL(
        """
        SELECT DISTINCT partner_id FROM retention_touch
         WHERE company_id = %(company)s AND state = 'planned'
           AND cadence_id IS NOT NULL AND due_date <= %(until)s
           AND write_date >= %(since)s AND partner_id > %(after)s
         ORDER BY partner_id LIMIT %(limit)s
        """,
        company=company.id,
        until=until,
        since=since,
        after=after,
        limit=limit,
    )


def _written(company, since):
    """Contacts that matter, tiers, stages, contacts' own fields."""
    return SQL(
        """
        SELECT partner_id FROM retention_touch
         WHERE company_id = %(company)s AND write_date >= %(since)s
           AND state = 'done'
           AND (is_real OR cadence_id IS NOT NULL
                OR outcome IN ('answered', 'complained', 'bought'))
         UNION ALL
        SELECT partner_id FROM retention_touch
         WHERE company_id = %(company)s AND write_date >= %(since)s
           AND state = 'skipped'
         UNION ALL
        SELECT partner_id FROM retention_membership
         WHERE company_id = %(company)s AND write_date >= %(since)s
         UNION ALL
        SELECT partner_id FROM retention_stage_history
         WHERE company_id = %(company)s AND write_date >= %(since)s
         UNION ALL
        SELECT partner_id FROM retention_profile
         WHERE company_id = %(company)s AND changed_at >= %(since)s
         UNION ALL
        SELECT id FROM res_partner WHERE write_date >= %(since)s
        """,
        company=company.id,
        since=since,
    )


def _asked(company, since, as_of):
    """Consents and wishes.

    A wish has its effect, and ends, without anything being written: who has one is
    looked at each time.
    """
    return SQL(
        """
        SELECT partner_id FROM retention_consent
         WHERE company_id = %(company)s AND write_date >= %(since)s
         UNION ALL
        SELECT partner_id FROM retention_wish
         WHERE company_id = %(company)s
           AND (write_date >= %(since)s OR most_a_month > 0
                OR pause_until >= %(as_of)s::date - 7)
        """,
        company=company.id,
        since=since,
        as_of=as_of,
    )


def _refused(since):
    """Black lists, mailing lists, complaints: of whom they tell."""
    return SQL(
        """
        SELECT person.commercial_partner_id
          FROM mail_blacklist barred
          JOIN res_partner person ON person.email_normalized = barred.email
         WHERE barred.write_date >= %(since)s
         UNION ALL
        SELECT person.commercial_partner_id
          FROM phone_blacklist barred
          JOIN res_partner person ON person.phone_sanitized = barred.number
         WHERE barred.write_date >= %(since)s
         UNION ALL
        SELECT person.commercial_partner_id
          FROM mailing_subscription said
          JOIN mailing_contact contact ON contact.id = said.contact_id
          JOIN res_partner person
            ON person.email_normalized = contact.email_normalized
         WHERE said.write_date >= %(since)s
         UNION ALL
        SELECT commercial_partner_id FROM helpdesk_ticket
         WHERE write_date >= %(since)s
        """,
        since=since,
    )


def _to_check(company, as_of):
    """Rhythms whose cycle is over, and contacts of people who left."""
    return SQL(
        """
        SELECT state.partner_id
          FROM retention_cadence_state state
          JOIN retention_touch touch
            ON touch.partner_id = state.partner_id
           AND touch.company_id = state.company_id
           AND touch.cadence_id = state.cadence_id AND touch.state = 'planned'
         WHERE state.company_id = %(company)s AND NOT state.pinned
           AND state.checked_on <= %(check)s
         UNION ALL
        SELECT touch.partner_id
          FROM retention_touch touch
          JOIN res_users u ON u.id = touch.user_id AND NOT u.active
         WHERE touch.company_id = %(company)s AND touch.state = 'planned'
           AND touch.cadence_id IS NOT NULL
        """,
        company=company.id,
        check=SQL("%s::date - %s::int4", as_of, company.retention_adapt_cycle),
    )


def _come_near(company, last, as_of, horizon):
    """Planned contacts that the guard is to judge now, and key dates gone by."""
    return SQL(
        """
        SELECT partner_id FROM retention_touch
         WHERE company_id = %(company)s AND state = 'planned'
           AND cadence_id IS NOT NULL
           AND due_date > %(last)s::date + %(horizon)s::int4
           AND due_date <= %(as_of)s::date + %(horizon)s::int4
         UNION ALL
        SELECT touch.partner_id
          FROM retention_touch touch
          JOIN retention_cadence line
            ON line.id = touch.cadence_id AND line.keydate_id IS NOT NULL
         WHERE touch.company_id = %(company)s AND touch.state = 'planned'
           AND touch.due_date < %(as_of)s::date - %(late)s::int4
        """,
        company=company.id,
        last=last,
        as_of=as_of,
        horizon=horizon,
        late=cadence.LATE_DAYS,
    )

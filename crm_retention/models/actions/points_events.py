from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ...tools import points
from ...tools.points_earning import birthday_in

MISSED_DAYS = 31  # birthdays of nights without a pass are kept so long afterwards


class RetentionPointsEvent(models.Model):
    """What happened, and the points for it: each once, by its key.

    Every kind has a method that returns (customer, key, day, model, id) rows of what
    has not been posted yet.
    """

    _inherit = "retention.points.event"

    def _award(self, today):
        """Post the points of these events; return how many entries."""
        count = 0
        for event in self:
            if event.start_date <= today:
                rows = getattr(event, f"_find_{event.kind}")(today)
                count += event._post_rows(rows, today)
        return count

    def _post_rows(self, rows, today):
        self.ensure_one()
        program = self.program_id
        collecting = program._assign(program.company_id, {row[0] for row in rows})
        rows = [row for row in rows if collecting.get(row[0]) == program]
        if not rows:
            return 0
        # sudo: the job posts, whoever started it
        accounts = self.env["retention.points.account"].sudo()
        ids = accounts._open(program, {row[0] for row in rows})
        postings = [
            points.Posting(
                ids[customer],
                key,
                points.EARN,
                self.points,
                day=day,
                expires_on=program._get_expiry(max(day, today)),
                res_model=model,
                res_id=res_id,
                reason=self.display_name,
            )
            for customer, key, day, model, res_id in rows
        ]
        return len(accounts._post(program, postings, today))

    def _unless_posted(self, key):
        """The condition that an event of this key has not been posted (SQL)."""
        return SQL(
            "NOT EXISTS (SELECT FROM retention_points_entry known"
            " WHERE known.key = %s || ':' || %s)",
            str(self.program_id.id),
            key,
        )

    def _may_see(self):
        """The condition that the company of the program may see ``customer``."""
        company = self.program_id.company_id
        return SQL(
            "(customer.company_id IS NULL OR customer.company_id = ANY(%s))"
            " AND customer.id NOT IN (SELECT partner_id FROM res_company)",
            company.parent_ids.ids,
        )

    def _find_survey(self, today):
        key = SQL("'survey:' || answer.survey_id || ':' || customer.id")
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (customer.id, answer.survey_id)
                       customer.id, %(key)s,
                       COALESCE(answer.end_datetime, answer.write_date)::date,
                       'survey.user_input', answer.id
                  FROM survey_user_input answer
                  JOIN res_partner person ON person.id = answer.partner_id
                  JOIN res_partner customer
                    ON customer.id = person.commercial_partner_id
                 WHERE answer.state = 'done' AND answer.test_entry IS NOT TRUE
                   AND COALESCE(answer.end_datetime, answer.write_date) >= %(since)s
                   AND (%(survey)s IS NULL OR answer.survey_id = %(survey)s)
                   AND %(visible)s AND %(new)s
                   AND NOT EXISTS (SELECT FROM res_users own
                                    WHERE own.partner_id = person.id AND NOT own.share)
                 ORDER BY customer.id, answer.survey_id, answer.id
                """,
                key=key,
                since=self.start_date,
                survey=self.survey_id.id or None,
                visible=self._may_see(),
                new=self._unless_posted(key),
            )
        )

    def _find_birthday(self, today):
        """Return whose birthday is kept in the days since the last pass."""
        last = self.program_id.settled_on or today
        first = max(last, self.start_date, today - timedelta(days=MISSED_DAYS))
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        born = {day.strftime("%m%d") for day in days}
        if "0228" in born:
            born.add("0229")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer.id, customer.birthdate_date
                  FROM retention_points_account account
                  JOIN res_partner customer ON customer.id = account.partner_id
                 WHERE account.program_id = %s AND account.merged_into_id IS NULL
                   AND account.entry_count > 0 AND customer.active
                   AND to_char(customer.birthdate_date, 'MMDD') = ANY(%s) AND %s
                """,
                self.program_id.id,
                sorted(born),
                self._holds_tier(),
            )
        )
        kept = [
            (customer, birthday_in(birth, year))
            for customer, birth in rows
            for year in {day.year for day in days}
        ]
        found = [
            (customer, f"birthday:{customer}:{day.year}", day, "res.partner", customer)
            for customer, day in kept
            if first <= day <= today
        ]
        return self._drop_posted(found)

    def _holds_tier(self):
        """The condition that ``customer`` holds a tier of this event (SQL)."""
        if not self.tier_ids:
            return SQL("TRUE")
        return SQL(
            """EXISTS (SELECT FROM retention_membership held
                        WHERE held.partner_id = customer.id AND held.date_to IS NULL
                          AND held.tier_id = ANY(%s))""",
            self.tier_ids.ids,
        )

    def _drop_posted(self, rows):
        """Return those of the rows whose key has not been posted."""
        stem = f"{self.program_id.id}:"
        known = {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT key FROM retention_points_entry WHERE key = ANY(%s)",
                    [stem + row[1] for row in rows],
                )
            )
        }
        return [row for row in rows if stem + row[1] not in known]

    def _find_joining(self, today):
        """Return who earned by a purchase for the first time.

        Not whose points were taken over from elsewhere: they have joined before.
        """
        key = SQL("'joining:' || customer.id")
        return self.env.execute_query(
            SQL(
                """
                SELECT customer.id, %(key)s, %(today)s::date, 'res.partner', customer.id
                  FROM retention_points_account account
                  JOIN res_partner customer ON customer.id = account.partner_id
                 WHERE account.program_id = %(program)s
                   AND account.merged_into_id IS NULL
                   AND account.create_date >= %(since)s AND %(new)s
                   AND EXISTS (SELECT FROM retention_points_entry entry
                                WHERE entry.account_id = account.id
                                  AND entry.kind = 'earn'
                                  AND entry.amount IS NOT NULL)
                   AND NOT EXISTS (SELECT FROM retention_points_entry entry
                                    WHERE entry.account_id = account.id
                                      AND entry.kind IN ('opening', 'transfer'))
                """,
                key=key,
                today=today,
                program=self.program_id.id,
                since=self.start_date,
                new=self._unless_posted(key),
            )
        )

    def _find_tier(self, today):
        """Return who moved up to a tier, each tier once."""
        key = SQL("'tier:' || row.tier_id || ':' || customer.id")
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (customer.id, row.tier_id)
                       customer.id, %(key)s, row.date_from, 'retention.membership',
                       row.id
                  FROM retention_membership row
                  JOIN res_partner customer ON customer.id = row.partner_id
                  JOIN retention_tier tier ON tier.id = row.tier_id
                  JOIN retention_tier before ON before.id = row.previous_tier_id
                  JOIN retention_program rules ON rules.id = row.program_id
                 WHERE row.company_id = %(company)s
                   AND (rules.silent_on IS NULL  -- applied without telling
                        OR rules.silent_version <> row.rule_version
                        OR row.date_from > rules.silent_on + 1)
                   AND row.date_from BETWEEN %(since)s AND %(today)s
                   AND tier.program_id = before.program_id
                   AND (tier.sequence, tier.id) < (before.sequence, before.id)
                   AND (%(all)s OR tier.id = ANY(%(tiers)s))
                   AND %(visible)s AND %(new)s
                 ORDER BY customer.id, row.tier_id, row.id
                """,
                key=key,
                company=self.program_id.company_id.id,
                since=self.start_date,
                today=today,
                all=not self.tier_ids,
                tiers=self.tier_ids.ids,
                visible=self._may_see(),
                new=self._unless_posted(key),
            )
        )

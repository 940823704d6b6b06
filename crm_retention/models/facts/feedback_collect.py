from odoo import api, models
from odoo.tools import SQL

from ...tools import satisfaction
from .collect_sql import BATCH, CollectSQL

# one row an answer that means something; what a person chose anew is told anew
TAKE_IN = """
WITH %(people)s, %(meaning)s,
said AS MATERIALIZED (
    SELECT DISTINCT ON (raw.key) raw.*, meaning.grade, meaning.score,
           customer.id AS partner_id,
           COALESCE(known.company_id, %(company_of)s) AS owner_id,
           COALESCE(raw.agent_id, customer.user_id) AS user_id
      FROM (%(rows)s) raw
      JOIN meaning ON (meaning.kind, meaning.raw) = (raw.kind, raw.raw)
      JOIN res_partner person ON person.id = raw.person_id
      JOIN res_partner customer ON customer.id = person.commercial_partner_id
      LEFT JOIN res_users seller ON seller.id = customer.user_id
      LEFT JOIN retention_feedback known ON known.key = raw.key
     WHERE person.id NOT IN (SELECT partner_id FROM ours)
       AND customer.id NOT IN (SELECT partner_id FROM ours)
     ORDER BY raw.key, raw.place)
INSERT INTO retention_feedback AS known (
       key, kind, state, partner_id, person_id, company_id, raw, grade, score, comment,
       channel_id, ticket_id, team_id, user_id, rating_id, survey_id, input_id,
       invited_at, answered_at, create_date, write_date)
SELECT key, kind, 'answered', partner_id, person_id, owner_id, raw, grade, score,
       comment, channel_id, ticket_id, team_id, user_id, rating_id, survey_id, input_id,
       invited_at, date_trunc('second', answered_at),
       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
  FROM said
 WHERE %(company)s IS NULL OR owner_id = %(company)s
 ORDER BY answered_at
ON CONFLICT (key) DO UPDATE
   SET state = 'answered', raw = EXCLUDED.raw, grade = EXCLUDED.grade,
       score = EXCLUDED.score, comment = EXCLUDED.comment, reason = NULL,
       rating_id = EXCLUDED.rating_id, answered_at = EXCLUDED.answered_at,
       write_date = EXCLUDED.write_date
 WHERE (known.state, known.raw, known.comment)
       IS DISTINCT FROM ('answered', EXCLUDED.raw, EXCLUDED.comment)
RETURNING known.id
"""
SURVEYS = """
SELECT 'survey.user_input:' || input.id || ':' || question.retention_kind AS key,
       question.retention_kind AS kind, input.partner_id AS person_id,
       NULL::integer AS company_id, line.value_scale AS raw,
       (SELECT string_agg(said.value_text_box, E'\n' ORDER BY said.id)
          FROM survey_user_input_line said
         WHERE said.user_input_id = input.id AND said.answer_type = 'text_box'
           AND said.value_text_box <> '') AS comment,
       CASE WHEN input.retention_invited_at IS NULL THEN %(portal)s
            ELSE %(mail)s END::integer AS channel_id,
       NULL::integer AS ticket_id, NULL::integer AS team_id, NULL::integer AS agent_id,
       NULL::integer AS rating_id, input.survey_id, input.id AS input_id,
       input.retention_invited_at AS invited_at,
       COALESCE(input.end_datetime, input.write_date) AS answered_at,
       (question.sequence, line.id) AS place
  FROM survey_user_input input
  JOIN survey_user_input_line line ON line.user_input_id = input.id
  JOIN survey_question question ON question.id = line.question_id
 WHERE input.id = ANY(%(ids)s) AND input.state = 'done'
   AND input.test_entry IS NOT TRUE AND question.retention_kind IS NOT NULL
   AND line.answer_type = 'scale' AND line.skipped IS NOT TRUE
"""
RATINGS = """
SELECT 'helpdesk.ticket:' || ticket.id || ':csat' AS key, 'csat' AS kind,
       COALESCE(rating.partner_id, ticket.partner_id) AS person_id, ticket.company_id,
       round(rating.rating)::integer AS raw, NULLIF(rating.feedback, '') AS comment,
       %(mail)s::integer AS channel_id, ticket.id AS ticket_id, ticket.team_id,
       ticket.user_id AS agent_id, rating.id AS rating_id,
       NULL::integer AS survey_id, NULL::integer AS input_id,
       rating.create_date AS invited_at,
       COALESCE(rating.rated_on, rating.write_date) AS answered_at,
       -rating.id AS place
  FROM rating_rating rating
  JOIN helpdesk_ticket ticket ON ticket.id = rating.res_id
 WHERE rating.res_model = 'helpdesk.ticket' AND rating.consumed
   AND ticket.id IN (SELECT res_id FROM rating_rating
                      WHERE id = ANY(%(ids)s) AND res_model = 'helpdesk.ticket')
"""


class RetentionFeedback(models.Model):
    """Answers out of Odoo's own surveys and ratings, each exactly once.

    At once when one is given; by the collect step what came in some other way. Of
    several ratings of one ticket the last one counts.
    """

    _inherit = "retention.feedback"

    @api.model
    def _take_in_surveys(self, ids, company=None):
        """Take in the answers of these survey participations; return what changed."""
        return self._take_in(SURVEYS, ids, company)

    @api.model
    def _take_in_ratings(self, ids, company=None):
        """Take in the tickets that these ratings are about; return what changed."""
        return self._take_in(RATINGS, ids, company)

    @api.model
    def _take_in(self, rows, ids, company):
        self.env.flush_all()
        collect = CollectSQL(self.env, company)
        channels = self.env["retention.channel"]._get_ids_by_code()
        found = self.env.execute_query(
            SQL(
                TAKE_IN,
                people=collect.people(),
                meaning=self._meaning(),
                rows=SQL(
                    rows,
                    ids=list(ids),
                    mail=channels.get("email"),
                    **({"portal": channels.get("portal")} if rows is SURVEYS else {}),
                ),
                company_of=collect.company_of(
                    SQL("raw.company_id"),
                    SQL("customer.company_id"),
                    SQL("seller.company_id"),
                ),
                company=company.id if company else None,
            )
        )
        taken = self.browse([row[0] for row in found])
        if taken:
            self.invalidate_model()
            taken._taken_in()
        return taken

    @api.model
    def _meaning(self):
        """Return the named relation of every answer that can be given."""
        rows = [
            (kind, raw, grade, satisfaction.points(kind, grade))
            for kind, (least, most) in satisfaction.SCALES.items()
            for raw in range(least, most + 1)
            for grade in [satisfaction.grade(kind, raw)]
        ]
        kinds, raws, grades, scores = map(list, zip(*rows, strict=True))
        return SQL(
            "meaning AS (SELECT * FROM unnest(%s::varchar[], %s::int[], %s::varchar[],"
            " %s::int[]) AS known (kind, raw, grade, score))",
            kinds,
            raws,
            grades,
            scores,
        )

    def _taken_in(self):
        """Called with answers that have just come in or changed; for later rooms."""

    # ---- the collect step ------------------------------------------------------------

    @api.model
    def _get_sources(self):
        """Return the names of the sources, as ``retention.event`` does."""
        return ["surveys", "ratings"]

    @api.model
    def _collect(self, company, name, window, cursor):
        """Take in one batch of one source; return (last id or None, seen, changed)."""
        table, changed = self._waiting(name, window)
        self.env.flush_all()
        ids = CollectSQL(self.env, company).waiting(
            table, changed, cursor["after"], BATCH
        )
        if not ids:
            return None, 0, 0
        taken = getattr(self, f"_take_in_{name}")(ids, company)
        return (ids[-1] if len(ids) == BATCH else None), len(ids), len(taken)

    @api.model
    def _waiting(self, name, window):
        """Return the table of a source and what is to be looked at in it."""
        since = window.reach if window.everything else window.since
        if name == "surveys":
            return "survey_user_input", SQL(
                "doc.state = 'done' AND doc.partner_id IS NOT NULL"
                " AND doc.write_date >= %s",
                since,
            )
        return "rating_rating", SQL(
            "doc.consumed AND doc.res_model = 'helpdesk.ticket'"
            " AND doc.write_date >= %s",
            since,
        )

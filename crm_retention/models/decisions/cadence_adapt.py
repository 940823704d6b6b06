from collections import namedtuple

from odoo import api, models
from odoo.tools import SQL

from ...tools import cadence

# one line of a policy for one customer, and the interval it would start from
Pair = namedtuple("Pair", "partner_id line start engagement")
ASSIGNMENTS = {-1: "shorter", 0: "same", 1: "longer"}
COLUMNS = {
    "partner_id": "int4",
    "cadence_id": "int4",
    "interval_days": "int4",
    "decided_days": "int4",
    "reason": "varchar",
    "changed_on": "date",
    "checked_on": "date",
    "touches": "int4",
    "responses": "int4",
    "rate": "float8",
    "assignment": "varchar",
    "probability": "float8",
}

# complaints, the latest word on each channel and purpose where it is no, mail
# addresses on the blacklist, mailing lists left; NULL as channel: all of them
REFUSALS = """
SELECT partner_id, 'complaint', NULL::integer, NULL::integer
  FROM retention_touch
 WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s)
   AND state = 'done' AND outcome = 'complained'
   AND done_at >= %(start)s AND done_at < %(end)s
 UNION
SELECT partner_id, 'opt_out', channel_id, purpose_id
  FROM (SELECT DISTINCT ON (partner_id, channel_id, purpose_id) *
          FROM retention_consent
         WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s)
           AND given_at < %(end)s
         ORDER BY partner_id, channel_id, purpose_id,
                  given_at DESC, id DESC) word
 WHERE state <> 'granted' AND given_at >= %(start)s
 UNION
SELECT p.id, 'opt_out', %(mail)s::integer, NULL
  FROM res_partner p
  JOIN mail_blacklist b ON b.email = p.email_normalized AND b.active
 WHERE p.id = ANY(%(ids)s)
   AND b.write_date >= %(start)s AND b.write_date < %(end)s
 UNION
SELECT p.id, 'opt_out', %(mail)s::integer, NULL
  FROM res_partner p
  JOIN mailing_contact c ON c.email_normalized = p.email_normalized
  JOIN mailing_subscription s ON s.contact_id = c.id AND s.opt_out
 WHERE p.id = ANY(%(ids)s) AND s.opt_out_datetime >= %(start)s
   AND s.opt_out_datetime < %(end)s
"""


class RetentionCadenceState(models.Model):
    """Follows each customer's response, set by set; the rules are tools.cadence's."""

    _inherit = "retention.cadence.state"

    @api.model
    def _adapt(self, company, pairs, as_of):
        """Judge these :class:`Pair`s on ``as_of``; return the number of rows written.

        A pinned row is left alone, and so is one of which nothing is to be said.
        """
        if not pairs:
            return 0
        self.env.flush_all()
        ids = sorted({pair.partner_id for pair in pairs})
        known = self._read_states(company, ids)
        counted = self._count_responses(company, ids, as_of)
        refused = self._get_refusals(company, ids, as_of)
        rules = cadence.Rules(
            min_touches=company.retention_adapt_touches,
            cycle_days=company.retention_adapt_cycle,
        )
        share = company.retention_jitter_share
        window = company.retention_adapt_days
        rows = []
        for pair in pairs:
            key = (pair.partner_id, pair.line.id)
            refusal = self._refusal(pair, refused.get(pair.partner_id, ()))
            seen = cadence.Seen(*counted.get(key, (0, 0)), refusal)
            row = self._judge(pair, known.get(key), seen, as_of, rules, share, window)
            if row:
                rows.append(row)
        return self._store(company, rows)

    def _judge(self, pair, known, seen, as_of, rules, share, window):
        """Return the new row of one pair as a dictionary, or None to leave it."""
        line = pair.line
        if known and known["pinned"]:
            return None
        known = known or {}
        bounds = (line.shortest_days, line.slowest_days)
        by, probability = cadence.jitter(share, pair.partner_id, line.id)
        before = known.get("decided_days", pair.start)
        rhythm = cadence.Rhythm(before, known.get("changed_on"), known.get("rate"))
        verdict = cadence.adapt(rhythm, seen, bounds, as_of, rules)
        changed = verdict.interval != before
        if known:
            tell = changed or known["assignment"] != ASSIGNMENTS[by]
            checked = known["checked_on"] or as_of.min
            due = (as_of - checked).days >= rules.cycle_days
            tell = tell or due and verdict.cause != cadence.WAIT
        else:  # without a row the start holds; it is noted where it is not the ideal
            tell = line.by_engagement or share or verdict.cause != cadence.FEW
        if not tell:
            return None
        interval = cadence.step(verdict.interval, by, *bounds)
        cause = self._get_cause(pair, known, verdict)
        first = rhythm.rate is None and seen.touches >= rules.min_touches
        return {
            "partner_id": pair.partner_id,
            "cadence_id": line.id,
            "interval_days": interval,
            "decided_days": verdict.interval,
            "reason": self._explain(cause, seen, window, interval, by)
            if cause
            else known["reason"],
            "changed_on": as_of if changed or not known else known["changed_on"],
            "checked_on": as_of,
            "touches": seen.touches,
            "responses": seen.responses,
            "rate": seen.rate if changed or first else rhythm.rate,
            "assignment": ASSIGNMENTS[by],
            "probability": probability,
        }

    def _get_cause(self, pair, known, verdict):
        """Return what the sentence is to say; None: what stands there."""
        if verdict.cause == cadence.WAIT:
            return None
        if not known and verdict.cause == cadence.FEW:
            return pair.line.by_engagement and pair.engagement or "start"
        return verdict.cause

    def _explain(self, cause, seen, window, interval, by):
        text = self._describe(cause or "start", seen, window, interval)
        if by > 0:
            text += " " + self.env._("Chance made it a step longer, to learn from it.")
        elif by < 0:
            text += " " + self.env._("Chance made it a step shorter, to learn from it.")
        return text

    @api.model
    def _refusal(self, pair, refusals):
        """Return what of a customer's refusals concerns this line, or None."""
        if any(cause == cadence.COMPLAINT for cause, _channel, _purpose in refusals):
            return cadence.COMPLAINT
        for _cause, channel, purpose in refusals:
            if channel in (None, pair.line.channel_id) and purpose in (
                None,
                pair.line.purpose_id,
            ):
                return cadence.OPT_OUT
        return None

    # ---- reading -------------------------------------------------------------------

    @api.model
    def _read_states(self, company, partner_ids):
        """Return the rows of these customers by (customer, line)."""
        self.env.cr.execute(
            SQL(
                """
                SELECT partner_id, cadence_id, interval_days, pinned, changed_on,
                       checked_on, rate, assignment, reason,
                       COALESCE(decided_days, interval_days) AS decided_days
                  FROM retention_cadence_state
                 WHERE company_id = %s AND partner_id = ANY(%s)
                """,
                company.id,
                partner_ids,
            )
        )
        return {
            (row["partner_id"], row["cadence_id"]): row
            for row in self.env.cr.dictfetchall()
        }

    @api.model
    def _window(self, company, as_of):
        """Return the UTC moments between which responses are counted."""
        start, end = company._retention_day_bounds(as_of, as_of)
        return SQL(
            "%s - make_interval(days => %s)", start, company.retention_adapt_days
        ), SQL("%s", end)

    @api.model
    def _count_responses(self, company, partner_ids, as_of):
        """Return ``{(customer, line): (contacts, answered)}`` of the window.

        Answered: by its outcome, or by a message, call or purchase that followed
        within the days set. Opens alone do not count, nor do complaints and tickets.
        """
        start, end = self._window(company, as_of)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sent.partner_id, sent.cadence_id, count(*),
                       count(*) FILTER (WHERE sent.outcome IN ('answered', 'bought')
                         OR sent.outcome = 'reached' AND sent.is_real
                         OR EXISTS (
                           SELECT FROM retention_touch back
                            WHERE back.partner_id = sent.partner_id
                              AND back.company_id = sent.company_id
                              AND back.state = 'done' AND back.direction = 'in'
                              AND back.origin <> 'ticket'
                              AND back.outcome IS DISTINCT FROM 'complained'
                              AND back.done_at > sent.done_at
                              AND back.done_at < %(end)s
                              AND back.done_at <= sent.done_at
                                                  + make_interval(days => %(within)s)))
                  FROM retention_touch sent
                 WHERE sent.company_id = %(company)s AND sent.partner_id = ANY(%(ids)s)
                   AND sent.state = 'done' AND sent.direction = 'out'
                   AND sent.cadence_id IS NOT NULL
                   AND sent.done_at >= %(start)s AND sent.done_at < %(end)s
                 GROUP BY sent.partner_id, sent.cadence_id
                """,
                company=company.id,
                ids=partner_ids,
                start=start,
                end=end,
                within=company.retention_response_days,
            )
        )
        return {(partner, line): (sent, back) for partner, line, sent, back in rows}

    @api.model
    def _get_refusals(self, company, partner_ids, as_of):
        """Return ``{customer: [(cause, channel id, purpose id)]}`` of the window.

        Complaints, the latest word on each channel and purpose where it is no, mail
        addresses on the blacklist and mailing lists left. None as channel: all.
        """
        start, end = self._window(company, as_of)
        mail = self.env.ref("crm_retention.channel_email", raise_if_not_found=False)
        rows = self.env.execute_query(
            SQL(
                REFUSALS,
                company=company.id,
                ids=partner_ids,
                start=start,
                end=end,
                mail=mail.id if mail else None,
            )
        )
        refusals = {}
        for partner_id, *refusal in rows:
            refusals.setdefault(partner_id, []).append(tuple(refusal))
        return refusals

    # ---- writing -------------------------------------------------------------------

    @api.model
    def _store(self, company, rows):
        """Write rows of :meth:`_judge` in one statement; return how many."""
        if not rows:
            return 0
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        arrays = SQL(", ").join(
            SQL("%s::%s[]", [row[name] for row in rows], SQL.identifier(kind))
            for name, kind in COLUMNS.items()
        )
        changes = SQL(", ").join(
            SQL("%(name)s = EXCLUDED.%(name)s", name=SQL.identifier(name))
            for name in COLUMNS
            if name not in ("partner_id", "cadence_id")
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO retention_cadence_state AS state
                  (company_id, pinned, create_uid, write_uid, create_date, write_date,
                   %(columns)s)
                SELECT %(company)s, FALSE, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       now() AT TIME ZONE 'UTC', fresh.*
                  FROM unnest(%(arrays)s) AS fresh
                    ON CONFLICT (partner_id, company_id, cadence_id)
                    DO UPDATE SET %(changes)s, write_uid = %(uid)s,
                                  write_date = now() AT TIME ZONE 'UTC'
                 WHERE NOT state.pinned
                """,
                columns=columns,
                company=company.id,
                uid=self.env.uid,
                arrays=arrays,
                changes=changes,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount

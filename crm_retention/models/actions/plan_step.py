from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .plan_changed import changed_customers, moved_customers
from .planner import HORIZON, Planner

BATCH = 2_500  # customers a transaction
PEOPLE = 20  # whose days are evened out in one transaction
OVERLAP = timedelta(hours=1)  # longer than any transaction that writes facts
ROUNDS = 10  # evening out moves contacts into limits, and limits into full days


class RetentionTouch(models.Model):
    """The plan step: policies to planned touches."""

    _inherit = "retention.touch"

    @api.model
    def _step_plan(self, run):
        """Do one batch of the plan step; as ``retention.profile._step_score``.

        Full: everybody with a profile. Else: those of whom something changed since
        the last plan, or all where a policy did. Then the days of people are evened
        out, and whom that moved into a limit is planned again, until nothing moves.
        """
        self.env["retention.profile"]._tune()
        cursor = run.cursor or self._begin_plan(run)
        if cursor["part"] == "spread":
            return self._even_out(run, cursor)
        ids = self._get_next_customers(run, cursor)
        changed = self._plan_customers(run.company_id, ids, run.as_of) if ids else 0
        cursor = cursor | {"changed": cursor.get("changed", 0) + changed}
        is_again = cursor["part"] == "again"
        seen = 0 if is_again else len(ids)  # nobody counts twice
        if len(ids) == BATCH:
            return seen, changed, cursor | {"after": ids[-1]}
        if is_again and not cursor["changed"]:
            return seen, changed, None
        return seen, changed, {"part": "spread", "round": cursor.get("round", 0)}

    @api.model
    def _even_out(self, run, cursor):
        """Spread what is planned over the days of some people.

        After the last of them what moved is looked at again.
        """
        users = self._get_next_people(run, cursor.get("user", 0))
        moved = self._spread(run.company_id, run.as_of, users) if users else 0
        if moved and not cursor.get("moved"):
            [(moment,)] = self.env.execute_query(SQL("SELECT now() AT TIME ZONE 'UTC'"))
            cursor = cursor | {"moved": moment.isoformat()}
        if len(users) == PEOPLE:
            return 0, moved, cursor | {"user": users[-1]}
        number = cursor.get("round", 0) + 1
        if not cursor.get("moved") or number > ROUNDS:
            return 0, moved, None
        following = {"part": "again", "after": 0, "round": number}
        return 0, moved, following | {"since": cursor["moved"]}

    @api.model
    def _get_next_people(self, run, after):
        """Return the ids of the next people who have contacts planned, in order."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT user_id FROM retention_touch
                 WHERE company_id = %s AND state = 'planned' AND user_id > %s
                 ORDER BY user_id LIMIT %s
                """,
                run.company_id.id,
                after,
                PEOPLE,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _begin_plan(self, run):
        """Return the first cursor: since when, and whether everybody is planned."""
        since = run._get_last_start()
        before = run.search(
            [
                ("company_id", "=", run.company_id.id),
                ("step", "=", "plan"),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        cursor = {"part": "all", "after": 0}
        everybody = (
            run.kind == "full"
            or not since
            or before.as_of > run.as_of
            or self._have_policies_changed(run.company_id, since - OVERLAP)
        )
        if not everybody:
            cursor |= {
                "part": "changed",
                "since": fields.Datetime.to_string(since - OVERLAP),
                "last": fields.Date.to_string(before.as_of),
            }
        return cursor

    @api.model
    def _have_policies_changed(self, company, since):
        """Tell whether a rule of the plan was written since a moment."""
        self.env.flush_all()
        [(changed,)] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (SELECT FROM retention_contact_policy
                                WHERE company_id = %(company)s
                                  AND write_date >= %(since)s)
                    OR EXISTS (SELECT FROM retention_cadence
                                WHERE company_id = %(company)s
                                  AND write_date >= %(since)s)
                    OR EXISTS (SELECT FROM retention_cap
                                WHERE company_id = %(company)s
                                  AND write_date >= %(since)s)
                    OR EXISTS (SELECT FROM retention_keydate
                                WHERE write_date >= %(since)s)
                """,
                company=company.id,
                since=since,
            )
        )
        return changed

    @api.model
    def _get_next_customers(self, run, cursor):
        """Return the ids of the next customers to plan, in order."""
        if cursor["part"] == "all":
            statement = SQL(
                """SELECT partner_id FROM retention_profile
                    WHERE company_id = %s AND partner_id > %s
                    ORDER BY partner_id LIMIT %s""",
                run.company_id.id,
                cursor["after"],
                BATCH,
            )
        elif cursor["part"] == "again":
            statement = moved_customers(
                run.company_id,
                datetime.fromisoformat(cursor["since"]),
                run.as_of + timedelta(days=HORIZON),
                cursor["after"],
                BATCH,
            )
        else:
            statement = changed_customers(
                run.company_id,
                fields.Datetime.to_datetime(cursor["since"]),
                (fields.Date.to_date(cursor["last"]), run.as_of),
                HORIZON,
                cursor["after"],
                BATCH,
            )
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(statement)]

    @api.model
    def _plan_customers(self, company, ids, as_of):
        """Bring the plan of these customers in line; return how many rows changed."""
        planner = Planner(company, as_of)
        facts, drafts = planner.propose(ids)
        return self._reconcile(company, facts, drafts, planner.words)

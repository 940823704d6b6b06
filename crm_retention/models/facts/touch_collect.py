from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .collect_sql import CollectSQL, Window

OVERLAP = timedelta(hours=1)  # a transaction may commit that long after it began
MANY = 5_000  # contacts taken in, after which the planner is to know of them
RECHECK = timedelta(days=35)  # how far back a full pass looks at everything again


class RetentionTouch(models.Model):
    """The collect step: contacts out of Odoo's own records, each exactly once.

    **Keys.** ``<model>:<id>:<customer id>`` names the record a contact comes from
    and whom it reached: ``mail.activity:17:42`` is activity 17 done with customer
    42 (a commercial partner). Models: mail.activity, calendar.event, mail.message,
    mailing.trace, helpdesk.ticket, and the documents of ``retention.transaction``;
    a live chat is one contact a day, ``discuss.channel:<id>-<yyyymmdd>:<customer>``.
    A planned contact that carries the key of the activity or message by which it
    is carried out is that contact: nothing is added for it. The meeting of its
    activity is the same contact too.

    **Windows.** A pass takes in what was written since an hour before the last one
    began (messages: by id), a full pass what was written in the last five weeks;
    the first one everything back to the company's setting. What was taken in stays
    as it is unless its record says something else; what a person has written on a
    contact is never overwritten.
    """

    _inherit = "retention.touch"

    @api.model
    def _get_sources(self):
        """Return the names of the methods that describe one source each.

        Each takes a :class:`Window` and a company, returns a :class:`Source`.
        """
        return [
            "_source_messages",
            "_source_activities",
            "_source_meetings",
            "_source_mailings",
            "_source_tickets",
            "_source_orders",
        ]

    @api.model
    def _step_collect(self, run):
        """Do one batch of the collect step; as ``retention.profile._step_score``.

        The cursor names the source, the last id looked at, and the window.
        """
        marked = 0
        if not run.cursor:
            marked = self.env["retention.transaction"]._mark_unseen(run)
        cursor = run.cursor or self._begin_collect(run)
        window = self._read_window(cursor)
        names = ("retention.event", "retention.feedback")
        models_ = [self, *(self.env[name] for name in names)]
        sources = [(model, name) for model in models_ for name in model._get_sources()]
        place = cursor["source"]
        model, name = sources[place]
        last, seen, changed = model._collect(run.company_id, name, window, cursor)
        if run.changed + changed >= 2 * cursor["counted"] + MANY:
            self._count_contacts_anew()
            cursor = cursor | {"counted": run.changed + changed}
        if last:
            cursor = cursor | {"after": last}
        else:
            cursor = cursor | {"source": place + 1, "after": 0}
        if cursor["source"] == len(sources):
            run.bookmark = cursor["bookmark"]
            cursor = None
        return seen + marked, changed + marked, cursor

    @api.model
    def _collect(self, company, name, window, cursor):
        """Take in one batch of one source; return (last id or None, seen, changed)."""
        source = getattr(self, name)(window, company)
        collect = CollectSQL(self.env, company)
        self.env.flush_all()
        self._tune_collect()
        ids = collect.waiting(
            source.table, source.changed, cursor["after"], source.limit
        )
        if not ids:
            return None, 0, 0
        [(changed,)] = self.env.execute_query(collect.statement(source, ids))
        if changed:
            self.invalidate_model()
        return (ids[-1] if len(ids) == source.limit else None), len(ids), changed

    @api.model
    def _count_contacts_anew(self):
        """Let the planner know how many contacts there are, here and in later steps.

        After a large intake it believes for a while that there are hardly any, and
        then reads all of them once for every customer.
        """
        self.env.flush_all()
        self.env.cr.execute("ANALYZE retention_touch; ANALYZE retention_event")

    @api.model
    def _tune_collect(self):
        """Settings for this transaction: indexes are mostly in memory, a batch's keys
        fit into one hash table of which no copies are made, nothing is compiled.
        """
        self.env.cr.execute(
            "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
            "SET LOCAL max_parallel_workers_per_gather = 0;"
            "SET LOCAL random_page_cost = 1.1"
        )

    # ---- from where on -------------------------------------------------------------

    @api.model
    def _begin_collect(self, run):
        """Return the first cursor of a pass."""
        company, now = run.company_id, fields.Datetime.now()
        months = company.retention_collect_months
        reach = min(run.as_of, now.date()) - relativedelta(months=months)
        basis = company.retention_revenue_source
        last = run._get_last_bookmark()
        known = last.bookmark or {}
        everything = not known or (
            reach.isoformat() < known["reach"] or basis != known["basis"]
        )
        since = last.started_at
        if run.kind == "full" and not self.env.context.get("retention_replay"):
            since = min(since or now, now - RECHECK)
            last = run._get_last_bookmark(before=since)
        message = 0 if everything else (last.bookmark or {}).get("message", 0)
        bookmark = {
            "reach": reach.isoformat() if everything else known["reach"],
            "basis": basis,
            "message": self._get_settled_message(message, now - OVERLAP),
        }
        return {
            "source": 0,
            "after": 0,
            "counted": 0,
            "since": fields.Datetime.to_string((since or now) - OVERLAP),
            "reach": reach.isoformat(),
            "until": fields.Datetime.to_string(now),
            "message": message,
            "everything": everything,
            "bookmark": bookmark,
        }

    @api.model
    def _read_window(self, cursor):
        return Window(
            since=fields.Datetime.to_datetime(cursor["since"]),
            reach=fields.Datetime.to_datetime(cursor["reach"]),
            until=fields.Datetime.to_datetime(cursor["until"]),
            message=cursor["message"],
            everything=cursor["everything"],
        )

    @api.model
    def _get_settled_message(self, after, since):
        """Return the id of a message below which none will appear any more.

        The one before the first that was written after ``since``: ids are given out
        in order, but a transaction that began later may still be under way.
        """
        self.env["mail.message"].flush_model()
        [(settled,)] = self.env.execute_query(
            SQL(
                """
                SELECT CASE WHEN fresh.id IS NULL
                            THEN (SELECT max(id) FROM mail_message)
                            ELSE (SELECT max(id) FROM mail_message
                                   WHERE id < fresh.id) END
                  FROM (SELECT min(id) AS id FROM mail_message
                         WHERE id > %s AND create_date >= %s) fresh
                """,
                after,
                since,
            )
        )
        return settled or 0

from functools import cache

from odoo import api, models
from odoo.tools import SQL, format_date

from ...tools import alerts
from ..running.columns_sql import update_rows
from .people import People
from .watch_read import Watch, stake

OPENED = 500  # alerts opened a transaction
FIGURES = {
    "strength": "float8",
    "before": "float8",
    "after": "float8",
    "since": "date",
    "reason": "varchar",
    "severity": "varchar",
    "severity_rank": "int4",
    "stake": "float8",
}
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}


class RetentionAlert(models.Model):
    """The watch step: one rule after the other, found, opened, followed, closed."""

    _inherit = "retention.alert"

    @api.model
    def _step_watch(self, run):
        """Do one batch of the watch step: one rule, or the check of what followed.

        Searching reads everybody and writes nothing; written are a few alerts, in one
        transaction a rule (in several where more than ``OPENED`` are new). Run again,
        it finds all of them there. The cursor is ``{"after": place of the rule, "rest":
        ids of customers whose alerts are still to be opened}``.
        :return: (customers in whom a sign was found, alerts changed, next cursor).
        """
        self.env["retention.profile"]._tune()
        if run.kind == "light":
            return self._watch_changed(run)
        signals = self._get_signals(run.company_id)
        cursor = run.cursor or {"after": 0}
        place = cursor["after"]
        if place >= len(signals):
            return 0, self._check_results(run.company_id, run.as_of), None
        signal, ids = signals[place], cursor.get("rest")
        again = ids is not None  # the search is done; open who is left
        if not again and not signal._must_look_at_everybody(
            run.as_of, bool(signal.held_back)
        ):
            ids = self._get_changed(signal, run)
        seen, changed, rest = self._watch(signal, run.as_of, ids)
        seen = 0 if again else seen
        if rest:
            return seen, changed, {"after": place, "rest": rest}
        return seen, changed, {"after": place + 1}

    @api.model
    def _get_signals(self, company):
        """Return the rules that are switched on, in a fixed order."""
        return self.env["retention.signal"].search(
            [("company_id", "=", company.id)], order="id"
        )

    @api.model
    def _watch_changed(self, run):
        """Look again at customers with open alerts who bought since the last pass.

        Nobody begins to leave within a quarter of an hour, but who has just bought
        need not be called about it. Contacts are looked at in the night.
        """
        seen = changed = 0
        for signal in self._get_signals(run.company_id):  # a few rules
            ids = self._get_changed(signal, run, is_open=True)
            if ids:
                seen += len(ids)
                changed += self._watch(signal, run.as_of, ids, opens=False)[1]
        return seen, changed, None

    @api.model
    def _get_changed(self, signal, run, is_open=False):
        """Return the ids of customers whose figures changed since the last pass.

        And of all with an open alert of the rule; with ``is_open`` only of those whose
        figures changed *and* who have one.
        """
        self.env.flush_all()
        since = run._get_last_start()
        changed = SQL(
            "(%(since)s::timestamp IS NULL OR profile.changed_at >= %(since)s)",
            since=since,
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id
                  FROM retention_profile profile
                  LEFT JOIN retention_alert alert
                    ON alert.partner_id = profile.partner_id
                   AND alert.signal_id = %(signal)s AND alert.is_open
                 WHERE profile.company_id = %(company)s AND %(which)s
                 ORDER BY profile.partner_id
                """,
                signal=signal.id,
                company=run.company_id.id,
                which=SQL("%s AND alert.id IS NOT NULL", changed)
                if is_open
                else SQL("(%s OR alert.id IS NOT NULL)", changed),
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _watch(self, signal, as_of, ids=None, opens=True):
        """Look through the company by one rule, and do what is to be done.

        :param ids: only at these customers; None: at everybody.
        :param opens: whether new alerts are opened.
        :return: (found, changed, ids of customers whose alerts are still to be opened).
        """
        self.env.flush_all()
        known = self._get_known(signal, as_of)
        people = People(signal.company_id)
        watch = Watch(signal, as_of, ids).look()
        silent = {row.customer_id for row in known if _is_silent(row, as_of)}
        found = watch.weigh(silent, people)
        night = alerts.night(found, known, as_of, signal.budget_week)
        gone = night.gone if ids is None else sorted({*night.gone} & {*ids})
        say_day = cache(lambda day: format_date(self.env, day))
        changed = self._bring_up_to_date(night.found_again, watch, found, say_day)
        self._pass_on(signal, found, people)
        changed += self._close_gone(signal, gone, as_of)
        if not opens:
            return len(found), changed, []
        now, later = night.opened[:OPENED], night.opened[OPENED:]
        self._open(now, watch, found, say_day)
        signal._note_watched(watch, len(night.held_back), everybody=ids is None)
        return len(found), changed + len(now), later

    @api.model
    def _get_known(self, signal, as_of):
        """Return of each customer the open alert or the last closed that still counts.

        As :class:`alerts.Known`.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id)
                       partner_id, state, user_id, opened_on, cooldown_until
                  FROM retention_alert
                 WHERE company_id = %(company)s AND signal_id = %(signal)s
                   AND (is_open OR cooldown_until > %(day)s
                        OR opened_on > %(day)s - 7)
                 ORDER BY partner_id, is_open DESC, id DESC
                """,
                company=signal.company_id.id,
                signal=signal.id,
                day=as_of,
            )
        )
        return [alerts.Known(*row) for row in rows]

    # ---- what a night does -----------------------------------------------------------

    @api.model
    def _open(self, customer_ids, watch, found, say_day):
        """Open alerts for these customers."""
        model = self.with_context(**QUIET)
        opened = model.create(
            [
                self._prepare_figures(watch, found[customer_id], say_day)
                | {
                    "signal_id": watch.signal.id,
                    "partner_id": customer_id,
                    "company_id": watch.company.id,
                    "user_id": found[customer_id].owner_id,
                    "value": watch.values.get(customer_id, 0.0),
                    "stake": found[customer_id].stake,
                    "opened_on": watch.as_of,
                    "changed_on": watch.as_of,
                }
                for customer_id in customer_ids
            ]
        ).with_env(self.env)
        if opened:
            opened._opened()
        return opened

    @api.model
    def _prepare_figures(self, watch, new, say_day):
        """Return what an alert says of a cause, as it is found today."""
        finding = watch.findings[new.customer_id]
        return {
            "severity": new.level,
            "strength": round(finding.strength, 4),
            "before": _rounded(finding.before),
            "after": _rounded(finding.after),
            "since": finding.since,
            "reason": watch.signal._say(finding, say_day),
        }

    @api.model
    def _bring_up_to_date(self, customer_ids, watch, found, say_day):
        """Put the figures of open alerts right, where they are different today.

        :return: how many were.
        """
        alerts_open = self.search(
            [
                ("signal_id", "=", watch.signal.id),
                ("company_id", "=", watch.company.id),
                ("partner_id", "in", customer_ids),
                ("is_open", "=", True),
            ]
        )
        rows = []
        for alert in alerts_open:
            new = found[alert.partner_id.id]
            fresh = self._prepare_figures(watch, new, say_day)
            fresh["severity_rank"] = alerts.LEVELS.index(fresh["severity"])
            fresh["stake"] = stake(alert.value, fresh["strength"])
            if any(not _same(alert[name], value) for name, value in fresh.items()):
                rows.append(fresh | {"id": alert.id, "changed_on": watch.as_of})
        update_rows(self.env, self._table, FIGURES | {"changed_on": "date"}, rows)
        self.invalidate_model([*FIGURES, "changed_on"])
        return len(rows)

    @api.model
    def _pass_on(self, signal, found, people):
        """Give open alerts of people who have left to whose they are now."""
        left = self.search(
            [
                ("signal_id", "=", signal.id),
                ("partner_id", "in", list(found)),
                ("is_open", "=", True),
                ("user_id", "not in", [*people.users, False]),
            ]
        )
        by_owner = left.grouped(lambda alert: found[alert.partner_id.id].owner_id)
        for owner_id, some in by_owner.items():
            some.user_id = owner_id

    @api.model
    def _close_gone(self, signal, customer_ids, as_of):
        """Close alerts whose cause is gone, and say so.

        Those that somebody was working on are saved, all others over by themselves.
        """
        gone = self.search(
            [
                ("signal_id", "=", signal.id),
                ("company_id", "=", signal.company_id.id),
                ("partner_id", "in", customer_ids),
                ("is_open", "=", True),
            ]
        )
        note = self.env._(
            "The cause was gone on %(day)s.", day=format_date(self.env, as_of)
        )
        worked_on = gone.filtered(lambda alert: alert.state == "working")
        for state, some in ((alerts.SAVED, worked_on), (alerts.OVER, gone - worked_on)):
            if some:
                some._close(state, note, as_of, by_itself=True)
        return len(gone)

    # ---- what followed ---------------------------------------------------------------

    @api.model
    def _check_results(self, company, as_of):
        """Compare what people said of closed alerts with what the customers did.

        A purchase after the alert decides at once; none, when the rule's horizon after
        the closing has passed.
        :return: how many are known now.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert.id, alert.state, EXISTS (
                         SELECT FROM (%(documents)s) doc
                          WHERE doc.partner_id = alert.partner_id
                            AND doc.company_id = alert.company_id
                            AND doc.kind = 'sale' AND doc.date > alert.opened_on
                            AND doc.date <= LEAST(%(day)s::date,
                                  alert.closed_on + signal.horizon_days)) AS bought,
                       alert.closed_on + signal.horizon_days <= %(day)s::date AS over
                  FROM retention_alert alert
                  JOIN retention_signal signal ON signal.id = alert.signal_id
                 WHERE alert.company_id = %(company)s AND alert.result = 'waiting'
                   AND alert.is_open IS NOT TRUE AND alert.closed_on <= %(day)s
                """,
                documents=self.env["retention.transaction"]._union(),
                company=company.id,
                day=as_of,
            )
        )
        ids = {"right": [], "wrong": []}
        for alert_id, state, bought, over in rows:
            if bought or over:
                ids[alerts.judged(state, bought)].append(alert_id)
        for result, some in ids.items():
            if some:
                quiet = self.browse(some).with_context(**QUIET)
                quiet.write({"result": result, "checked_on": as_of})
        return len(ids["right"]) + len(ids["wrong"])


def _is_silent(known, as_of):
    """Tell whether nothing is opened for this customer, so that no value is needed."""
    cooling = known.cooldown_until and known.cooldown_until > as_of
    return known.state in alerts.STATES_OPEN or bool(cooling)


def _rounded(number):
    return None if number is None else round(number, 2)


def _same(old, new):
    """Tell whether a stored figure says the same as a fresh one."""
    if isinstance(new, float) or isinstance(old, float):
        return abs((old or 0.0) - (new or 0.0)) < 0.005
    return (old or None) == (new or None)

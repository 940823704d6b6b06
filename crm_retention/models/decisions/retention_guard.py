from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ...tools import caps
from ..running.retention_run import TRANSIENT
from . import guard_sql
from .guard_facts import GuardFacts
from .guard_rules import GuardRules


class RetentionGuard(models.AbstractModel):
    """Answers for a set of customers whether they may be contacted now, and why not.

    Reads everything at the moment of asking, so that an opt-out, a complaint or a
    logged contact holds at once; the number of queries does not depend on the
    number of requests.
    """

    _name = "retention.guard"
    _description = "Contact Guard"

    @api.model
    def _judge(self, company, requests, now=None, together=True):
        """Return the ``caps.Verdict`` of each of the ``caps.Request``, in order.

        An allowed request counts for those after it. ``moment`` of a request is when
        the customer would hear of it: for a contact by a person the hour at which he
        works, not that at which the job runs. Who sends upon the answer must call
        ``_hold`` before, in the same transaction.

        :param together: False: alternatives, none of which counts for the others
        """
        if not requests:
            return []
        now = now or fields.Datetime.now()
        # sudo: the answer depends on what was said and sent, not on who asks
        guard = self.sudo().with_company(company)
        facts = GuardFacts(guard, company, requests, now)
        rules = GuardRules(guard.env, company, facts, now)
        verdicts = []
        for request in facts.complete(requests):
            finding = caps.judge(
                request, rules.of(request), facts.contacts_of(request), now
            )
            if together and finding.state == caps.ALLOWED:
                facts.count(request, now)
            verdicts.append(rules.say(request, finding))
        return verdicts

    @api.model
    def _hold(self, company, customer_ids):
        """Keep these customers for this transaction: a second sender fails and retries.

        Also whoever shares an address with them, for one inbox counts as one. To be
        called before ``_judge`` by everybody who sends upon its answer.
        """
        if not customer_ids:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(guard_sql.HOLD, company=company.id, customers=list(customer_ids))
        )

    @api.model
    def _try_hold(self, company, customer_ids):
        """As ``_hold``, for who can put it off: tell whether it succeeded.

        After a failure somebody else has just contacted one of them; this
        transaction still sees the time before and must not send to them.
        """
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                self._hold(company, customer_ids)
        except TRANSIENT:
            return False
        return True

    @api.model
    def _is_held_out(self, company, customer_id):
        """Tell whether the customer belongs to those who get no promotion."""
        share = getattr(company, "retention_holdout_share", 0) or 0
        return caps.in_share(f"holdout:{company.id}:{customer_id}", share)

    @api.model
    def _queued_sql(self):
        """Return (condition, moment): planned touches that are already on their way.

        For later rooms, which know what carries a touch out.
        """
        return SQL("FALSE"), SQL("NULL::timestamp")

    @api.model
    def _get_uncollected(self, company, addresses, numbers, since):
        """Return what was sent but is no contact (``retention.touch``) yet.

        Rows of mailing, address, moment, channel, category, contact or None, number
        or None. For later rooms.
        """
        return []

    # ---- keeping the answers -------------------------------------------------------

    @api.model
    def _log(self, company, requests, verdicts, mailing=None, records=None):
        """Keep refusals and deferrals of real attempts, each with its reason.

        The same answer about the same touch is kept once.

        :param records: ids of the recipients of ``mailing``, in the order of requests
        """
        records = records or [None] * len(requests)
        rows = [
            (request, verdict, record)
            for request, verdict, record in zip(
                requests, verdicts, records, strict=True
            )
            if verdict.state != caps.ALLOWED
        ]
        if not rows:
            return
        requests, verdicts, records = zip(*rows, strict=True)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                guard_sql.LOG,
                company=company.id,
                now=fields.Datetime.now(),
                mailing=mailing.id if mailing else None,
                partners=[request.customer_id for request in requests],
                channels=[request.channel_id for request in requests],
                categories=[request.category for request in requests],
                touches=[request.touch_id for request in requests],
                verdicts=[verdict.state for verdict in verdicts],
                untils=[verdict.until for verdict in verdicts],
                reasons=[verdict.reason for verdict in verdicts],
                causes=[verdict.cause for verdict in verdicts],
                caps=[verdict.cap_id for verdict in verdicts],
                records=list(records),
            )
        )
        self.env["retention.decision"].invalidate_model()

from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import points, rewards
from .retention_reward_exchange import LIVE

LONGEST_KEY = 64
# obstacles that no customer is told of: the reward is not shown to him
HIDDEN = (rewards.NOT_READY, rewards.CLOSED, rewards.OVER, rewards.TIER)


class RetentionReward(models.Model):
    """How points become rewards: what is offered to a customer, and the exchange."""

    _inherit = "retention.reward"

    exchange_ids = fields.One2many(
        comodel_name="retention.reward.exchange", inverse_name="reward_id"
    )
    exchange_count = fields.Integer(
        string="Exchanges", compute="_compute_exchange_count"
    )

    def _compute_exchange_count(self):
        counts = dict(
            self.env["retention.reward.exchange"]._read_group(
                [("reward_id", "in", self.ids)], ["reward_id"], ["__count"]
            )
        )
        for reward in self:
            reward.exchange_count = counts.get(reward, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(reward.exchange_count for reward in self):
            raise UserError(
                self.env._("Customers have it already: archive this reward instead.")
            )

    def action_view_exchanges(self):
        """Open who got it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_reward_exchange_action"
        )
        return action | {"domain": [("reward_id", "=", self.id)], "context": {}}

    # ---- what is offered ----------------------------------------------------------

    def _get_offers(self, account):
        """Return what the customer of ``account`` may see of the catalogue.

        :return: dicts of ``reward``, ``cost``, ``is_within_reach``, ``missing``
            (points) and ``reason`` (why not, in words; False: it can be taken).
            Rewards of other tiers and those that are over are left out.
        """
        account.ensure_one()
        return self._get_all_offers(account)[account.id]

    @api.model
    def _get_all_offers(self, accounts):
        """Return ``{account id: offers}``, as :meth:`_get_offers`, for many at once."""
        found = self.search(
            [("program_id", "in", accounts.program_id.ids)],
            order="sequence, cost, id",
        )
        tiers, taken = self._get_tiers_of(accounts), self._count_taken(accounts)
        offers = {}
        for account in accounts:
            offers[account.id] = [
                self._describe_offer(reward, offer, account, reason)
                for reward in found
                if reward.program_id == account.program_id
                for offer in (reward._prepare_offer(account, tiers, taken),)
                for reason in (rewards.obstacle(offer, account.available),)
                if reason not in HIDDEN
            ]
        return offers

    @api.model
    def _describe_offer(self, reward, offer, account, reason):
        return {
            "reward": reward,
            "cost": offer.cost,
            "is_within_reach": not reason,
            "missing": max(0, offer.cost - account.available),
            "reason": reason and reward._say_obstacle(reason, offer, account),
        }

    def _prepare_offer(self, account, tiers, taken, amount=None):
        """Return the :class:`rewards.Offer` as it stands for one customer today."""
        self.ensure_one()
        today = account.company_id._retention_today()
        held = tiers.get((account.partner_id.id, account.company_id.id))
        return rewards.Offer(
            cost=self._get_cost(amount),
            is_ready=self.is_ready and self.active,
            is_open=account.program_id.active and not account.merged_into_id,
            starts_in=(self.start_date - today).days if self.start_date else 0,
            is_over=bool(self.end_date and self.end_date < today),
            fits_tier=not self.tier_ids or held in self.tier_ids.ids,
            stock=self.stock_left if self.is_limited else None,
            taken=taken.get((account.id, self.id), 0),
            most=self.most_each,
        )

    def _get_offer(self, account, amount=None):
        """Return the same, with what must be known for it read now."""
        return self._prepare_offer(
            account, self._get_tiers_of(account), self._count_taken(account), amount
        )

    @api.model
    def _get_tiers_of(self, accounts):
        """Return ``{(customer id, company id): id of the tier held now}``."""
        # sudo: which tier decides, not what else the profile tells
        profiles = self.env["retention.profile"].sudo()
        found = profiles.with_context(active_test=False).search(
            [
                ("partner_id", "in", accounts.partner_id.ids),
                ("company_id", "in", accounts.company_id.ids),
            ]
        )
        return {
            (profile.partner_id.id, profile.company_id.id): profile.tier_id.id
            for profile in found
        }

    @api.model
    def _count_taken(self, accounts):
        """Return ``{(account id, reward id): how many times the customer has it}``."""
        # sudo: whoever asks, all of the customer's exchanges count
        exchanges = self.env["retention.reward.exchange"].sudo()
        groups = exchanges._read_group(
            [
                ("account_id", "in", accounts.ids),
                ("state", "in", (*LIVE, "expired")),
            ],
            ["account_id", "reward_id"],
            ["__count"],
        )
        return {(account.id, reward.id): count for account, reward, count in groups}

    def _get_cost(self, amount=None):
        """Return the points that this reward costs, or so much of it."""
        self.ensure_one()
        if amount is None or not self.is_any_amount or not self.amount:
            return self.cost
        return rewards.cost_of(amount, self.cost, self.amount)

    def _say_obstacle(self, reason, offer, account):
        """Say why this customer cannot have it."""
        self.ensure_one()
        env = self.env
        if reason == rewards.SHORT:
            return env._(
                "%(missing)s %(points)s are missing.",
                missing=offer.cost - account.available,
                points=self.point_name,
            )
        return {
            rewards.NOT_READY: env._("It is not set up yet."),
            rewards.CLOSED: env._("The points program is closed."),
            rewards.NOT_YET: env._("It starts on %s.", self.start_date),
            rewards.OVER: env._("It is over."),
            rewards.TIER: env._("It is reserved for other tiers."),
            rewards.SOLD_OUT: env._("All of them are gone."),
            rewards.ENOUGH: env._("You had it as often as it is given."),
        }[reason]

    def _preview(self, account, amount=None):
        """Return what this reward would cost, and why it cannot be had (or False)."""
        self.ensure_one()
        offer = self._get_offer(account, amount or None)
        reason = rewards.obstacle(offer, account.available)
        return offer.cost, reason and self._say_obstacle(reason, offer, account)

    # ---- the exchange -------------------------------------------------------------

    def _exchange(self, account, key, amount=None):
        """Take the points and hand this reward out; return the exchange.

        The caller has made sure that the person may spend this customer's points.
        The same ``key`` again gives the first exchange and takes nothing.

        :param key: names this exchange; made up by the client before it asks.
        :param amount: the money chosen, where the customer chooses.
        :raises UserError: where it cannot be had; nothing is taken then.
        """
        self.ensure_one()
        account.ensure_one()
        # sudo: customers and salespeople write neither points nor coupons
        reward, account = self.sudo(), account.sudo()
        amount = reward._check_asked(account, key, amount)
        before = reward._find_exchange(account, key, amount)
        if before:
            return before
        offer = reward._get_offer(account, amount)
        reason = rewards.obstacle(offer, account.available)
        if reason:
            raise UserError(reward._say_obstacle(reason, offer, account))
        entry = account._post_one(
            points.Posting(
                account.id,
                f"redeem:{account.id}:{key}",
                points.REDEEM,
                -offer.cost,
                res_model=self._name,
                res_id=reward.id,
                amount=amount or None,
                reason=reward.name,
            )
        )
        reward._take_one(account)
        return reward._hand_out(account, entry, key, amount)

    def _exchange_for(self, partner_ids, key, amount=None):
        """Exchange this reward for some customers, each under the same name, once."""
        self.ensure_one()
        Account = self.env["retention.points.account"]
        accounts = Account._open(self.program_id, partner_ids)
        for account_id in accounts.values():
            self._exchange(Account.browse(account_id), key, amount)

    def _check_asked(self, account, key, amount):
        """Return the amount asked for; refuse what makes no sense."""
        if account.program_id != self.program_id:
            raise UserError(self.env._("These points do not pay for this reward."))
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
            raise UserError(self.env._("An exchange needs a name of its own."))
        if self.kind != rewards.WALLET or not self.is_any_amount:
            return self.amount if self.kind == rewards.WALLET else None
        try:
            amount = float(amount or 0)
        except (TypeError, ValueError):
            amount = 0
        amount = self.currency_id.round(amount) if isfinite(amount) else 0
        least = max(self.least_amount, self.currency_id.rounding)
        if not least <= amount <= points.MOST:
            raise UserError(
                self.env._(
                    "Choose an amount from %s up.", self.currency_id.format(least)
                )
            )
        return amount

    def _find_exchange(self, account, key, amount):
        """Return the exchange made under this key; refuse one of something else."""
        exchange = self.env["retention.reward.exchange"].search(
            [("account_id", "=", account.id), ("key", "=", key)]
        )
        if exchange and (
            exchange.reward_id != self or exchange.amount != (amount or 0)
        ):
            raise UserError(
                self.env._("Another exchange was made under this name before.")
            )
        return exchange

    def _take_one(self, account):
        """Count one more against the limits, now that the account is locked.

        Two that want the last one: the second finds the row changed, fails, and is
        asked again by Odoo, when none is left.
        """
        offer = self._get_offer(account)
        if offer.most and offer.taken >= offer.most:
            raise UserError(self._say_obstacle(rewards.ENOUGH, offer, account))
        if not self.is_limited:
            return
        rows = self.env.execute_query(
            SQL(
                "UPDATE retention_reward SET taken = taken + 1"
                " WHERE id = %s AND taken < stock RETURNING id",
                self.id,
            )
        )
        self.invalidate_recordset(["taken", "stock_left"])
        if not rows:
            raise UserError(self._say_obstacle(rewards.SOLD_OUT, offer, account))

    def _put_back(self, count):
        """Have ``count`` more of this reward to hand out."""
        self.ensure_one()
        self.env.execute_query(
            SQL(
                "UPDATE retention_reward SET taken = GREATEST(taken - %s, 0)"
                " WHERE id = %s AND is_limited RETURNING id",
                count,
                self.id,
            )
        )
        self.invalidate_recordset(["taken", "stock_left"])

    def _hand_out(self, account, entry, key, amount):
        """Issue what was paid for, keep it, and tell the customer."""
        person = self._get_person(account)
        today = self.company_id._retention_today()
        values = {
            "account_id": account.id,
            "person_id": person.id,
            "reward_id": self.id,
            "kind": self.kind,
            "entry_id": entry.id,
            "date": today,
            "points": -entry.points,
            "amount": amount or 0,
            "key": key,
        }
        issue = getattr(self, f"_issue_{self.kind}")
        values |= issue(person, amount, today)
        exchange = self.env["retention.reward.exchange"].create(values)
        exchange._after_issue()
        exchange._tell_customer()
        return exchange

    @api.model
    def _get_person(self, account):
        """Return who gets it: the contact at work in the portal, or the customer."""
        person = self.env.user.partner_id
        if self.env.user.share and person.commercial_partner_id == account.partner_id:
            return person
        return account.partner_id

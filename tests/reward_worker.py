"""A customer who asks for rewards many times at once, in a scratch database.

As :mod:`tests.points_worker`: real connections, tried again as Odoo tries a request.
"""

import argparse
import json
import sys

from points_worker import Race

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tools import config

CROWD = 8
COST = 10


class RewardRace(Race):
    def exchange(self, reward, account, key):
        """Exchange as a request does."""
        with self.env() as env:
            reward = env["retention.reward"].browse(reward)
            account = env["retention.points.account"].browse(account)
            return retrying(lambda: reward._exchange(account, key).id, env)

    def make(self, **values):
        """Make a coupon reward; return its id."""
        with self.env() as env:
            reward = env["retention.reward"].create(
                {
                    "name": "Race",
                    "program_id": self.program.id,
                    "cost": COST,
                    "amount": 5,
                    **values,
                }
            )
            reward.action_create_program()
            return reward.id

    def funded(self, count, points):
        """Make customers with points; return their accounts."""
        accounts = self.accounts(count)
        for account in accounts:
            self.post(self.posting(account, f"fund:{account}", self.tools.EARN, points))
        return accounts

    def race(self, reward, wishes):
        """Let (account, key) pairs exchange at once; return what came of it."""
        answers = self.in_threads(
            [lambda wish=wish: self.exchange(reward, *wish) for wish in wishes]
        )
        with self.env() as env:
            row = env["retention.reward"].browse(reward)
            accounts = env["retention.points.account"].browse(
                {account for account, _key in wishes}
            )
            return {
                "got": len({each for each in answers if isinstance(each, int)}),
                "answered": sum(isinstance(each, int) for each in answers),
                "refused": sum(isinstance(each, UserError) for each in answers),
                "other": [
                    repr(each)
                    for each in answers
                    if not isinstance(each, int | UserError)
                ],
                "exchanges": len(row.exchange_ids),
                "coupons": len(row.loyalty_program_id.coupon_ids),
                "left": sum(accounts.mapped("available")),
            }

    def remedies(self, limit, amount):
        """Let agents give for one complaint at once; return what became of each."""
        with self.env() as env:
            env.company.retention_remedy_amount = limit
            agent = env["res.users"].create(
                {
                    "name": "Agent",
                    "login": "agent",
                    "group_ids": [
                        Command.link(env.ref("helpdesk_mgmt.group_helpdesk_user").id)
                    ],
                }
            )
            ticket = env["helpdesk.ticket"].create(
                {
                    "name": "Race",
                    "description": "x",
                    "retention_kind": "complaint",
                    "partner_id": env["res.partner"].create({"name": "Race"}).id,
                }
            )
            ids = ticket.id, agent.id
        values = {"kind": "refund", "amount": amount, "reason": "Sorry"}
        self.in_threads([lambda: self.propose(*ids, values)] * CROWD)
        with self.env() as env:
            rows = env["helpdesk.ticket"].browse(ids[0]).retention_remedy_ids
            return sorted(rows.mapped("state"))

    def propose(self, ticket, agent, values):
        """Propose a remedy as an agent's request does."""
        with self.env() as env:
            env = env(user=agent)
            remedies = env["retention.complaint.remedy"]
            ticket = env["helpdesk.ticket"].browse(ticket)
            return retrying(lambda: remedies._propose(ticket, values).id, env)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=critical"]
    )
    race = RewardRace(options.database)
    once = race.make(most_each=1)
    [one] = race.funded(1, COST * CROWD)
    again = race.make()
    [other] = race.funded(1, COST * CROWD)
    found = {
        "once_each": race.race(once, [(one, f"k{n}") for n in range(CROWD)]),
        "same_key": race.race(again, [(other, "same")] * CROWD),
        "remedies": race.remedies(100, 60),
        "failed_checks": race.checks(),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

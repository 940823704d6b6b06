"""Who of a company's people can be responsible for something, and who leads whom."""

from functools import cached_property

from odoo.tools import SQL


class People:
    """The people of one company: read once, asked for many customers."""

    def __init__(self, company):
        self.env = company.env
        self.company = company

    @cached_property
    def users(self):
        """Ids of those who can be responsible: active, internal, of the company."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT u.id FROM res_users u
                  JOIN res_company_users_rel r ON r.user_id = u.id AND r.cid = %s
                 WHERE u.active AND NOT u.share
                """,
                self.company.id,
            )
        )
        return {row[0] for row in rows}

    @cached_property
    def leaders(self):
        """Team leaders by the salespeople of their teams."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.user_id, t.user_id FROM crm_team_member m
                  JOIN crm_team t ON t.id = m.crm_team_id AND t.active
                 WHERE m.active AND (t.company_id = %s OR t.company_id IS NULL)
                 ORDER BY t.sequence DESC, m.id DESC
                """,
                self.company.id,
            )
        )
        return dict(rows)

    @cached_property
    def first_manager(self):
        """The id of the first person of the company who sets our rules, or None."""
        group = self.env.ref("crm_retention.group_retention_manager")
        found = sorted(set(group.all_user_ids.ids) & self.users)
        return found[0] if found else None

    def choose(self, *candidates):
        """Return the first of these ids who can be responsible, or None."""
        return next((user for user in candidates if user in self.users), None)

"""Whose figures a reader may see by name."""

from odoo.fields import Domain

ALL = ("crm_retention.group_retention_manager", "crm_retention.group_retention_auditor")


def get_visible_people(env):
    """Return the ids of the users whose own figures the reader may see; None: all.

    Managers and auditors see everybody's, a team's leader those of its members,
    everybody his own.
    """
    user = env.user
    if any(user.has_group(group) for group in ALL):
        return None
    people = {user.id}
    if user.has_group("crm_retention.group_retention_lead"):
        # sudo: who is in the teams that the reader leads, whatever sales group he has
        members = env["crm.team.member"].sudo()
        led = Domain("crm_team_id.user_id", "=", user.id) & Domain(
            "crm_team_id.active", "=", True
        )
        people |= set(members.search(led).user_id.ids)
    return people

"""The sentences that say why a contact is planned."""

import babel.dates

from odoo.tools import babel_locale_parse, get_lang, posix_to_ldml


class PlanWords:
    """Says why; translated once, since there are many contacts and few sentences.

    What is stored never counts "days since": that would have to be rewritten every
    night. The days are counted on reading, by ``retention.touch.why``.
    """

    def __init__(self, env):
        self._dates = {}
        lang = get_lang(env)
        self._locale = babel_locale_parse(lang.code)
        self._pattern = posix_to_ldml(lang.date_format, locale=self._locale)
        self._channels = {
            channel.id: channel.name
            for channel in env["retention.channel"]
            .with_context(active_test=False)
            .search([])
        }
        self._last = env._(
            "Last contact on %(date)s (%(channel)s), policy: every %(days)s days."
        )
        self._again = env._("Last time on %(date)s, policy: every %(days)s days.")
        self._never = env._("No such contact yet, policy: every %(days)s days.")
        self._keydate = env._("%(name)s on %(date)s.")
        self._instead = env._("%(channel)s instead of %(first)s: %(why)s")
        self._deferred = env._("Put off: %(why)s")

    def date(self, day):
        if day not in self._dates:
            self._dates[day] = babel.dates.format_date(
                day, self._pattern, locale=self._locale
            )
        return self._dates[day]

    def reason(self, draft):
        """Return why this contact, and why then and by this channel."""
        line = draft.line
        if draft.reason:
            return draft.reason
        if draft.occurrence:
            text = self._keydate % {
                "name": line.keydate.name,
                "date": self.date(draft.occurrence),
            }
        elif not draft.anchor:
            text = self._never % {"days": draft.interval}
        else:
            text = (self._last if draft.anchor_channel else self._again) % {
                "date": self.date(draft.anchor),
                "channel": self._channels.get(draft.anchor_channel, ""),
                "days": draft.interval,
            }
        if draft.channel_id != line.channel_id and draft.blocked:
            text += " " + self._instead % {
                "channel": self._channels.get(draft.channel_id, ""),
                "first": self._channels.get(line.channel_id, ""),
                "why": draft.blocked,
            }
        if draft.deferred:
            text += " " + self._deferred % {"why": draft.deferred}
        return text

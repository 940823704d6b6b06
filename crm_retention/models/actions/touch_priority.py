from odoo import api, fields, models
from odoo.tools import SQL

MOST_DAYS = 30
BANDS = {"high": 30, "middle": 15}
STAGES = {"at_risk": 20, "dormant": 10, "won_back": 10}
DEPTHS = {"review": 10, "conversation": 5}
KEYDATE = 20
TOO_LATE = 15


class RetentionTouch(models.Model):
    """Which planned touch comes first: a sum of points that anybody can follow."""

    _inherit = "retention.touch"

    priority = fields.Integer(
        compute="_compute_priority",
        aggregator=None,
        help="Higher comes first. Points for days overdue, for the customer's band and "
        "stage, for depth and for dates that do not come again soon.",
    )
    priority_text = fields.Char(string="Points", compute="_compute_priority")

    def _get_priority_labels(self):
        return {
            "late": self.env._("days overdue"),
            "too_late": self.env._("later than the longest interval"),
            "band": self.env._("value of the customer"),
            "stage": self.env._("stage"),
            "depth": self.env._("depth of the contact"),
            "keydate": self.env._("date of the year"),
        }

    @api.model
    def _get_priority_parts(self, alias):
        """Return ``{name of a part: SQL of its points}`` for touches under ``alias``.

        The only place where points are counted: the order and the words use it.
        """
        late = SQL(
            "(%s - %s)",
            fields.Date.context_today(self),
            SQL.identifier(alias, "due_date"),
        )
        line = SQL(
            "FROM retention_cadence line WHERE line.id = %s",
            SQL.identifier(alias, "cadence_id"),
        )
        profile = SQL(
            "FROM retention_profile profile"
            " LEFT JOIN retention_tier tier ON tier.id = profile.tier_id"
            " LEFT JOIN retention_stage stage ON stage.id = profile.stage_id"
            " WHERE profile.partner_id = %s AND profile.company_id = %s",
            SQL.identifier(alias, "partner_id"),
            SQL.identifier(alias, "company_id"),
        )
        return {
            "late": SQL("LEAST(GREATEST(%s, 0), %s)", late, MOST_DAYS),
            "too_late": SQL(
                "(SELECT CASE WHEN %s > line.longest_days - line.interval_days"
                " THEN %s ELSE 0 END %s)",
                late,
                TOO_LATE,
                line,
            ),
            "band": SQL("(SELECT %s %s)", _points(SQL("tier.band"), BANDS), profile),
            "stage": SQL("(SELECT %s %s)", _points(SQL("stage.code"), STAGES), profile),
            "depth": _points(SQL.identifier(alias, "depth"), DEPTHS),
            "keydate": SQL(
                "(SELECT CASE WHEN line.keydate_id IS NULL THEN 0 ELSE %s END %s)",
                KEYDATE,
                line,
            ),
        }

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the priority its SQL, so that lists can be sorted by it."""
        if field_expr != "priority":
            return super()._field_to_sql(alias, field_expr, query)
        parts = self._get_priority_parts(alias).values()
        return SQL(
            "(%s)", SQL(" + ").join(SQL("COALESCE(%s, 0)", part) for part in parts)
        )

    @api.depends("due_date", "cadence_id", "depth", "partner_id", "state")
    @api.depends_context("lang", "tz")
    def _compute_priority(self):
        labels = self._get_priority_labels()
        parts = self._get_priority_parts("touch")
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM retention_touch touch WHERE id = ANY(%s)",
                SQL(", ").join(SQL("COALESCE(%s, 0)", part) for part in parts.values()),
                self.ids,
            )
        )
        points = {row[0]: dict(zip(parts, row[1:], strict=True)) for row in rows}
        for touch in self:
            found = points.get(touch.id, {})
            touch.priority = sum(found.values())
            touch.priority_text = self.env._(", ").join(
                self.env._("%(points)s %(what)s", points=value, what=labels[name])
                for name, value in found.items()
                if value
            )


def _points(column, table):
    """Return the SQL of the points that ``table`` gives for a column's value."""
    cases = SQL(" ").join(
        SQL("WHEN %s THEN %s", value, points) for value, points in table.items()
    )
    return SQL("CASE %s %s ELSE 0 END", column, cases)

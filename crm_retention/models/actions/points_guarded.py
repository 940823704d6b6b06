from odoo import api, models
from odoo.tools import SQL


class RetentionPointsGuarded(models.AbstractModel):
    """A table that nobody changes: the ORM refuses, and so does the database.

    ``_guarded_blank`` are the columns that may become empty when a person is
    anonymised. Rows come from :meth:`retention.points.account._post` alone.
    """

    _name = "retention.points.guarded"
    _description = "Rows That Stay as They Are"
    _inherit = ["retention.points.kept"]

    _guarded_blank = ()

    def init(self):
        """Let the database refuse, too."""
        result = super().init()
        if self._abstract:
            return result
        self.env.cr.execute(self._get_function())
        table = SQL.identifier(self._table)
        for name, when, each in (
            ("keep_row", SQL("BEFORE UPDATE OR DELETE"), SQL("FOR EACH ROW")),
            ("keep_all", SQL("BEFORE TRUNCATE"), SQL("FOR EACH STATEMENT")),
        ):
            self.env.cr.execute(
                SQL(
                    "CREATE OR REPLACE TRIGGER %s %s ON %s %s"
                    " EXECUTE FUNCTION retention_points_keep(%s)",
                    SQL.identifier(f"{self._table}_{name}"),
                    when,
                    table,
                    each,
                    SQL(", ").join(SQL("%s", column) for column in self._guarded_blank),
                )
            )
        return result

    @api.model
    def _get_function(self) -> SQL:
        """Return the definition of what the triggers call.

        Compares the row before and after without the columns that may be blanked,
        and lets those only become empty.
        """
        return SQL(
            """
            CREATE OR REPLACE FUNCTION retention_points_keep() RETURNS trigger
            LANGUAGE plpgsql AS $$
            DECLARE
                may_blank text[] := TG_ARGV::text[];
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(OLD) - may_blank = to_jsonb(NEW) - may_blank
                       AND NOT EXISTS (
                           SELECT FROM jsonb_each_text(to_jsonb(NEW)) new_value
                             JOIN jsonb_each_text(to_jsonb(OLD)) old_value
                            USING (key)
                            WHERE key = ANY(may_blank)
                              AND new_value.value <> ''
                              AND new_value.value IS DISTINCT FROM old_value.value
                       )
                    THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION USING
                      ERRCODE = 'restrict_violation',
                      MESSAGE = TG_TABLE_NAME || ': rows are never changed or removed';
            END
            $$
            """
        )

"""Many rows in one statement, a column at a time."""

from datetime import datetime

from odoo.tools import SQL


def array(values, kind) -> SQL:
    """Return values as one literal of an array.

    The driver would write ``ARRAY[…]``, an expression for each value: for ten thousand
    rows PostgreSQL then takes longer to read the statement than to do it.
    """
    return SQL("%s::%s[]", "{" + ",".join(map(_element, values)) + "}", SQL(kind))


def _element(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f'"{value}"' if isinstance(value, datetime) else str(value)


def names(columns) -> SQL:
    """Return the names of columns, separated by commas."""
    return SQL(", ").join(SQL.identifier(name) for name in columns)


def arrays(columns, rows) -> SQL:
    """Return the arguments of ``unnest`` for these rows (dicts), one array a column.

    :param columns: ``{name: type in the database}``
    """
    return SQL(", ").join(
        array([row[name] for row in rows], kind) for name, kind in columns.items()
    )


def insert_rows(env, table, columns, rows):
    """Insert these rows (dicts), in one statement."""
    if rows:
        env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT * FROM unnest(%s)",
                SQL.identifier(table),
                names(columns),
                arrays(columns, rows),
            )
        )


def update_rows(env, table, columns, rows):
    """Write ``columns`` of these rows (dicts, each with its ``id``), in one statement.

    More than one column.
    """
    if rows:
        env.cr.execute(
            SQL(
                """UPDATE %(table)s known SET (%(names)s) = (%(fresh)s)
                     FROM unnest(%(arrays)s) AS fresh (id, %(names)s)
                    WHERE known.id = fresh.id""",
                table=SQL.identifier(table),
                names=names(columns),
                fresh=SQL(", ").join(SQL.identifier("fresh", name) for name in columns),
                arrays=arrays({"id": "int4"} | columns, rows),
            )
        )

"""Habits of older Odoo versions that 19.0 accepts in silence, or almost.

No linter knows them, and a file that uses one installs and then does less than it says.
"""

import re

PYTHON = {
    r"\b_sql_constraints\b": "ignored by 19.0, use models.Constraint",
    r"\bodoo\.osv\b": "use odoo.fields.Domain",
    r"\bgroup_operator\s*=": "use aggregator=",
    r"\bgroups_id\b": "use group_ids",
    r"\.read_group\(": "use _read_group or formatted_read_group",
    r"\bself\._(cr|uid|context)\b": "use self.env",
    r"\bcr\.commit\(": "use _commit_progress in a cron",
    r"_notify_progress": "use _commit_progress",
    r"\btype=[\"']json[\"']": "a route's type is jsonrpc",
    # fails only when the text is shown: _() names its own first argument so
    r"[:\s]%\(source\)s[^A-Z]*[\"']": "a text's value is not called source",
    r"view_mode.*\btree\b": "the view is called list",
}
XML = {
    r"<tree\b": "use <list>",
    r"\battrs=": "use invisible=, readonly=, required=",
    r"\bstates=": "use invisible=",
    r"oe_chatter": "use <chatter/>",
    r"kanban-box": 'use t-name="card"',
    r"\btree,|,tree\b": "the view is called list",
    r"<group[^>]*\bexpand=": "a search's <group> is bare",
    r"\bgroups_id\b": "use group_ids",
    r"\b(numbercall|doall)\b": "gone from ir.cron",
}
KINDS = {".py": PYTHON, ".xml": XML}


def rows(addon):
    """The places in an addon, as file:line: what to do about it."""
    for path in sorted(addon.rglob("*")):
        if path.suffix not in KINDS or "tests" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            for pattern, advice in KINDS[path.suffix].items():
                if re.search(pattern, line) and not line.lstrip().startswith("#"):
                    yield f"{path.relative_to(addon.parent)}:{number}: {advice}"

from odoo import models


class RetentionRulePart(models.AbstractModel):
    """A line of a program's rules: whoever changes it leaves a note on the program.

    ``_rule_fields`` are the fields whose change is told, with value before and after.
    """

    _name = "retention.rule.part"
    _description = "Line of a Program's Rules"

    _rule_fields = ()

    def write(self, vals):
        named = [name for name in self._rule_fields if name in vals]
        before = {row: [row._tell_value(name) for name in named] for row in self}
        result = super().write(vals)
        if named:
            self._log_changes(named, before)
        return result

    def _tell_value(self, name):
        """Return the value of a field as a person reads it."""
        self.ensure_one()
        field = self._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(self[name], "")
        if field.type == "boolean":
            return self.env._("yes") if self[name] else self.env._("no")
        return f"{self[name]:g}" if field.type == "float" else str(self[name])

    def _log_changes(self, names, before):
        """Leave one note a program that names every change."""
        notes = {}
        for row in self:
            for name, old in zip(names, before[row], strict=True):
                new = row._tell_value(name)
                if old != new:
                    label = self._fields[name]._description_string(self.env)
                    notes.setdefault(row.program_id, []).append(
                        f"{row.display_name}, {label}: {old} → {new}"
                    )
        self.env["retention.program"].union(*notes)._message_log_batch(
            bodies={program.id: "; ".join(told) for program, told in notes.items()}
        )

from odoo import api, models
from odoo.exceptions import ValidationError


class RetentionLoading(models.AbstractModel):
    """For facts that another system sends: all rows or none, each reference once.

    A model that inherits this has ``reference`` and ``company_id`` and answers
    :meth:`_clean_row`, :meth:`_get_targets` and :meth:`_is_same`.
    """

    _name = "retention.loading"
    _description = "Facts That Another System Sends"

    @api.model
    def _load_rows(self, rows):
        """Create what is new of these rows for the current company.

        :return: ``{"created": n, "unchanged": n}``.
        :raises ValidationError: naming the row, where a value is missing or wrong,
            or a known reference has other values; then nothing is created.
        """
        values = [self._clean_row(n, row) for n, row in enumerate(rows, 1)]
        self._check_targets(values)
        values = self._of_customers(values)
        known = self.search(
            [
                ("company_id", "=", self.env.company.id),
                ("reference", "in", [vals["reference"] for vals in values]),
            ]
        ).grouped("reference")
        new, seen = [], {}
        for number, vals in enumerate(values, 1):
            reference = vals["reference"]
            before = seen.setdefault(reference, vals)
            if before is not vals and before != vals:
                self._refuse(number, self.env._("its reference occurs twice"))
            if reference not in known and before is vals:
                new.append(vals)
            elif reference in known and not known[reference]._is_same(vals):
                self._refuse(
                    number,
                    self.env._("reference %s is known with other values", reference),
                )
        self.create(new)
        return {"created": len(new), "unchanged": len(values) - len(new)}

    @api.model
    def _clean_row(self, number, row):
        """Return the values of one row, checked."""
        raise NotImplementedError

    @api.model
    def _get_targets(self):
        """Return ``{field: what to say if what it names does not exist}``."""
        return {"partner_id": self.env._("its customer does not exist")}

    @api.model
    def _of_customers(self, vals_list):
        """Return the values as they are kept."""
        return vals_list

    def _is_same(self, vals):
        """Tell whether this record already says what ``vals`` say."""
        raise NotImplementedError

    @api.model
    def _check_named(self, number, row, needed):
        """Refuse a row that is no dictionary or lacks a value."""
        if not isinstance(row, dict):
            self._refuse(number, self.env._("it has no named values"))
        missing = set(needed) - set(row)
        if missing:
            self._refuse(
                number, self.env._("%s is missing", ", ".join(sorted(missing)))
            )

    @api.model
    def _check_targets(self, values):
        """Refuse rows that name what does not exist."""
        for field, what in self._get_targets().items():
            model = self._fields[field].comodel_name
            wanted = self.env[model].browse({vals[field] for vals in values})
            gone = set((wanted - wanted.exists()).ids)
            for number, vals in enumerate(values, 1):
                if vals[field] in gone:
                    self._refuse(number, what)

    @api.model
    def _refuse(self, number, why):
        raise ValidationError(
            self.env._(
                "Row %(number)s: %(why)s. Nothing was loaded.", number=number, why=why
            )
        )


def is_text(value):
    """Tell whether the database can keep this text."""
    try:
        return b"\0" not in str(value).encode()
    except UnicodeEncodeError:  # half a character
        return False

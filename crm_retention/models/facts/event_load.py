from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .retention_event import KINDS, NEEDED, SLACK
from .retention_purchase import MOST, _is_text


class RetentionEvent(models.Model):
    """Behaviour that another system sends."""

    _inherit = "retention.event"

    @api.model
    def load_events(self, rows):
        """Take in behaviour from another system, all rows or none of them.

        :param rows: dictionaries with ``partner_id``, ``kind`` (visit, login, use,
            app, event, other), ``moment`` ("YYYY-MM-DD HH:MM:SS", UTC),
            ``reference``, and where wanted ``amount`` and ``note``; they go to the
            current company.
        :return: ``{"created": n, "unchanged": n}``; a row whose reference is known
            with the same customer, kind, time and amount is unchanged.
        :raises ValidationError: in one sentence that names the row, where a value
            is missing or wrong, or a known reference has other values.
        """
        values = [self._clean_row(n, row) for n, row in enumerate(rows, 1)]
        self._check_customers(values)
        values = self._of_customers(values)
        known = {
            event.reference: event
            for event in self.search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("reference", "in", [vals["reference"] for vals in values]),
                ]
            )
        }
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
        """Return the values of one row of :meth:`load_events`, checked."""
        if not isinstance(row, dict):
            self._refuse(number, self.env._("it has no named values"))
        missing = set(NEEDED) - set(row)
        if missing:
            self._refuse(
                number, self.env._("%s is missing", ", ".join(sorted(missing)))
            )
        try:
            partner, amount = int(row["partner_id"]), float(row.get("amount") or 0)
            moment = fields.Datetime.to_datetime(row["moment"])
        except (TypeError, ValueError, OverflowError):
            self._refuse(number, self.env._("a number or time cannot be read"))
        if not isinstance(moment, datetime) or moment.tzinfo:
            self._refuse(number, self.env._("its time cannot be read"))
        if moment > fields.Datetime.now() + SLACK:
            self._refuse(number, self.env._("it lies in the future"))
        if row["kind"] not in dict(KINDS):
            self._refuse(number, self.env._("there is no kind “%s”", row["kind"]))
        reference, note = str(row["reference"] or "").strip(), row.get("note") or False
        if not reference or not _is_text(reference) or not _is_text(note or ""):
            self._refuse(
                number, self.env._("a text is empty or holds characters to drop")
            )
        if not abs(amount) < MOST:
            self._refuse(number, self.env._("its amount cannot be counted"))
        return {
            "partner_id": partner,
            "kind": row["kind"],
            "moment": moment.replace(microsecond=0),
            "amount": amount,
            "reference": reference,
            "note": note,
            "company_id": self.env.company.id,
        }

    @api.model
    def _check_customers(self, values):
        """Refuse rows whose customer does not exist."""
        wanted = self.env["res.partner"].browse({each["partner_id"] for each in values})
        gone = set((wanted - wanted.exists()).ids)
        for number, vals in enumerate(values, 1):
            if vals["partner_id"] in gone:
                self._refuse(number, self.env._("its customer does not exist"))

    def _is_same(self, vals):
        """Tell whether this event already says what ``vals`` say."""
        self.ensure_one()
        return (
            self.partner_id.id == vals["partner_id"]
            and self.kind == vals["kind"]
            and self.moment == vals["moment"]
            and abs(self.amount - vals["amount"]) < 1e-9 * max(1, abs(self.amount))
        )

    @api.model
    def _refuse(self, number, why):
        raise ValidationError(
            self.env._(
                "Row %(number)s: %(why)s. Nothing was loaded.", number=number, why=why
            )
        )

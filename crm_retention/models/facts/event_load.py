from datetime import datetime

from odoo import api, fields, models

from .retention_event import KINDS, NEEDED, SLACK
from .retention_loading import is_text
from .retention_purchase import MOST


class RetentionEvent(models.Model):
    """Behaviour that another system sends."""

    _name = "retention.event"
    _inherit = ["retention.event", "retention.loading"]

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
        return self._load_rows(rows)

    @api.model
    def _clean_row(self, number, row):
        """Return the values of one row of :meth:`load_events`, checked."""
        self._check_named(number, row, NEEDED)
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
        if not reference or not is_text(reference) or not is_text(note or ""):
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

    def _is_same(self, vals):
        """Tell whether this event already says what ``vals`` say."""
        self.ensure_one()
        return (
            self.partner_id.id == vals["partner_id"]
            and self.kind == vals["kind"]
            and self.moment == vals["moment"]
            and abs(self.amount - vals["amount"]) < 1e-9 * max(1, abs(self.amount))
        )

from odoo import models, tools
from odoo.tools import SQL

ADDRESS_FIELDS = ("email_normalized", "email_from", "email", "partner_email")


class MailingMailing(models.Model):
    """Which customer a recipient is, of whatever model."""

    _inherit = "mailing.mailing"

    def _retention_get_customers(self, res_ids):
        """Return ``{recipient: (customer, person)}`` for those who are customers.

        The contact that the recipient is or belongs to; else the one with the same
        normalised address, or by SMS with the same number.
        """
        if self.mailing_model_real == "res.partner":
            persons = {each: each for each in res_ids}
        else:
            # sudo: whose contact a recipient is; nothing of it is shown
            records = self.env[self.mailing_model_real].sudo().browse(res_ids)
            persons = self._retention_by_contact(records)
            rest = records.filtered(lambda record: record.id not in persons)
            persons |= self._retention_by_address(rest)
        return self._retention_with_customer(persons)

    def _retention_by_contact(self, records):
        return {
            record_id: partners[0].id
            for record_id, partners in records._mail_get_partners().items()
            if partners
        }

    def _retention_by_address(self, records):
        addresses = self._retention_get_mails(records)
        found = self._retention_lookup("email_normalized", addresses)
        if self.mailing_type == "sms" and "phone_sanitized" in records._fields:
            numbers = {each.id: each.phone_sanitized for each in records}
            found = self._retention_lookup("phone_sanitized", numbers) | found
        return found

    def _retention_get_mails(self, records):
        names = [name for name in ADDRESS_FIELDS if name in records._fields]
        given = records._mail_get_primary_email()
        return {
            record.id: tools.email_normalize(
                given.get(record.id)
                or next((record[name] for name in names if record[name]), ""),
                strict=False,
            )
            for record in records
        }

    def _retention_lookup(self, column, given):
        """Return the contact of each address: active before archived, then oldest."""
        self.env["res.partner"].flush_model([column, "active", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (%(column)s) %(column)s, id
                  FROM res_partner
                 WHERE %(column)s = ANY(%(given)s)
                   AND COALESCE(company_id, %(company)s) = %(company)s
                 ORDER BY %(column)s, active DESC, id
                """,
                column=SQL.identifier(column),
                given=sorted({address for address in given.values() if address}),
                company=self._retention_company().id,
            )
        )
        found = dict(rows)
        return {
            record_id: found[address]
            for record_id, address in given.items()
            if address in found
        }

    def _retention_with_customer(self, persons):
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, COALESCE(commercial_partner_id, id)
                  FROM res_partner WHERE id = ANY(%s)
                """,
                sorted(set(persons.values())),
            )
        )
        customers = dict(rows)
        return {
            record_id: (customers[person_id], person_id)
            for record_id, person_id in persons.items()
            if person_id in customers
        }

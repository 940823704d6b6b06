"""Forgetting customers as persons, over the tables of all apps.

Numbers stay for the books and for reports: documents, movements of points, dates. What
people are called, how they are reached and what was written by or about them goes.
"""

from odoo.tools import SQL, escape_psql, unique

from ...tools import privacy

# free texts that are none: keys, numbers of documents, names of models
KEPT = frozenset({"key", "reference", "code", "res_model", "payload_hash", "digest"})
# table → (column of the person, columns to empty) of Odoo's and OCA's own
OF_PERSONS = {
    "helpdesk.ticket": (
        "partner_id",
        ("partner_name", "partner_email", "retention_finding")
        + ("retention_reopen_reason",),
    ),
    "crm.lead": (
        "partner_id",
        ("contact_name", "partner_name", "function", "email_from", "email_cc")
        + ("email_normalized", "email_domain_criterion", "phone", "phone_sanitized")
        + ("website", "street", "street2", "zip", "city", "referred", "description"),
    ),
    "rating.rating": ("partner_id", ("feedback", "res_name", "parent_res_name")),
    "survey.user_input": ("partner_id", ("email", "nickname")),
    "sale.order": ("partner_id", ("client_order_ref", "signed_by")),
    "calendar.attendee": ("partner_id", ("common_name", "email")),
}
# whose conversations and papers go; those of invoices are part of the books
TALKING = ("res.partner", "helpdesk.ticket", "crm.lead", "sale.order")
PAPERS = ("res.partner", "helpdesk.ticket", "crm.lead")


class Forgetting:
    """Forgets some customers. Call :meth:`run`; nothing can be undone.

    :param customers: commercial entities, with all rights.
    """

    def __init__(self, customers, never_write):
        self.env = customers.env(
            context=customers.env.context
            | {"tracking_disable": True, "active_test": False}
        )
        self.customers = customers.with_env(self.env)
        self.persons = self.customers._retention_get_persons()
        self.never_write = never_write
        self.env.flush_all()

    def run(self):
        mails, phones = self._get_addresses()
        self._bar(mails, phones)
        self._log()
        rows = self._get_rows()
        self._drop_conversations(rows)
        self._drop_addresses(mails, phones)
        self._drop_findings()
        self._empty_ours()
        self._empty_others(rows)
        self._close_users()
        self._empty_contacts()
        self.env.invalidate_all()

    # ---- addresses -----------------------------------------------------------------

    def _get_addresses(self):
        """Return the normalised (e-mail addresses, phone numbers) of the persons."""
        mails = unique(filter(None, self.persons.mapped("email_normalized")))
        phones = unique(filter(None, self.persons.mapped("phone_sanitized")))
        return list(mails), list(phones)

    def _bar(self, mails, phones):
        """Keep fingerprints: of all, or of those who are barred or left a list."""
        barred = self.env["retention.suppression"]
        if not self.never_write:
            refused = self._get_refusing()
            mails = [mail for mail in mails if mail in refused]
            phones = [phone for phone in phones if phone in refused]
        barred._bar(privacy.MAIL, mails)
        barred._bar(privacy.PHONE, phones)

    def _get_refusing(self):
        """Return addresses on a blacklist, off a mailing list, or of who refused."""
        rows = self.env.execute_query(
            SQL(
                """SELECT email FROM mail_blacklist WHERE active
                    UNION SELECT number FROM phone_blacklist WHERE active
                    UNION SELECT contact.email_normalized
                     FROM mailing_contact contact
                     JOIN mailing_subscription said ON said.contact_id = contact.id
                    WHERE said.opt_out
                    UNION SELECT unnest(ARRAY[p.email_normalized, p.phone_sanitized])
                     FROM retention_consent word
                     JOIN res_partner p ON p.id = word.partner_id
                    WHERE word.state IN ('refused', 'withdrawn')
                      AND p.id = ANY(%s)""",
                self.persons.ids,
            )
        )
        return {row[0] for row in rows}

    def _drop_addresses(self, mails, phones):
        """Remove what Odoo knows of the addresses themselves."""
        self.env["mail.blacklist"].search([("email", "in", mails)]).unlink()
        self.env["phone.blacklist"].search([("number", "in", phones)]).unlink()
        self.env["mailing.contact"].search([("email_normalized", "in", mails)]).unlink()
        self.env["sms.sms"].search([("partner_id", "in", self.persons.ids)]).unlink()
        self._execute(
            "UPDATE mailing_trace SET email = NULL"
            " WHERE email = ANY(%s) OR (model = 'res.partner' AND res_id = ANY(%s))",
            mails,
            self.persons.ids,
        )
        if "sms_number" in self.env["mailing.trace"]._fields:
            self._execute(
                "UPDATE mailing_trace SET sms_number = NULL WHERE sms_number = ANY(%s)",
                phones,
            )

    def _drop_findings(self):
        """Remove what was found about the data that goes."""
        self.env["retention.duplicate"]._drop_partners(self.persons)
        corrections = self.env["retention.correction"]
        corrections.search([("partner_id", "in", self.persons.ids)]).unlink()

    # ---- texts ---------------------------------------------------------------------

    def _get_rows(self):
        """Return ``{model: ids}`` of the records that are about these persons."""
        rows = {"res.partner": self.persons.ids}
        for name, (column, _texts) in OF_PERSONS.items():
            rows[name] = self._get_ids(self.env[name], (column,))
        for model, columns in self._get_ours():
            rows[model._name] = self._get_ids(model, columns)
        return rows

    def _get_ids(self, model, columns):
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE %s",
                SQL.identifier(model._table),
                self._of(columns),
            )
        )
        return [row[0] for row in found]

    def _of(self, columns):
        """Return the condition that one of these columns names one of the persons."""
        return SQL(" OR ").join(
            SQL("%s = ANY(%s)", SQL.identifier(column), self.persons.ids)
            for column in columns
        )

    def _get_ours(self):
        """Yield our own models about persons, each with its columns that name them."""
        for name, model in self.env.registry.items():
            stored = model._auto and not model._abstract and not model._transient
            if not name.startswith("retention.") or not stored:
                continue
            columns = [
                field.name
                for field in model._fields.values()
                if field.type == "many2one" and field.comodel_name == "res.partner"
                if field.store and field.column_type
            ]
            if columns:
                yield self.env[name], columns

    def _empty_ours(self):
        """Empty every free text of our own tables; the ledger does it by itself."""
        accounts = self.env["retention.points.account"]
        accounts.search([("partner_id", "in", self.persons.ids)])._forget()
        for model, columns in self._get_ours():
            texts = [
                field
                for field in model._fields.values()
                if field.type in ("char", "text", "html") and field.store
                if field.name not in KEPT and not field.translate
            ]
            if texts and not hasattr(model, "_guarded_blank"):
                self._empty(model, texts, self._of(columns))

    def _empty(self, model, texts, condition):
        """Empty these fields; where there was a text an empty one stays."""
        assign = SQL(", ").join(
            SQL(
                "%(name)s = CASE WHEN %(name)s IS NOT NULL THEN '' END",
                name=SQL.identifier(field.name),
            )
            for field in texts
        )
        table = SQL.identifier(model._table)
        self.env.cr.execute(SQL("UPDATE %s SET %s WHERE %s", table, assign, condition))

    def _empty_others(self, rows):
        for name, (column, texts) in OF_PERSONS.items():
            model = self.env[name]
            known = [model._fields[text] for text in texts if text in model._fields]
            stored = [field for field in known if field.store and field.column_type]
            self._empty(model, stored, self._of((column,)))
        self._execute(
            "UPDATE helpdesk_ticket SET name = %s, description = '' WHERE id = ANY(%s)",
            self.env._("Anonymised"),
            rows["helpdesk.ticket"],
        )
        self._execute(
            "UPDATE crm_lead SET name = %s WHERE id = ANY(%s)",
            self.env._("Anonymised"),
            rows["crm.lead"],
        )
        self._execute(
            """UPDATE survey_user_input_line
                  SET value_char_box = NULL, value_text_box = NULL
                WHERE user_input_id = ANY(%s)""",
            rows["survey.user_input"],
        )

    def _drop_conversations(self, rows):
        """Remove messages and papers; elsewhere the name of who wrote."""
        talking = {
            name
            for name in rows
            if name in TALKING
            or (name.startswith("retention.") and "message_ids" in self.env[name])
        }
        for name in sorted(talking):
            self._drop("mail.message", "model", name, rows[name])
        for name in PAPERS:
            self._drop("ir.attachment", "res_model", name, rows[name])
        for name in sorted(rows):
            self._drop("mail.activity", "res_model", name, rows[name])
        # lists of several customers belong to no record: people's digests of a day
        self._execute(
            "UPDATE mail_activity SET note = NULL"
            " WHERE res_model IS NULL AND note LIKE ANY(%s)",
            [f"%{escape_psql(name)}%" for name in self.persons.mapped("name") if name],
        )
        self._execute(
            "UPDATE mail_message SET email_from = NULL, subject = NULL,"
            " body = CASE WHEN model = 'account.move' THEN body ELSE '' END"
            " WHERE author_id = ANY(%s)",
            self.persons.ids,
        )

    def _drop(self, model, column, name, ids):
        domain = [(column, "=", name), ("res_id", "in", ids)]
        if model == "ir.attachment":  # also pictures, which are fields
            domain += ["|", ("res_field", "=", False), ("res_field", "!=", False)]
        self.env[model].search(domain).unlink()

    # ---- the contacts themselves -----------------------------------------------------

    def _close_users(self):
        """Close the accounts by which the persons log in."""
        users = self.env["res.users"].search([("partner_id", "in", self.persons.ids)])
        users.active = False
        self._execute(
            "UPDATE res_users SET login = 'anonymised-' || id, password = NULL,"
            " signature = NULL WHERE id = ANY(%s)",
            users.ids,
        )
        self.env["res.users.apikeys"].search([("user_id", "in", users.ids)]).unlink()

    def _empty_contacts(self):
        """Empty and archive the contacts; land, language and salesperson stay."""
        kinds = ("char", "text", "html", "binary", "image", "properties")
        values = {
            name: False
            for name, field in self.persons._fields.items()
            if field.type in kinds and field.store
            if not field.compute and not field.related and not field.company_dependent
            if name not in ("lang", "tz")
        }
        if "birthdate_date" in self.persons._fields:
            values["birthdate_date"] = False
        values |= {
            "name": self.env._("Anonymised"),
            "active": False,
            "retention_no_profiling": True,
        }
        # Odoo looks for open accounts of archived contacts: closed ones are none
        self.persons.with_context(active_test=True).write(values)
        self._execute(
            "UPDATE res_partner SET barcode = NULL WHERE id = ANY(%s)", self.persons.ids
        )
        self._execute(
            """UPDATE res_partner_bank SET acc_number = 'X' || id, active = FALSE,
                      sanitized_acc_number = 'X' || id, acc_holder_name = NULL
                WHERE partner_id = ANY(%s)""",
            self.persons.ids,
        )

    def _log(self):
        """Note in Odoo's privacy log who did it, with masked names."""
        self.env["privacy.log"].create(
            [
                {
                    "anonymized_name": customer.name or "-",
                    "anonymized_email": customer.email_normalized
                    or "none@example.invalid",
                    "execution_details": self.env._("Anonymised"),
                    "records_description": f"res.partner #{customer.id}",
                }
                for customer in self.customers
            ]
        )

    def _execute(self, statement, *values):
        self.env.cr.execute(SQL(statement, *values))

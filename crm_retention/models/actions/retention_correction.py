from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools import quality

FIELDS = ("phone", "email", "name")
MOST = 500  # corrections applied at once: each contact is saved by itself
BATCH = 5_000


class RetentionCorrection(models.Model):
    """A usual way to write a phone number, an e-mail address or a name: a proposal.

    Nothing is ever changed without a person, and what was changed can be undone.
    """

    _name = "retention.correction"
    _description = "Proposed Correction"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        related="partner_id.commercial_partner_id.user_id", string="Salesperson"
    )
    field_name = fields.Selection(
        selection=[("phone", "Phone"), ("email", "E-mail"), ("name", "Name")],
        string="Field",
        required=True,
        readonly=True,
    )
    before = fields.Char(string="Written Now", required=True, readonly=True)
    after = fields.Char(string="Usually Written", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("applied", "Applied"),
            ("refused", "Stays as it is"),
            ("undone", "Undone"),
        ],
        string="Status",
        default="proposed",
        required=True,
        readonly=True,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, ondelete="set null"
    )
    decided_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex(
        "(partner_id, company_id, field_name, before)",
        "What was proposed once is not proposed again.",
    )

    # ---- finding -------------------------------------------------------------------

    @api.model
    def _find(self, company):
        """Propose corrections for customers of a company and their contacts.

        What is written otherwise by now is not proposed any more; what was refused or
        undone stays so.
        :return: how many are new.
        """
        self.env.flush_all()
        self._drop_outdated(company)
        rows = self.env.execute_query(
            SQL("%s UNION ALL %s LIMIT %s", *self._get_addresses(company), BATCH)
        )
        names = self.env.execute_query(self._get_names(company))
        rows += [
            (partner_id, "name", name, tidy)
            for partner_id, name, is_company in names
            if (tidy := quality.tidy_name(name, is_company)) != name
        ]
        return self._propose(company, rows)

    @api.model
    def _propose(self, company, rows):
        """Keep rows of (contact, field, before, after) not proposed yet; count them."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO retention_correction (partner_id, company_id,
                          field_name, before, after, state, create_uid, create_date,
                          write_uid, write_date)
                   SELECT partner_id, %(company)s, field_name, before, after,
                          'proposed', %(user)s, %(now)s, %(user)s, %(now)s
                     FROM unnest(%(partners)s::int[], %(fields)s::varchar[],
                                 %(before)s::varchar[], %(after)s::varchar[])
                       fresh (partner_id, field_name, before, after)
                   ON CONFLICT (partner_id, company_id, field_name, before)
                   DO NOTHING""",
                company=company.id,
                user=self.env.uid,
                now=SQL("now() AT TIME ZONE 'UTC'"),
                partners=[row[0] for row in rows],
                fields=[row[1] for row in rows],
                before=[row[2] for row in rows],
                after=[row[3] for row in rows],
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count

    @api.model
    def _of_company(self, company):
        """The contacts of customers of the company, without one's own people."""
        return SQL(
            """p.active AND p.commercial_partner_id IN (
                 SELECT partner_id FROM retention_profile WHERE company_id = %s)
               AND p.id NOT IN (SELECT partner_id FROM res_users
                                 WHERE share IS NOT TRUE)""",
            company.id,
        )

    @api.model
    def _not_yet(self, name):
        return SQL(
            """NOT EXISTS (SELECT FROM retention_correction known
                            WHERE known.partner_id = p.id AND known.field_name = %s
                              AND known.before = p.%s)""",
            name,
            SQL.identifier(name),
        )

    @api.model
    def _get_addresses(self, company):
        """Return the queries of phones and e-mails that Odoo itself reads otherwise."""
        phones = SQL(
            """SELECT p.id, 'phone', p.phone, p.phone_sanitized FROM res_partner p
                WHERE p.phone_sanitized <> '' AND %s AND %s
                  AND regexp_replace(p.phone, '[^0-9+]', '', 'g')
                      <> p.phone_sanitized""",
            self._of_company(company),
            self._not_yet("phone"),
        )
        mails = SQL(
            """SELECT p.id, 'email', p.email, p.email_normalized FROM res_partner p
                WHERE p.email_normalized <> '' AND p.email <> p.email_normalized
                  AND %s AND %s""",
            self._of_company(company),
            self._not_yet("email"),
        )
        return phones, mails

    @api.model
    def _get_names(self, company):
        """Return the query of names with odd spaces, or all in one case."""
        return SQL(
            r"""SELECT p.id, p.name, p.is_company IS TRUE FROM res_partner p
                 WHERE (p.name ~ '^\s|\s$|\s\s' OR (p.is_company IS NOT TRUE
                         AND (p.name = upper(p.name) OR p.name = lower(p.name))
                         AND upper(p.name) <> lower(p.name)))
                   AND %s AND %s
                 LIMIT %s""",
            self._of_company(company),
            self._not_yet("name"),
            BATCH,
        )

    @api.model
    def _drop_outdated(self, company):
        self.env.cr.execute(
            SQL(
                """DELETE FROM retention_correction known USING res_partner p
                    WHERE p.id = known.partner_id AND known.state = 'proposed'
                      AND known.company_id = %s
                      AND known.before IS DISTINCT FROM
                          CASE known.field_name WHEN 'phone' THEN p.phone
                               WHEN 'email' THEN p.email ELSE p.name END""",
                company.id,
            )
        )

    # ---- what people do ------------------------------------------------------------

    def action_apply(self):
        """Write these the usual way."""
        return self._decide("proposed", "applied", "before", "after")

    def action_undo(self):
        """Write what was applied as it was before."""
        return self._decide("applied", "undone", "after", "before")

    def action_refuse(self):
        """Leave these as they are; they are not proposed again."""
        return self._decide("proposed", "refused")

    def _decide(self, state, next_state, expected=None, written=None):
        """Carry out what a person decided on these corrections.

        Only where the contact still says what is ``expected``; all others have
        been changed by somebody meanwhile and are left alone.
        """
        if not self.env.user.has_group("crm_retention.group_retention_user"):
            raise AccessError(self.env._("Only people of retention decide on this."))
        self.check_access("read")
        rows = self.filtered(lambda row: row.state == state)
        if len(rows) > MOST:
            raise UserError(self.env._("Choose at most %s corrections.", MOST))
        if written:
            rows = rows.filtered(
                lambda row: row.partner_id[row.field_name] == row[expected]
            )
            rows.partner_id.check_access("write")
            for row in rows:  # each has its own text; a person chose them
                row.partner_id[row.field_name] = row[written]
        # sudo: corrections are written here only; the rights were checked above
        rows.sudo().write(
            {
                "state": next_state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

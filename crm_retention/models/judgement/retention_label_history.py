from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .retention_membership import END_CAUSES


class RetentionLabelHistory(models.Model):
    """That a rule gave a customer a tag, from one day to another.

    Also the knowledge of what is the rule's own: only tags with an open row here are
    taken away. ``is_refused`` remembers that a person took the tag away: it is then
    not set again as long as the customer fits without a break.
    """

    _name = "retention.label.history"
    _description = "Label History"
    _order = "date_from desc, id desc"
    _rec_name = "category_id"
    _log_access = False
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    rule_id = fields.Many2one(
        comodel_name="retention.label.rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    category_id = fields.Many2one(
        comodel_name="res.partner.category",
        string="Tag",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    category_color = fields.Integer(
        related="category_id.color", string="Tag Color", aggregator=None
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", readonly=True, help="Empty: has the tag now.")
    end_cause = fields.Selection(
        selection=[
            *END_CAUSES,
            ("fits", "No longer fits"),
            ("rule", "Rule changed or switched off"),
            ("person", "Taken away by a person"),
            ("private", "Wishes not to be profiled"),
        ],
        readonly=True,
    )
    is_refused = fields.Boolean(
        string="Not Again",
        readonly=True,
        help="A person took the tag away: the rule does not set it again while the "
        "customer goes on fitting.",
    )
    is_open = fields.Boolean(compute="_compute_is_open", search="_search_is_open")

    _open_unique = models.UniqueIndex(
        "(partner_id, rule_id) WHERE date_to IS NULL",
        "A rule gives a customer a tag once.",
    )
    _interval = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A label cannot end before it begins.",
    )
    _history_idx = models.Index("(partner_id, company_id, date_from)")
    _kept_idx = models.Index("(partner_id, category_id) WHERE date_to IS NULL")
    _refused_idx = models.Index("(rule_id) WHERE is_refused")

    @api.depends("date_to")
    def _compute_is_open(self):
        for row in self:
            row.is_open = not row.date_to

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("date_to", "=", False)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.context.get("retention_customer_gone"):
            raise UserError(self.env._("The labels of a customer are history."))

    # ---- following the rule --------------------------------------------------------

    @api.model
    def _follow(self, rule, as_of):
        """Bring tags and history in line with who fits a rule; return how many moved.

        A fixed number of statements, whatever the number of customers.
        """
        self.env.flush_all()
        fitting = self._fitting(rule)
        self._note_taken_away(rule, as_of)
        self._forget_refusals(rule, fitting)
        left = self._end_rows(
            SQL(
                "rule_id = %s AND date_to IS NULL AND partner_id NOT IN (%s)",
                rule.id,
                fitting,
            ),
            "fits",
            as_of,
        )
        came = self._begin(rule, fitting, as_of)
        self._tell(rule.company_id, left + came)
        return len(left) + len(came)

    @api.model
    def _fitting(self, rule) -> SQL:
        """Return the query of the customers whom a rule is about."""
        query = rule._population()
        return query.select(SQL.identifier(query.table, "partner_id"))

    @api.model
    def _note_taken_away(self, rule, as_of):
        """End rows whose tag is gone: a person has decided so."""
        self.env.cr.execute(
            SQL(
                """UPDATE retention_label_history label
                      SET date_to = GREATEST(date_from, %s), end_cause = 'person',
                          is_refused = TRUE
                    WHERE rule_id = %s AND date_to IS NULL AND NOT %s""",
                as_of,
                rule.id,
                self._has_tag(SQL("label.partner_id"), SQL("label.category_id")),
            )
        )

    @api.model
    def _forget_refusals(self, rule, fitting):
        """Who no longer fits may get the tag again one day."""
        self.env.cr.execute(
            SQL(
                """UPDATE retention_label_history SET is_refused = FALSE
                    WHERE rule_id = %s AND is_refused AND partner_id NOT IN (%s)""",
                rule.id,
                fitting,
            )
        )

    @api.model
    def _begin(self, rule, fitting, as_of):
        """Give the tag to who fits and has none; return them.

        Where another rule gave the same tag, this one keeps it up too. A tag that is
        there without any rule was given by a person: it stays the person's.
        """
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO retention_label_history
                          (partner_id, company_id, rule_id, category_id, date_from)
                   SELECT fits.partner_id, %(company)s, %(rule)s, %(category)s, %(day)s
                     FROM (%(fitting)s) fits (partner_id)
                    WHERE %(is_free)s
                   RETURNING partner_id""",
                company=rule.company_id.id,
                rule=rule.id,
                category=rule.category_id.id,
                day=as_of,
                fitting=fitting,
                is_free=self._is_free(rule),
            )
        )
        came = [row[0] for row in rows]
        self.env.cr.execute(
            SQL(
                """INSERT INTO res_partner_res_partner_category_rel
                          (partner_id, category_id)
                   SELECT unnest(%s::int[]), %s ON CONFLICT DO NOTHING""",
                came,
                rule.category_id.id,
            )
        )
        return came

    @api.model
    def _is_free(self, rule) -> SQL:
        """Return the condition that a rule may give ``fits`` its tag."""
        return SQL(
            """NOT EXISTS (
                 SELECT FROM retention_label_history own
                  WHERE own.partner_id = fits.partner_id AND own.rule_id = %(rule)s
                    AND (own.date_to IS NULL OR own.is_refused))
               AND (NOT %(has_tag)s OR EXISTS (
                 SELECT FROM retention_label_history known
                  WHERE known.partner_id = fits.partner_id
                    AND known.category_id = %(category)s
                    AND known.date_to IS NULL))""",
            rule=rule.id,
            category=rule.category_id.id,
            has_tag=self._has_tag(
                SQL("fits.partner_id"), SQL("%s", rule.category_id.id)
            ),
        )

    @api.model
    def _has_tag(self, partner: SQL, category: SQL) -> SQL:
        return SQL(
            """EXISTS (SELECT FROM res_partner_res_partner_category_rel tag
                        WHERE tag.partner_id = %s AND tag.category_id = %s)""",
            partner,
            category,
        )

    def _close(self, cause):
        """End these open rows and leave the tags as they are."""
        for (company, begun), rows in self.grouped(
            lambda row: (row.company_id, row.date_from)
        ).items():
            day = max(begun, company._retention_today())
            rows.write({"date_to": day, "end_cause": cause})

    # ---- ending --------------------------------------------------------------------

    def _end(self, cause, day):
        """End these open rows, and take the tags away that no other rule keeps up."""
        self.env.flush_all()
        for company, rows in self.grouped("company_id").items():
            condition = SQL("id = ANY(%s) AND date_to IS NULL", rows.ids)
            self._tell(company, self._end_rows(condition, cause, day))

    @api.model
    def _end_rows(self, condition, cause, day):
        """End the rows of a condition; return whose tag was taken away or kept up."""
        ended = self.env.execute_query(
            SQL(
                """UPDATE retention_label_history
                      SET date_to = GREATEST(date_from, %s), end_cause = %s
                    WHERE %s RETURNING partner_id, category_id""",
                day,
                cause,
                condition,
            )
        )
        partners, categories = zip(*ended, strict=True) if ended else ((), ())
        self.env.cr.execute(
            SQL(
                """DELETE FROM res_partner_res_partner_category_rel tag
                    USING unnest(%s::int[], %s::int[]) gone (partner_id, category_id)
                    WHERE tag.partner_id = gone.partner_id
                      AND tag.category_id = gone.category_id
                      AND NOT EXISTS (
                            SELECT FROM retention_label_history known
                             WHERE known.partner_id = gone.partner_id
                               AND known.category_id = gone.category_id
                               AND known.date_to IS NULL)""",
                list(partners),
                list(categories),
            )
        )
        return list(partners)

    @api.model
    def _tell(self, company, partner_ids):
        """Let caches forget the tags, and judge anew whose program asks for them."""
        partners = self.env["res.partner"].browse(partner_ids)
        self.invalidate_model()
        partners.invalidate_recordset(["category_id"], flush=False)
        if partners and "category_id" in partners._retention_population_fields():
            self.env["retention.mark"]._add(partners, company)

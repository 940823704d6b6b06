import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import opening, points


class RetentionOpeningWizard(models.TransientModel):
    """Take balances over from Odoo's loyalty cards or another system.

    First a dry run: what would come in, for whom, what is wrong. Then the opening
    entries; a balance that was taken over before is not taken over again.
    """

    _name = "retention.opening.wizard"
    _description = "Take Over Balances"

    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        string="Into",
        required=True,
        default=lambda self: self.env["retention.points.program"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    company_id = fields.Many2one(related="program_id.company_id")
    source = fields.Selection(
        selection=[("card", "Loyalty cards of Odoo"), ("file", "A file (CSV)")],
        string="From",
        default="card",
        required=True,
    )
    loyalty_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        domain="[('program_type', '=', 'loyalty'),"
        " ('company_id', 'in', (company_id, False))]",
    )
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    source_name = fields.Char(
        string="Name of the Source",
        default="old",
        help="The same name again recognises what was taken over before.",
    )
    factor = fields.Float(
        string="Points for Each",
        default=1.0,
        digits=(16, 4),
        help="What one point there is worth here; rounded down for each customer.",
    )
    expires_on = fields.Date(
        string="Expire on", help="Where the file names no day. Empty: never."
    )
    empties_cards = fields.Boolean(
        string="Empty the Cards",
        default=True,
        help="Otherwise customers could spend the same points twice.",
    )
    state = fields.Selection(
        selection=[("ask", "Choose"), ("check", "Dry run"), ("done", "Done")],
        default="ask",
    )
    line_ids = fields.One2many(
        comodel_name="retention.opening.line", inverse_name="wizard_id", readonly=True
    )
    count_ready = fields.Integer(string="Customers' Balances", readonly=True)
    total_source = fields.Float(string="Points There", readonly=True)
    total_ready = fields.Integer(string="Points to Take Over", readonly=True)
    count_known = fields.Integer(string="Taken Over Before", readonly=True)
    count_wrong = fields.Integer(string="Problems", readonly=True)
    total_posted = fields.Integer(string="Points Taken Over", readonly=True)

    # ---- step 1: the dry run --------------------------------------------------------

    def action_check(self):
        """Read the source and show what would come of it; nothing is written."""
        self.ensure_one()
        self._check_may()
        if not 0 < self.factor < points.MOST:
            raise UserError(self.env._("A point there is worth more than 0 here."))
        rows = self._read_cards() if self.source == "card" else self._read_file()
        if not rows:
            raise UserError(self.env._("There is nothing to take over."))
        self._find_known(rows)
        self.line_ids.unlink()
        self.env["retention.opening.line"].create(
            [{"wizard_id": self.id, **row} for row in rows]
        )
        ready = [row for row in rows if row["state"] == "ready"]
        self.write(
            {
                "state": "check",
                "count_ready": len(ready),
                "total_source": sum(row["number"] for row in rows),
                "total_ready": sum(row["points"] for row in ready),
                "count_known": sum(row["state"] == "known" for row in rows),
                "count_wrong": sum(row["state"] == "wrong" for row in rows),
            }
        )
        return self._reopen()

    def _check_may(self):
        """Refuse all but those who set the rules of points."""
        self.program_id.check_access("write")

    def _read_cards(self):
        """Return a row for each loyalty card with points."""
        if self.loyalty_program_id.program_type != "loyalty":
            raise UserError(self.env._("Choose a program of loyalty cards."))
        # sudo: who sets the rules of points need not have rights on Odoo's cards
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .search(
                [("program_id", "=", self.loyalty_program_id.id), ("points", "!=", 0)],
                order="id",
            )
        )
        rows = []
        for card in cards:
            number, wrong = opening.whole_points(card.points, self.factor)
            customer = card.partner_id.commercial_partner_id
            wrong = wrong or (not customer and "nobody")
            rows.append(
                self._prepare_line(
                    card.code,
                    f"loyalty.card:{card.id}",
                    card.points,
                    number,
                    customer,
                    card.expiration_date or self.expires_on,
                    wrong,
                )
                | {"card_id": card.id}
            )
        return rows

    def _read_file(self):
        """Return a row for each line of the file."""
        try:
            text = base64.b64decode(self.file or b"").decode("utf-8-sig")
            table = opening.read_table(text)
        except Exception as error:
            raise UserError(self.env._("The file is not a text in UTF-8.")) from error
        if table is None:
            raise UserError(
                self.env._(
                    "The first line must name the columns: customer (id, reference or "
                    "e-mail), points, and if you like expires and card."
                )
            )
        found = self._match([row.customer for row in table])
        doubled = opening.twice(row.key or row.customer for row in table)
        rows = []
        for row in table:
            number, wrong = opening.whole_points(row.points, self.factor)
            expires, wrong_day = opening.day(row.expires)
            customers = found.get(row.customer.casefold(), set())
            if len(customers) != 1:
                wrong = "several" if customers else "nobody"
            elif (row.key or row.customer) in doubled:
                wrong = "twice"
            rows.append(
                self._prepare_line(
                    row.customer,
                    f"{self.source_name or 'old'}:{row.key or row.customer}",
                    opening.as_number(row.points) or 0,
                    number,
                    self.env["res.partner"].browse(customers)
                    if len(customers) == 1
                    else self.env["res.partner"],
                    expires or self.expires_on,
                    wrong or wrong_day,
                )
            )
        return rows

    def _match(self, names):
        """Return ``{name in small letters: ids of the customers it may mean}``."""
        partners = self.env["res.partner"].with_context(active_test=False)
        ids = [int(name) for name in names if name.isdecimal() and len(name) < 10]
        lower = [name.casefold() for name in names]
        found = {}
        domain = [
            "&",
            ("company_id", "in", (self.company_id.id, False)),
            "|",
            "|",
            ("id", "in", ids),
            ("ref", "in", names),
            ("email_normalized", "in", lower),
        ]
        for partner in partners.search(domain):
            customer = partner.commercial_partner_id.id
            for name in (str(partner.id), partner.ref, partner.email_normalized):
                if name:
                    found.setdefault(name.casefold(), set()).add(customer)
        return found

    def _prepare_line(self, reference, key, number, whole, customer, expires, wrong):
        if not wrong and expires and expires <= self.company_id._retention_today():
            wrong = "expired"
        return {
            "reference": reference,
            "key": f"opening:{key}",
            "number": number,
            "points": 0 if wrong else whole,
            "partner_id": customer.id,
            "expires_on": expires,
            "state": "wrong" if wrong else "ready",
            "problem": self._say_problem(wrong) if wrong else False,
        }

    def _say_problem(self, problem):
        """Say what keeps a balance from being taken over."""
        env = self.env
        return {
            opening.NO_NUMBER: env._("Not a number"),
            opening.NOTHING: env._("No whole point above 0"),
            opening.TOO_MANY: env._("Too many points"),
            opening.NO_DATE: env._("Not a date"),
            "nobody": env._("No such customer"),
            "several": env._("Several customers"),
            "twice": env._("More than once in the file"),
            "expired": env._("Expired already"),
            "other": env._("Taken over before with other points or another customer"),
        }[problem]

    def _find_known(self, rows):
        """Mark what was taken over before."""
        prefix = f"{self.program_id.id}:"
        # sudo: every entry of the program counts, whose customer one may read or not
        entries = (
            self.env["retention.points.entry"]
            .sudo()
            .search([("key", "in", [prefix + row["key"] for row in rows])])
        )
        known = {entry.key.removeprefix(prefix): entry for entry in entries}
        for row in rows:
            entry = known.get(row["key"])
            if not entry:
                continue
            same = (
                entry.points == row["points"]
                and entry.partner_id.id == row["partner_id"]
            )
            row |= {
                "state": "known" if same else "wrong",
                "problem": False if same else self._say_problem("other"),
            }

    # ---- step 2: the entries --------------------------------------------------------

    def action_apply(self):
        """Post the opening entries of the dry run, and compare the totals."""
        self.ensure_one()
        self._check_may()
        ready = self.line_ids.filtered(lambda line: line.state == "ready")
        if self.state != "check" or not ready:
            raise UserError(self.env._("There is nothing to take over."))
        # sudo: who sets the rules of points writes none of them himself
        Account = self.env["retention.points.account"].sudo()
        accounts = Account._open(self.program_id, ready.partner_id.ids)
        reason = self.env._("Taken over from %s", self._get_source_name())
        postings = [
            points.Posting(
                accounts[line.partner_id.id],
                line.key,
                points.OPENING,
                line.points,
                expires_on=line.expires_on or None,
                res_model="loyalty.card" if line.card_id else None,
                res_id=line.card_id or None,
                reason=reason,
            )
            for line in ready
        ]
        entries = Account._post(self.program_id, postings)
        posted = Account.env["retention.points.entry"].browse(entries.values())
        total = sum(posted.mapped("points"))
        if total != self.total_ready:
            raise UserError(
                self.env._(
                    "%(posted)s points would come in instead of %(ready)s. Nothing was "
                    "written; do the dry run again.",
                    posted=total,
                    ready=self.total_ready,
                )
            )
        if self.source == "card" and self.empties_cards:
            self._empty_cards(ready, reason)
        ready.state = "known"
        self.write({"state": "done", "total_posted": total})
        return self._reopen()

    def _get_source_name(self):
        return (
            self.loyalty_program_id.name if self.source == "card" else self.source_name
        )

    def _empty_cards(self, lines, reason):
        """Take from Odoo's cards what is in the ledger now; keep it in their history.

        :raises UserError: where a card was used since the dry run.
        """
        # sudo: who sets the rules of points need not have rights on Odoo's cards
        cards = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True)
        cards = cards.browse(lines.mapped("card_id"))
        numbers = dict(
            zip(lines.mapped("card_id"), lines.mapped("number"), strict=True)
        )
        if any(card.points != numbers[card.id] for card in cards):
            raise UserError(
                self.env._("Cards were used meanwhile. Do the dry run again.")
            )
        self.env["loyalty.history"].sudo().create(  # sudo: as above
            [
                {"card_id": card.id, "description": reason, "used": card.points}
                for card in cards
            ]
        )
        cards.write({"points": 0})

    def action_back(self):
        """Choose again."""
        self.state = "ask"
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Over Balances"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

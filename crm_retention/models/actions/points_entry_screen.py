from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .points_ledger import Ledger


class RetentionPointsEntry(models.Model):
    """A movement as people look at it: where it comes from, what became of it."""

    _inherit = "retention.points.entry"

    origin = fields.Char(
        compute="_compute_origin", help="The document that points were moved for."
    )
    why = fields.Text(
        compute="_compute_why", help="The document, and the reason if there is another."
    )
    reversed_points = fields.Integer(
        string="Reversed",
        compute="_compute_reversed_points",
        aggregator=None,
        help="What later entries gave or took back of it.",
    )
    reversible = fields.Integer(
        string="Can Be Reversed", compute="_compute_reversible", aggregator=None
    )
    is_explained = fields.Boolean(
        string="Explained",
        compute="_compute_is_explained",
        search="_search_is_explained",
        help="A living document, an earlier entry or a person's reason says why it is "
        "there.",
    )

    @api.depends("res_model", "res_id")
    def _compute_origin(self):
        """Name the documents, those that the reader may not read by their kind."""
        self.origin = False
        for model, entries in self.filtered("res_id").grouped("res_model").items():
            if model not in self.env:
                entries.origin = model
                continue
            kind = self.env["ir.model"]._get(model).name
            documents = self.env[model].browse(set(entries.mapped("res_id"))).exists()
            names = {
                document.id: document.display_name
                for document in documents._filtered_access("read")
            }
            for entry in entries:
                entry.origin = names.get(entry.res_id) or f"{kind} {entry.res_id}"

    @api.depends("origin", "reason")
    def _compute_why(self):
        for entry in self:
            origin, reason = entry.origin or "", entry.reason or ""
            same = reason in origin or origin in reason
            entry.why = max(origin, reason, key=len) if same else f"{origin}, {reason}"

    def _compute_reversed_points(self):
        sums = dict(
            self._read_group(
                [("reverses_id", "in", self.ids)], ["reverses_id"], ["points:sum"]
            )
        )
        for entry in self:
            entry.reversed_points = sums.get(entry, 0)

    def _compute_reversible(self):
        """Ask the ledger what it would still let be reversed."""
        left = Ledger(self.env, None, None).load_reversible(set(self.ids))
        for entry in self:
            entry.reversible = left.get(entry.id, (None, 0))[1]

    def _compute_is_explained(self):
        """Ask what the nightly check asks."""
        explained = {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT x.id FROM retention_points_entry x"
                    " WHERE x.id = ANY(%s) AND %s",
                    self.ids,
                    self.env["retention.points.check"]._is_explained(),
                )
            )
        }
        for entry in self:
            entry.is_explained = entry.id in explained

    def _search_is_explained(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain(
            "id",
            "in",
            SQL(
                "(SELECT x.id FROM retention_points_entry x WHERE %s)",
                self.env["retention.points.check"]._is_explained(),
            ),
        )

    # ---- buttons -------------------------------------------------------------------

    def action_open_document(self):
        """Open the document that points were moved for."""
        self.ensure_one()
        self.check_access("read")
        document = (
            self.env[self.res_model].browse(self.res_id).exists()
            if self.res_id and self.res_model in self.env
            else None
        )
        if not document:
            raise UserError(self.env._("The document is not there any more."))
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }

    def action_open_account(self):
        """Open the account of this movement."""
        self.ensure_one()
        return self.account_id.get_formview_action()

    def action_reverse(self):
        """Open the dialog that takes back what this entry did."""
        self.ensure_one()
        if not self.reversible:
            raise UserError(self.env._("Nothing is left of it to be reversed."))
        return self.account_id._get_dialog("reverse", default_entry_id=self.id)

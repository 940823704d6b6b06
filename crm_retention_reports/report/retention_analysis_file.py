from odoo import api, models
from odoo.tools import format_date

from ..tools import sheets, xlsx

TAG = "crm_retention_reports.analysis"  # of the reports' client actions


class RetentionAnalysis(models.AbstractModel):
    """Every report as a spreadsheet file: its tables, and its charts' values."""

    _inherit = "retention.analysis"

    @api.model
    def _get_actions(self):
        """Return {name of a report's model: the action that shows its page}."""
        # sudo: which pages there are, nothing of them
        actions = self.env["ir.actions.client"].sudo().search([("tag", "=", TAG)])
        known = self.env.registry["retention.analysis"]._inherit_children
        named = {(action.params or {}).get("model"): action for action in actions}
        return {name: action for name, action in named.items() if name in known}

    @api.model
    def _get_file(self, options=None):
        """Return (name, content) of the file of this report."""
        self._check_reader()
        options = self._clean(options)
        scope = self._get_scope(options)
        blocks = self._get_blocks(scope)
        for block in blocks:
            self._write(block, options["width"])
        title = self._get_title()
        days = f"{options['first']} {options['last']}"
        book = self._make_book(title, [(self, options, scope, blocks)])
        return f"{title} {days}.xlsx", xlsx.write(book)

    @api.model
    def _make_book(self, title, found):
        """Return the :class:`Book` of reports: a sheet each; of one, a sheet a table.

        :param found: a list of (report, its options, its scope, its blocks).
        """
        about, parts = self._get_about(found[0][2]) if found else [], []
        heads = (self.env._("Figure"), self.env._("Value"), self.env._("Remark"))
        for report, options, scope, blocks in found:
            tables = sheets.tables(blocks, heads)
            name = report._get_title()
            if len(found) == 1:
                parts += [(table.title or name, [table]) for table in tables]
            elif tables:
                parts.append((name, tables))
            about += report._get_words(options, scope, blocks)
        return xlsx.Book(
            title,
            [(name, text) for name, text in about if text],
            parts,
            self._get_money_format(),
            self.env._("Contents"),
        )

    @api.model
    def _get_about(self, scope):
        """Return in words what all reports of a file look at: [(name, text)]."""
        everybody = self.env._("All that you may see")
        chosen = self.env._("Only those chosen by filters")
        return [
            (self.env._("Company"), self.env.company.name),
            (self.env._("Period"), self._say_days(scope.first, scope.last)),
            (self.env._("Counted"), self._say_counted(scope)),
            (self.env._("Customers"), everybody if scope.domain.is_true() else chosen),
            (self.env._("Made for"), self.env.user.name),
            (
                self.env._("Made on"),
                format_date(self.env, scope.company._retention_today()),
            ),
        ]

    @api.model
    def _get_words(self, options, scope, blocks):
        """Return what was chosen in one report and how it counts: [(name, text)]."""
        title = self._get_title()
        found = []
        for choice in self._get_choices():
            labels = dict(choice["choices"])
            found.append((choice["label"], labels.get(options[choice["name"]], "")))
        if not blocks:
            found.append((title, self._get_empty(scope)["text"]))
        return [
            *found,
            *((title, text) for text in self._get_help()),
            *((title, text) for text in sheets.said(blocks)),
        ]

    @api.model
    def _get_money_format(self):
        currency = self.env.company.currency_id
        before = currency.position == "before"
        return xlsx.money_format(currency.symbol, before, currency.decimal_places)

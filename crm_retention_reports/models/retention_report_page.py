from odoo import api, fields, models


class RetentionReportPage(models.Model):
    """A report that can be put into a file or a mail: which there are, in order.

    The rows follow the client actions of the reports at every update of the addon.
    """

    _name = "retention.report.page"
    _description = "Report in a File"
    _order = "sequence, id"

    # read with all rights: the action of a menu holds nothing of anybody
    name = fields.Char(related="action_id.name", string="Report")
    action_id = fields.Many2one(
        comodel_name="ir.actions.client", required=True, index=True, ondelete="cascade"
    )
    model = fields.Char(required=True)
    sequence = fields.Integer(default=1000)

    _action_unique = models.UniqueIndex(
        "(action_id)", "This report is in the list already."
    )

    @api.model
    def _get_all(self):
        """Return the list: a line a report, some twenty."""
        return self.search([("model", "!=", False)])

    @api.model
    def _sync(self):
        """Add the reports that are not in the list yet, ordered as the menus are."""
        listed = self._get_all().action_id
        new = {
            name: action
            for name, action in self.env["retention.analysis"]._get_actions().items()
            if action not in listed
        }
        order = self._get_menu_order(new.values())
        self.create(
            [
                {
                    "action_id": action.id,
                    "model": name,
                    "sequence": order.get(action.id, 1000),
                }
                for name, action in new.items()
            ]
        )

    def _get_menu_order(self, actions):
        """Return {action id: place in the menus}."""
        links = [f"ir.actions.client,{action.id}" for action in actions]
        menus = self.env["ir.ui.menu"].search([("action", "in", links)])
        return {
            menu.action.id: 100 * menu.parent_id.sequence + menu.sequence
            for menu in menus
        }

    def _filter_allowed(self):
        """Return those that the reader may open."""
        return self.filtered(
            lambda page: page.model in self.env and self.env[page.model]._may_read()
        )

    def _get_reports(self, first, last, domain=(), width=680):
        """Return the reports of a period: [(report, options, scope, blocks)].

        Read with the rights of the environment's user; texts and pictures are made.

        :param first, last: days, both included.
        :param width: of charts, in pixels.
        """
        options = {
            "period": "own",
            "first": str(first),
            "last": str(last),
            "domain": list(domain),
            "width": width,
        }
        found = []
        for page in self._filter_allowed():
            report = self.env[page.model]
            cleaned = report._clean(options)
            scope = report._get_scope(cleaned)
            blocks = report._get_blocks(scope)
            for block in blocks:
                report._write(block, cleaned["width"])
            found.append((report, cleaned, scope, blocks))
        return found

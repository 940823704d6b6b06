from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.judgement import preview
from ..models.judgement.retention_membership import CAUSES
from ..models.running.columns_sql import insert_rows

MOST = 300_000  # customers that can be tried within one request
DIRECTIONS = [
    (preview.UP, "Up"),
    (preview.DOWN, "Down"),
    (preview.LATER, "Down later"),
    (preview.FIRST, "First tier"),
    (preview.OTHER, "Other program"),
]
COLUMNS = {
    "preview_id": "int4",
    "profile_id": "int4",
    "partner_id": "int4",
    "before": "varchar",
    "after": "varchar",
    "cause": "varchar",
    "direction": "varchar",
    "day": "date",
    "revenue": "numeric",
    "create_uid": "int4",
}


class RetentionProgramPreview(models.TransientModel):
    """What applying the rules of a program would do, before it is done."""

    _name = "retention.program.preview"
    _description = "Preview of a Tier Program"
    _rec_name = "program_id"

    program_id = fields.Many2one(
        comodel_name="retention.program",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="program_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_draft = fields.Boolean(compute="_compute_is_draft")
    customers = fields.Integer(string="Customers Judged", readonly=True)
    moving = fields.Integer(string="Move", readonly=True)
    revenue = fields.Monetary(string="Their Revenue", readonly=True)
    line_ids = fields.One2many(
        comodel_name="retention.program.preview.line",
        inverse_name="preview_id",
        readonly=True,
    )
    sum_ids = fields.One2many(
        comodel_name="retention.program.preview.sum",
        inverse_name="preview_id",
        readonly=True,
    )

    @api.depends("program_id")
    def _compute_is_draft(self):
        for row in self:
            row.is_draft = bool(row.program_id.draft_of_id)

    @api.model
    def _create_of(self, program):
        """Try the rules of ``program`` out and return the preview."""
        program.check_access("write")
        # sudo: everybody of the company is judged; the right was checked above
        program = program.sudo()
        count = program._count_profiles()
        if count > MOST:
            raise UserError(
                self.env._(
                    "More than %s customers cannot be tried out while you wait: try "
                    "the rules on a share of them, as a pilot.",
                    MOST,
                )
            )
        rows = program._preview()
        found = self.create(
            {
                "program_id": program.id,
                "customers": count,
                "moving": len(rows),
                "revenue": sum(row["revenue"] for row in rows),
            }
        )
        own = {"preview_id": found.id, "create_uid": self.env.uid}
        found.flush_recordset()
        insert_rows(
            self.env,
            "retention_program_preview_line",
            COLUMNS,
            [row | own for row in rows],
        )
        found.invalidate_recordset(["line_ids"])
        self.env["retention.program.preview.sum"].create(found._prepare_sums(rows))
        return found

    def _prepare_sums(self, rows):
        """Return the values of a sum for each way that customers go."""
        self.ensure_one()
        ways = defaultdict(lambda: [0, 0.0])
        for row in rows:
            way = ways[row["direction"], row["before"], row["after"]]
            way[0] += 1
            way[1] += row["revenue"]
        order = [name for name, _label in DIRECTIONS]
        return [
            {
                "preview_id": self.id,
                "direction": direction,
                "before": before,
                "after": after,
                "count": count,
                "revenue": revenue,
            }
            for (direction, before, after), (count, revenue) in sorted(
                ways.items(), key=lambda way: (order.index(way[0][0]), -way[1][0])
            )
        ]

    def action_view_lines(self):
        """List who moves."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Moves: %s", self.program_id.name),
            "res_model": "retention.program.preview.line",
            "view_mode": "list",
            "domain": [("preview_id", "=", self.id)],
            "context": {"search_default_by_direction": 1},
        }

    def action_apply(self):
        """Apply the rules; customers who move get a note, and points for moving up."""
        return self._apply(silently=False)

    def action_apply_silently(self):
        """Apply the rules; nobody is told."""
        return self._apply(silently=True)

    def _apply(self, silently):
        self.ensure_one()
        self.env["retention.program"].check_access("write")
        self.program_id.check_access("write")
        # sudo: everybody of the company is judged; the right was checked above
        program = self.program_id.sudo()
        ruled = program._get_ruled()
        done = program._apply_rules(silently)
        action = ruled._open_form() | {"target": "main"}
        if done:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The rules are in force. All customers are judged by them in the "
                    "background."
                ),
                "next": action,
            },
        }


class RetentionProgramPreviewLine(models.TransientModel):
    """One customer who would move."""

    _name = "retention.program.preview.line"
    _description = "Customer Who Would Move"
    _order = "revenue desc, id"

    preview_id = fields.Many2one(
        comodel_name="retention.program.preview",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="preview_id.currency_id")
    profile_id = fields.Many2one(comodel_name="retention.profile", ondelete="cascade")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", ondelete="cascade"
    )
    before = fields.Char(string="From Tier")
    after = fields.Char(string="To Tier")
    cause = fields.Selection(selection=[*CAUSES, ("leave", "Leaves the program")])
    direction = fields.Selection(selection=DIRECTIONS)
    day = fields.Date(string="On")
    revenue = fields.Monetary(string="Revenue (window)")

    def action_open_profile(self):
        """Open the customer."""
        self.ensure_one()
        self.check_access("read")
        return (self.profile_id or self.partner_id).get_formview_action()


class RetentionProgramPreviewSum(models.TransientModel):
    """How many customers would go one way, and what they are worth."""

    _name = "retention.program.preview.sum"
    _description = "Sum of Customers Who Would Move"

    preview_id = fields.Many2one(
        comodel_name="retention.program.preview",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="preview_id.currency_id")
    direction = fields.Selection(selection=DIRECTIONS)
    before = fields.Char(string="From Tier")
    after = fields.Char(string="To Tier")
    count = fields.Integer(string="Customers")
    revenue = fields.Monetary(string="Revenue (window)")

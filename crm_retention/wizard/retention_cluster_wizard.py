from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.judgement.cluster_sql import ClusterSQL
from ..tools import clusters

FEWEST_CUSTOMERS = 50


class RetentionClusterWizard(models.TransientModel):
    """Groups of customers who are alike, as a suggestion for segments or labels."""

    _name = "retention.cluster.wizard"
    _description = "Groups of Similar Customers"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    number = fields.Integer(
        string="Groups", help="From 3 to 8. 0: as many as are clearly apart."
    )
    customers = fields.Integer(readonly=True)
    agreement = fields.Integer(
        string="In Both (%)",
        readonly=True,
        help="Share of the customers whose scores lead to the group they are in.",
    )
    line_ids = fields.One2many(
        comodel_name="retention.cluster.line", inverse_name="wizard_id"
    )

    _number_range = models.Constraint(
        "CHECK (number = 0 OR number BETWEEN 3 AND 8)",
        "Choose from 3 to 8 groups, or 0.",
    )

    @api.model
    def _open(self, company):
        """Open the dialog with the groups found."""
        wizard = self.create({"company_id": company.id})
        return wizard.action_find()

    def action_find(self):
        """Find the groups anew, in the number that is asked for."""
        self.ensure_one()
        self.line_ids.unlink()
        self.write(self._find(self.company_id, self.number))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Groups of Similar Customers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # ---- finding -------------------------------------------------------------------

    @api.model
    def _find(self, company, number):
        """Return the values of this dialog: groups, and what comes closest by score."""
        self.env["retention.segment"].check_access("write")
        self.env.flush_all()
        statements = ClusterSQL(company, company._retention_today())
        rows = self.env.execute_query(statements.sample())
        if len(rows) < FEWEST_CUSTOMERS:
            return {"customers": len(rows)}
        points = [clusters.features(*row) for row in rows]
        scale = clusters.scale(points)
        points = [scale.standard(point) for point in points]
        number = number or clusters.how_many(points)
        found = clusters.k_means(points, number)
        rows = self.env.execute_query(statements.summary(found.centers, scale))
        return self._prepare(rows, number)

    @api.model
    def _prepare(self, rows, number):
        """Return the values of groups and boxes.

        :param rows: of :meth:`ClusterSQL.summary`.
        """
        cells, sums = {}, [[0.0] * 7 for _group in range(number)]
        for group, recency, frequency, monetary, count, *figures in rows:
            cell = (recency, frequency, monetary)
            cells.setdefault(cell, [0] * number)[group] += count
            for place, value in enumerate((1, *cell)):
                sums[group][place] += value * count
            for place, value in enumerate(figures, 4):
                sums[group][place] += value
        total = sum(each[0] for each in sums)
        found = clusters.boxes(cells, number + 2)
        order = sorted(range(number), key=lambda group: -sums[group][6])
        order = [group for group in order if sums[group][0]]
        names = self._get_names([sums[group] for group in order])
        lines = [
            self._prepare_group(group, name, sums[group], found, total)
            for group, name in zip(order, names, strict=True)
        ]
        return {
            "customers": total,
            "agreement": round(100 * sum(box.right for box in found) / total),
            "line_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _get_names(self, sums):
        """Return a name for each group; equal ones are numbered."""
        words = {
            "best": self.env._("Best customers"),
            "missed": self.env._("Good, but gone quiet"),
            "cooling": self.env._("Cooling"),
            "asleep": self.env._("Asleep"),
            "regulars": self.env._("Regulars"),
            "spenders": self.env._("Big purchases, seldom"),
            "newcomers": self.env._("Newcomers"),
            "middle": self.env._("Middle"),
        }
        names, seen = [], {}
        for count, *scores in (each[:4] for each in sums):
            kind = clusters.kind(*(score / count for score in scores))
            seen[kind] = seen.get(kind, 0) + 1
            name = words[kind]
            if seen[kind] > 1:
                name = self.env._("%(name)s (%(number)s)", name=name, number=seen[kind])
            names.append(name)
        return names

    @api.model
    def _prepare_group(self, group, name, sums, found, total):
        count = sums[0]
        own = [box for box in found if box.group == group and box.total]
        return {
            "name": name,
            "customers": count,
            "share": round(100 * count / total),
            "days": round(sums[4] / count),
            "purchases": sums[5] / count,
            "revenue": sums[6] / count,
            "boxes": [[*box.low, *box.high] for box in own],
            "reached": round(100 * sum(box.right for box in own) / count),
        }

    # ---- using ---------------------------------------------------------------------

    def action_create_segments(self):
        """Put segments for these groups in the place of the present ones."""
        self.ensure_one()
        self._check_segments_unused()
        segments = self.env["retention.segment"]
        segments.search([("is_other", "=", False)]).unlink()
        segments.create(
            [
                values
                for number, line in enumerate(self.line_ids.filtered("boxes"), 1)
                for values in line._prepare_segments(number)
            ]
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_segment_action"
        )

    def _check_segments_unused(self):
        """Refuse where a rule names a segment that would go."""
        self.env["retention.segment"].check_access("unlink")
        named = []
        for model in sorted(self.env["retention.population"]._inherit_children):
            # sudo: segments are shared, so the rules of all companies count
            rules = self.env[model].sudo().with_context(active_test=False)
            found = rules.search(Domain("domain", "like", "segment_id"))
            named += found.mapped("display_name")
        if named:
            raise UserError(
                self.env._(
                    "These rules choose customers by their segment: %(rules)s. Change "
                    "them first, or use the groups as labels.",
                    rules=", ".join(named),
                )
            )

    def action_create_labels(self):
        """Make a label rule for each group, switched off, and show them."""
        self.ensure_one()
        lines = self.line_ids.filtered("boxes")
        rules = self.env["retention.label.rule"]
        rules.check_access("create")
        # sudo: who may make rules may have the tags that they set
        tags = self.env["res.partner.category"].sudo()
        found = tags.search([("name", "in", lines.mapped("name"))])
        new = set(lines.mapped("name")) - set(found.mapped("name"))
        found |= tags.create([{"name": name} for name in sorted(new)])
        known = {tag.name: tag for tag in found}
        rules.create(
            [
                {
                    "name": line.name,
                    "category_id": known[line.name].id,
                    "company_id": self.company_id.id,
                    "domain": repr(list(line._get_domain())),
                    "active": False,
                }
                for line in lines
            ]
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_label_rule_action"
        )

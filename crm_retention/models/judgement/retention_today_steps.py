from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

ENOUGH = 0.8  # of the customers have a salesperson: the step is done
CLICKED = ("tiers", "customers", "people", "dismissed")  # steps done by looking


class RetentionProfile(models.Model):
    """The five first steps of a manager: each found done in the data, or clicked."""

    _inherit = "retention.profile"

    @api.model
    def do_first_step(self, step, source=None):
        """Note that a manager took a first step, or dismissed the list.

        :param step: "source" with the chosen ``source``, or one of ``CLICKED``.
        """
        self.env["retention.program"].check_access("write")
        # sudo: a manager of this app need not be allowed to change companies
        company = self.env.company.sudo()
        if step == "source":
            company.write(
                {"retention_revenue_source": source, "retention_source_chosen": True}
            )
        elif step in CLICKED:
            taken = dict(company.retention_first_steps or {})
            taken.setdefault(step, fields.Date.to_string(fields.Date.today()))
            company.retention_first_steps = taken
        else:
            raise ValidationError(self.env._("There is no first step “%s”.", step))

    @api.model
    def _today_steps(self):
        """Return the list of first steps, or False for who needs none."""
        taken = self.env.company.retention_first_steps or {}
        if not self._today_manages() or "dismissed" in taken:
            return False
        steps = [
            self._first_step_source(),
            self._first_step_tiers(taken),
            self._first_step_customers(taken),
            self._first_step_salespeople(),
            self._first_step_people(taken),
        ]
        done = sum(step["done"] for step in steps)
        return done < len(steps) and {"done": done, "items": steps}

    @api.model
    def _first_step_source(self):
        company = self.env.company
        sources = company._fields["retention_revenue_source"]._description_selection(
            self.env
        )
        return {
            "key": "source",
            "done": company.retention_source_chosen,
            "title": self.env._("Check where revenue is counted"),
            "text": self.env._(
                "Now: %s. Purchases from elsewhere always count too.",
                dict(sources)[company.retention_revenue_source],
            ),
            "sources": [
                {
                    "value": value,
                    "label": label,
                    "current": value == company.retention_revenue_source,
                }
                for value, label in sources
            ],
        }

    @api.model
    def _first_step_tiers(self, taken):
        program = self._today_programs()[:1]
        names = self.env._(", ").join(program.tier_ids.mapped("name"))
        return {
            "key": "tiers",
            "done": "tiers" in taken,
            "title": self.env._("Look at your tiers"),
            "text": names or self.env._("There is no program yet."),
            "button": (
                self.env._("Open the program")
                if program
                else self.env._("Create a program")
            ),
            "program_id": program.id,
        }

    @api.model
    def _first_step_customers(self, taken):
        return {
            "key": "customers",
            "done": "customers" in taken,
            "title": self.env._("See your customers by tier"),
            "text": self.env._("Open any of them to read why."),
            "button": self.env._("Open the board"),
        }

    @api.model
    def _first_step_salespeople(self):
        """Whether most customers have somebody who is responsible for them."""
        bought = self._today_domain(Domain("purchase_count", ">", 0))
        counts = self._read_group(bought, ["user_id"], ["__count"])
        total = sum(count for _user, count in counts)
        without = sum(count for user, count in counts if not user)
        text = self.env._("No customer has bought yet.")
        if total:
            text = self.env._(
                "%(covered)s of %(total)s customers have one. Salespeople see their "
                "own customers only.",
                covered=total - without,
                total=total,
            )
        return {
            "key": "salespeople",
            "done": bool(total) and total - without >= ENOUGH * total,
            "title": self.env._("Give customers a salesperson"),
            "text": text,
            "button": self.env._("Contacts without one"),
        }

    @api.model
    def _first_step_people(self, taken):
        """Whether anybody else can open the app."""
        group = self.env.ref("crm_retention.group_retention_user")
        others = self.env["res.users"].search_count(
            Domain("all_group_ids", "in", group.ids)
            & Domain("share", "=", False)
            & Domain("company_ids", "in", self.env.company.ids)
            & Domain("id", "!=", self.env.uid)
        )
        invites = self.env.user.has_group("base.group_erp_manager")
        return {
            "key": "people",
            "done": bool(others) or "people" in taken,
            "title": self.env._("Invite your colleagues"),
            "text": self.env._(
                "%s other people can open this app. Rights: user, team lead, auditor "
                "or manager.",
                others,
            ),
            "button": invites and self.env._("Open users"),
            "note": not invites and self.env._("I have asked our administrator"),
        }

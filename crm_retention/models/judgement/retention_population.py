import ast

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

DOMAIN_SECONDS = 5


class RetentionPopulation(models.AbstractModel):
    """For rules that hold for the contacts which fit a domain typed by a person.

    The domain holds plain values only and is read with its owner's rights, never
    with more. The model has ``name``, ``domain`` and ``company_id``, and calls
    :meth:`_check_population` from a constraint.
    """

    _name = "retention.population"
    _description = "Rules for Some Contacts"

    def _population_owner(self):
        """Return the user with whose rights the domain is read."""
        raise NotImplementedError

    def _population_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _population(self, limit=None, among=None):
        """Return the query of contacts in this population, in its company.

        :param among: ids of contacts to look among; None: all of them.
        """
        domain = self._population_domain()
        if among is not None:
            domain &= Domain("id", "in", list(among))
        partners = (
            self.env["res.partner"]
            .with_user(self._population_owner())
            .with_context(active_test=False, allowed_company_ids=self.company_id.ids)
        )
        return partners._search(domain, limit=limit)

    def _takes_all(self):
        """Tell whether the population is everybody (no query is then needed)."""
        return self._population_domain().is_true()

    def _get_takers(self, customer_ids):
        """Return those of the customers that are in this population."""
        self.ensure_one()
        if self._takes_all():
            return set(customer_ids)
        query = self._population(among=customer_ids)
        return {row[0] for row in self.env.execute_query(query.select())}

    def _check_population(self):
        """Refuse a domain that cannot be read, or not in a reasonable time."""
        for rules in self:
            try:
                ast.literal_eval(rules.domain or "[]")
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(program)s: this population cannot be read (not a list of "
                        "conditions with plain values).",
                        program=rules.name,
                    )
                ) from error
            try:
                with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                    self.env.cr.execute(
                        SQL("SET LOCAL statement_timeout = %s", DOMAIN_SECONDS * 1000)
                    )
                    self.env.execute_query(rules._population(limit=1).select())
                    self.env.cr.execute("SET LOCAL statement_timeout = 0")
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(program)s: this population cannot be read (%(error)s).",
                        program=rules.name,
                        error=str(error).strip().splitlines()[0] if str(error) else "?",
                    )
                ) from error

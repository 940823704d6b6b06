from odoo import models
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    """Odoo's look-up of what is known of a person finds our records, too."""

    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        """Leave those to us whose ``active`` is no column: Odoo's query would fail."""
        return super()._get_query_models_blacklist() + [
            model._name for model, _columns in self._get_retention_models()
        ]

    def _get_retention_models(self):
        """Return our models that show the contact's ``active``, with their columns."""
        found = []
        for name, model in self.env.registry.items():
            stored = model._auto and not model._abstract and not model._transient
            if not name.startswith("retention.") or not stored:
                continue
            active = model._fields.get("active")
            if not active or active.store:
                continue
            columns = [
                field.name
                for field in model._fields.values()
                if field.comodel_name == "res.partner" and field.column_type
                if field.store
            ]
            if columns:
                found.append((self.env[name], columns))
        return found

    def _get_query(self):
        query = super()._get_query()
        for model, columns in self._get_retention_models():
            query = SQL(
                "%s UNION ALL SELECT %s AS res_model_id, id AS res_id,"
                " TRUE AS is_active FROM %s WHERE %s",
                query,
                self.env["ir.model"]._get_id(model._name),
                SQL.identifier(model._table),
                SQL(" OR ").join(
                    SQL(
                        "%s IN (SELECT id FROM indirect_references)",
                        SQL.identifier(column),
                    )
                    for column in columns
                ),
            )
        return query

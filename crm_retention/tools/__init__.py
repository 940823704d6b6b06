"""Pure functions of the product: no database, no odoo import, doctested."""

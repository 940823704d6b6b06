"""What ./dev is made of: a machine's way from nothing to Odoo with our addons."""

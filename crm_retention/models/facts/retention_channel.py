from odoo import fields, models


class RetentionChannel(models.Model):
    """A way in which a company and its customers reach each other."""

    _name = "retention.channel"
    _description = "Contact Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="What imports and other programs call this channel."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-comment-o", help="Name of a Font Awesome icon.")
    automation = fields.Selection(
        selection=[("mail", "E-mail"), ("sms", "SMS")],
        string="Sent Automatically as",
        help="Empty: only a person can use this channel.",
    )
    is_real = fields.Boolean(
        string="Real Contact",
        default=True,
        help="A personal contact by this channel starts the interval anew. Bulk mail "
        "and notifications never do.",
    )

    _code_unique = models.UniqueIndex("(code)", "There is a channel with this code.")

    def _get_address_kind(self):
        """Return by what one is reached here: ``mail``, ``sms``, ``phone`` or None.

        A call is ``phone``: a number on the blacklist is not called either, but
        without one the person who calls may know it.
        """
        self.ensure_one()
        return self.automation or ("phone" if self.code == "phone" else None)

from odoo import api, fields, models, tools
from odoo.tools import SQL


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

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        changed = self.filtered(
            lambda each: "is_real" in vals and each.is_real != bool(vals["is_real"])
        )
        if "code" in vals:
            self.env.registry.clear_cache()
        result = super().write(vals)
        if changed:
            changed._count_touches_anew()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _count_touches_anew(self):
        """Say anew of the contacts by these channels whether they are real ones."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch touch
                   SET is_real = channel.is_real,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM retention_channel channel
                 WHERE channel.id = touch.channel_id AND channel.id = ANY(%s)
                   AND touch.state = 'done' AND touch.is_bulk IS NOT TRUE
                   AND touch.outcome IS DISTINCT FROM 'not_reached'
                """,
                self.ids,
            )
        )
        self.env["retention.touch"].invalidate_model()

    @api.model
    @tools.ormcache()
    def _get_ids_by_code(self):
        """Return {code: id} of all channels, archived ones too."""
        # sudo: asked by jobs and by whoever logs a contact
        channels = self.sudo().with_context(active_test=False)
        return dict(channels._read_group([], ["code"], ["id:max"]))

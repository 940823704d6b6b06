from uuid import uuid4

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...tools import privacy

KEY = "crm_retention.suppression_key"


class RetentionSuppression(models.Model):
    """An address that must not be written to, known by its fingerprint alone.

    When a person is forgotten his address goes, and with it his entry on the
    blacklist. Should the same address come back, by an import or a form, it is
    recognised and put on the blacklist again before anything can be sent.
    """

    _name = "retention.suppression"
    _description = "Forgotten Address That Stays Barred"
    _order = "noted_on desc, id desc"
    _rec_name = "kind"
    _log_access = False

    kind = fields.Selection(
        selection=[(privacy.MAIL, "E-mail address"), (privacy.PHONE, "Phone number")],
        required=True,
        readonly=True,
    )
    digest = fields.Char(
        string="Fingerprint",
        required=True,
        readonly=True,
        help="Tells whether an address is the same one; the address itself cannot be "
        "read from it.",
    )
    noted_on = fields.Date(string="Since", required=True, readonly=True)

    _digest_unique = models.UniqueIndex(
        "(kind, digest)", "An address is barred once only."
    )

    @api.model
    def _get_key(self):
        """Return the key of the fingerprints; made when first needed."""
        # sudo: a secret that nobody reads but this method
        parameters = self.env["ir.config_parameter"].sudo()
        key = parameters.get_param(KEY)
        if not key:
            key = uuid4().hex + uuid4().hex
            parameters.set_param(KEY, key)
        return key

    @api.model
    def _digests(self, kind, addresses):
        """Return ``{fingerprint: address}`` of normalised addresses."""
        key = self._get_key()
        return {privacy.digest(key, kind, each): each for each in addresses if each}

    @api.model
    @tools.ormcache()
    def _has_any(self):
        """Tell whether any address is barred: asked with every new contact."""
        found = self.env.execute_query(
            SQL("SELECT 1 FROM retention_suppression LIMIT 1")
        )
        return bool(found)

    @api.model
    def _bar(self, kind, addresses):
        """Keep the fingerprints of these normalised addresses."""
        digests = list(self._digests(kind, addresses))
        if not digests:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO retention_suppression (kind, digest, noted_on)
                   SELECT %s, digest, %s FROM unnest(%s::varchar[]) digest
                   ON CONFLICT (kind, digest) DO NOTHING""",
                kind,
                fields.Date.today(),
                digests,
            )
        )
        self.invalidate_model()
        self.env.registry.clear_cache()

    @api.model
    def _get_barred(self, kind, addresses):
        """Return those of these normalised addresses that are barred."""
        if not self._has_any():
            return set()
        digests = self._digests(kind, addresses)
        rows = self.env.execute_query(
            SQL(
                "SELECT digest FROM retention_suppression"
                " WHERE kind = %s AND digest = ANY(%s)",
                kind,
                list(digests),
            )
        )
        return {digests[row[0]] for row in rows}

    @api.model
    def _release(self, kind, addresses):
        """Forget the fingerprints of addresses that a person allowed again."""
        if not self._has_any():
            return
        self.env.cr.execute(
            SQL(
                "DELETE FROM retention_suppression"
                " WHERE kind = %s AND digest = ANY(%s)",
                kind,
                list(self._digests(kind, addresses)),
            )
        )
        self.invalidate_model()
        self.env.registry.clear_cache()

    @api.model
    def _meet(self, mails=(), phones=()):
        """Put those of these addresses that are barred on Odoo's blacklists again."""
        if not self._has_any():
            return
        why = self.env._("Barred before its owner was forgotten, and still so.")
        mails = self._get_barred(privacy.MAIL, mails)
        phones = self._get_barred(privacy.PHONE, phones)
        if mails:
            # sudo: a form or an import may bring such an address, without rights here
            listed = self.env["mail.blacklist"].sudo()
            listed = listed.create([{"email": mail} for mail in sorted(mails)])
            listed._message_log_batch(bodies=dict.fromkeys(listed.ids, why))
        if phones:
            # sudo: as above
            self.env["phone.blacklist"].sudo()._add(sorted(phones), message=why)

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

SLACK = timedelta(minutes=5)  # clocks differ


class RetentionConsent(models.Model):
    """What a customer said about being contacted: when, how, and the proof.

    Never changed: a new word is a new row, and the latest one holds. Without a
    channel it is about all of them; without a purpose about every one.
    """

    _name = "retention.consent"
    _description = "Contact Consent"
    _order = "given_at desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel", ondelete="restrict", help="Empty: all."
    )
    purpose_id = fields.Many2one(
        comodel_name="retention.purpose", ondelete="restrict", help="Empty: all."
    )
    state = fields.Selection(
        selection=[
            ("granted", "Granted"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
    )
    given_at = fields.Datetime(
        string="When", required=True, default=fields.Datetime.now
    )
    how = fields.Selection(
        selection=[
            ("form", "Form"),
            ("portal", "Portal"),
            ("mail", "E-mail"),
            ("phone", "By phone"),
            ("paper", "On paper"),
            ("import", "Imported"),
        ],
        required=True,
        default="phone",
    )
    proof = fields.Char(help="Where it can be looked up.")

    _latest_idx = models.Index("(partner_id, company_id, given_at)")

    @api.constrains("given_at")
    def _check_given_at(self):
        """What was not said yet would hide what is said tomorrow."""
        if any(row.given_at > fields.Datetime.now() + SLACK for row in self):
            raise ValidationError(
                self.env._("A consent cannot be given or refused in the future.")
            )

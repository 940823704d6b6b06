from odoo import fields, models

from ..facts.retention_touch import CATEGORIES


class RetentionDecision(models.Model):
    """That the guard refused or put off a contact, and why.

    One row for each attempt that was really made; of plans only what changed.
    """

    _name = "retention.decision"
    _description = "Contact Refused or Put Off"
    _order = "decided_at desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    decided_at = fields.Datetime(required=True, readonly=True)
    channel_id = fields.Many2one(
        comodel_name="retention.channel", readonly=True, ondelete="restrict"
    )
    category = fields.Selection(selection=CATEGORIES, required=True, readonly=True)
    verdict = fields.Selection(
        selection=[("deferred", "Put Off"), ("blocked", "Refused")],
        required=True,
        readonly=True,
    )
    until = fields.Datetime(readonly=True, help="Put off until then.")
    reason = fields.Char(required=True, readonly=True)
    cap_id = fields.Many2one(
        comodel_name="retention.cap", readonly=True, ondelete="set null"
    )
    touch_id = fields.Many2one(
        comodel_name="retention.touch", readonly=True, ondelete="set null"
    )
    cause = fields.Selection(
        selection=[
            ("cap", "Contact limit"),
            ("complaint", "Open complaint"),
            ("survey", "Asked not long ago"),
            ("consent", "Consent"),
            ("blacklist", "Blacklist"),
            ("optout", "Unsubscribed"),
            ("wish", "Customer's wish"),
            ("holdout", "Kept for comparison"),
            ("address", "No address"),
            ("twin", "Same address"),
        ],
        readonly=True,
    )
    mailing_id = fields.Many2one(
        comodel_name="mailing.mailing", readonly=True, ondelete="set null"
    )

    res_id = fields.Integer(
        string="Recipient", readonly=True, help="The mailing's own record of it."
    )
    is_waiting = fields.Boolean(
        string="Still Waiting",
        readonly=True,
        help="The mailing will be sent to it as soon as it is allowed.",
    )

    _customer_idx = models.Index("(partner_id, company_id, decided_at)")
    _touch_idx = models.Index("(touch_id) WHERE touch_id IS NOT NULL")
    _mailing_unique = models.UniqueIndex(
        "(mailing_id, res_id) WHERE mailing_id IS NOT NULL",
        "A mailing keeps one answer for each of its recipients.",
    )

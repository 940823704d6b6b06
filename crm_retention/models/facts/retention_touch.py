from odoo import api, fields, models

DIRECTIONS = [("out", "From us"), ("in", "From the customer")]
CATEGORIES = [
    ("transactional", "Transactional"),
    ("service", "Service"),
    ("relationship", "Relationship"),
    ("promotion", "Promotion"),
]
DEPTHS = [
    ("greeting", "Greeting"),
    ("information", "Value Information"),
    ("conversation", "Deep Conversation"),
    ("review", "Strategic Review"),
]
STATES = [
    ("planned", "Planned"),
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("dropped", "No Longer Due"),
]
OUTCOMES = [
    ("reached", "Reached"),
    ("not_reached", "Not Reached"),
    ("answered", "Answered"),
    ("declined", "Declined"),
    ("complained", "Complained"),
    ("bought", "Bought"),
]
ORIGINS = [
    ("manual", "Logged by hand"),
    ("plan", "Contact policy"),
    ("activity", "Activity"),
    ("meeting", "Calendar"),
    ("message", "Mail"),
    ("mailing", "Mass mailing"),
    ("sms", "SMS"),
    ("ticket", "Ticket"),
    ("order", "Purchase"),
    ("import", "Imported"),
]
ANSWERS = ("answered", "declined", "complained", "bought")


class RetentionTouch(models.Model):
    """One contact between the company and a customer, planned or done.

    A done one is a fact, taken in from Odoo's own records exactly once (``key``
    names where it came from) or logged by a person. A planned one is what a policy
    or a person intends; done, it becomes the fact.
    """

    _name = "retention.touch"
    _description = "Customer Contact"
    _order = "done_at desc, due_date, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    person_id = fields.Many2one(
        comodel_name="res.partner",
        string="Person",
        ondelete="set null",
        help="Whom exactly: the customer itself or one of its contacts.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel", required=True, ondelete="restrict"
    )
    direction = fields.Selection(selection=DIRECTIONS, default="out", required=True)
    category = fields.Selection(
        selection=CATEGORIES, default="relationship", required=True
    )
    depth = fields.Selection(selection=DEPTHS)
    state = fields.Selection(selection=STATES, default="planned", required=True)
    due_date = fields.Date(string="Due")
    done_at = fields.Datetime(string="Done on")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Responsible", ondelete="set null"
    )
    outcome = fields.Selection(selection=OUTCOMES)
    note = fields.Text()
    reason = fields.Char(string="Why", help="Why this contact is planned.")
    origin = fields.Selection(selection=ORIGINS, default="manual", required=True)
    key = fields.Char(
        string="Source Key",
        readonly=True,
        copy=False,
        help="Names the record it was taken in from, so that it is taken in once.",
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )
    is_bulk = fields.Boolean(
        string="Bulk",
        help="Mass mailing or notification: counts for the caps, not as contact.",
    )
    is_real = fields.Boolean(
        string="Real Contact",
        compute="_compute_is_real",
        store=True,  # the last one of every customer is looked up by SQL
        help="A personal contact that took place: the interval to the next one "
        "counts from it.",
    )

    _key_unique = models.UniqueIndex(
        "(key, company_id)", "This contact has been taken in before."
    )
    _done_at_needed = models.Constraint(
        "CHECK (state <> 'done' OR done_at IS NOT NULL)",
        "A contact that took place needs its time.",
    )
    _done_idx = models.Index("(partner_id, company_id, done_at) WHERE state = 'done'")
    _planned_idx = models.Index(
        "(company_id, due_date, user_id) WHERE state = 'planned'"
    )

    @api.depends("state", "is_bulk", "outcome", "channel_id")
    def _compute_is_real(self):
        for touch in self:
            touch.is_real = (
                touch.state == "done"
                and not touch.is_bulk
                and touch.outcome != "not_reached"
                and touch.channel_id.is_real
            )

    def _contacts_changed(self):
        """Called with done touches that have just come, changed or gone.

        For later rooms: what they conclude from contacts takes effect at once.
        """

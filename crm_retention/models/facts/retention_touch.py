from odoo import api, fields, models
from odoo.exceptions import UserError

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
    ("onboarding", "Onboarding"),
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
REACTIONS = [
    ("opened", "Opened"),
    ("clicked", "Clicked"),
    ("replied", "Replied"),
    ("bounced", "Bounced"),
]
# what a change of means that later rooms must look again
MATTERS = frozenset(
    {"state", "done_at", "outcome", "channel_id", "partner_id", "direction", "is_bulk"}
)


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
    channel_icon = fields.Char(related="channel_id.icon")
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
    reaction = fields.Selection(
        selection=REACTIONS,
        readonly=True,
        help="What became of a mailing. Opening it alone is no answer.",
    )
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
    # whose customers somebody looks after, for the record rules
    _mine_idx = models.Index("(user_id, partner_id) WHERE state = 'planned'")
    _complained_idx = models.Index("(done_at) WHERE outcome = 'complained'")
    _document_idx = models.Index(
        "(res_id, res_model) WHERE origin IN ('meeting', 'ticket')"
    )
    _person_idx = models.Index("(person_id)")

    @api.depends("state", "is_bulk", "outcome", "channel_id")
    def _compute_is_real(self):
        for touch in self:
            touch.is_real = (
                touch.state == "done"
                and not touch.is_bulk
                and touch.outcome != "not_reached"
                and touch.channel_id.is_real
            )

    @api.model_create_multi
    def create(self, vals_list):
        touches = super().create(vals_list)
        done = touches.filtered(lambda touch: touch.state == "done")
        if done:
            done._contacts_changed()
        return touches

    def write(self, vals):
        was_done = self.filtered(lambda touch: touch.state == "done")
        result = super().write(vals)
        if not MATTERS.isdisjoint(vals):
            done = was_done | self.filtered(lambda touch: touch.state == "done")
            if done:
                done._contacts_changed()
        return result

    def _contacts_changed(self):
        """Called with touches that have just become done, changed, or been undone.

        By create and write, so through the ORM only: the collect step writes by
        SQL, and later steps find its contacts by ``write_date``. For later rooms:
        what they conclude from contacts takes effect at once.
        """

    def action_open_document(self):
        """Open what this contact was taken in from, with the reader's own rights."""
        self.ensure_one()
        document = self.res_model in self.env and self.env[self.res_model].browse(
            self.res_id
        )
        if not document or not document.exists():
            raise UserError(
                self.env._("The document of this contact is no longer there.")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

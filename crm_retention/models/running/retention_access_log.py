from odoo import api, fields, models


class RetentionAccessLog(models.Model):
    """Who took customers' data out of the database, and how much of it.

    Exports of lists, by the screen or by another program, go through one method of
    Odoo's, which notes them here. What is read on the screen Odoo does not tell
    anybody; whoever must know that has to log requests in front of the server.
    """

    _name = "retention.access.log"
    _description = "Export of Customer Data"
    _order = "id desc"
    _rec_name = "model_name"
    _log_access = False

    moment = fields.Datetime(
        string="When", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    model_name = fields.Char(string="What", required=True, readonly=True)
    record_count = fields.Integer(string="Records", readonly=True)
    field_names = fields.Text(
        string="Columns", readonly=True, help="Technical names of what was exported."
    )

    @api.model
    def _note(self, records, names):
        """Note that these records left the database with these columns."""
        # sudo: nobody writes this log but the export itself
        self.sudo().create(
            {
                "model_name": records._name,
                "record_count": len(records),
                "field_names": ", ".join(names),
            }
        )

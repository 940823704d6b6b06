"""What the tests across the addons share."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class AcrossCase(TransactionCase):
    """For tests outside an addon: these must say themselves when they run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {
            "tracking_disable": True,
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
            "no_reset_password": True,
        }
        cls.env = cls.env(context=dict(cls.env.context, **context))
        cls.company = cls.env.company
        cls.env["retention.mark"].search([]).unlink()
        cls.env["retention.run"].search([]).unlink()  # of the day of installation
        cls.program = cls.company.retention_program_ids

    @classmethod
    def run_pass(cls, kind, as_of, company=None, steps=None):
        """Run a pass, or only these steps of it; return its runs."""
        runs = cls.env["retention.run"]._plan(company or cls.company, kind, as_of)
        if steps:
            runs = runs.filtered(lambda run: run.step in steps)
        runs._execute()
        cls.env.invalidate_all()
        return runs

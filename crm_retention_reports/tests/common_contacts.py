from datetime import date, datetime, time

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon


class ContactCommon(RetentionCommon):
    """Contacts, mailings and what the guard said of them, in the main company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Contact = cls.env["retention.month.contact"]
        cls.Reach = cls.env["retention.mailing.reach"]
        # what the demo data left
        for model in (cls.Contact, cls.Reach):
            model.search([("company_id", "=", cls.company.id)]).unlink()
        cls.phone, cls.email = (
            cls.env.ref(f"crm_retention.channel_{code}") for code in ("phone", "email")
        )
        cls.company.retention_conversion_days = 14

    @classmethod
    def make_customers(cls, count, **values):
        """Make customers who bought once, long ago: so there is a profile of each."""
        customers = super().make_customers(count, **values)
        for customer in customers:
            cls.buy(customer, (date(2022, 1, 1), 1))
        return customers

    @classmethod
    def moment(cls, when):
        """Return a moment of ``when``: itself, or nine on a day (or days ago)."""
        if isinstance(when, datetime):
            return when.replace(microsecond=0)
        return datetime.combine(cls.day(when), time(9))

    @classmethod
    def touch(cls, partner, when, **values):
        """Log a contact, a call from us unless said otherwise."""
        return cls.env["retention.touch"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "channel_id": cls.phone.id,
                "state": "done",
                "done_at": cls.moment(when),
                "outcome": "reached",
                **values,
            }
        )

    @classmethod
    def make_mailing(cls, subject, **values):
        return cls.env["mailing.mailing"].create(
            {
                "subject": subject,
                "name": subject,
                "body_html": "<p>New</p>",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "user_id": cls.env.uid,
                **values,
            }
        )

    @classmethod
    def send(cls, mailing, partners, when, status="sent", **trace):
        """Let a mailing have reached these, with a trace of Odoo's and its contact."""
        moment = cls.moment(when)
        traces = cls.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": partner.id,
                    "trace_status": status,
                    "sent_datetime": moment,
                    **trace,
                }
                for partner in partners
            ]
        )
        for partner, each in zip(partners, traces, strict=True):
            cls.touch(
                partner,
                when,
                channel_id=cls.email.id,
                is_bulk=True,
                category="promotion",
                origin="mailing",
                outcome="not_reached" if status == "bounce" else "reached",
                key=f"mailing.trace:{each.id}:{partner.id}",
                res_model="mailing.mailing",
                res_id=mailing.id,
            )

    @classmethod
    def refuse(cls, mailing, partners, when, cause="holdout"):
        cls.env["retention.decision"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "decided_at": cls.moment(when),
                    "channel_id": cls.email.id,
                    "category": "promotion",
                    "verdict": "blocked",
                    "reason": "Test",
                    "cause": cause,
                    "mailing_id": mailing.id,
                    "res_id": partner.id,
                }
                for partner in partners
            ]
        )

    @classmethod
    def measure(cls, kind="full", as_of=TODAY, company=None):
        """Count everything anew, without taking in what other apps hold."""
        return cls.run_pass(kind, as_of, company, steps=("score", "measure"))

    def report(self, name, first="2024-01-01", last="2024-06-30", user=None, **options):
        options |= {"period": "own", "first": first, "last": last}
        report = self.env[name]
        if user:
            report = report.with_user(user)
        return report.get_analysis(options)

    def block(self, page, name):
        return next((each for each in page["blocks"] if each["name"] == name), None)

    def table(self, page, name):
        """Return the rows of a table as dictionaries, without its total."""
        block = self.block(page, name)
        names = [column["name"] for column in block["columns"]]
        return [
            dict(zip(names, row["cells"], strict=True))
            for row in block["rows"]
            if not row["kind"]
        ]

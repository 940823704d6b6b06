from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import caps, satisfaction


class RetentionFeedback(models.Model):
    """What a customer is asked on his own page, and thanked for.

    The page is made with more rights than the customer has: nothing but what these
    methods return gets there.
    """

    _inherit = "retention.feedback"

    @api.model
    def _get_portal_values(self, person, company):
        """Return what is open for this person, and the last answer."""
        # sudo: customers have no rights on feedback; it is this person's own
        rows = self.sudo()
        mine = Domain("person_id", "=", person.id) & Domain(
            "company_id", "=", company.id
        )
        last = rows.search(
            mine & Domain("state", "=", "answered"), order="answered_at desc", limit=1
        )
        happy = last.grade in satisfaction.HIGH
        return {
            "tickets": [
                {
                    "number": row.ticket_id.number,
                    "name": row.ticket_id.name,
                    "url": f"/rate/{row.rating_id.access_token}/5",
                }
                for row in rows.search(
                    mine
                    & Domain("state", "=", "asked")
                    & Domain("ticket_id", "!=", False)
                    & Domain("rating_id.consumed", "=", False)
                )
            ],
            "may_answer": bool(
                rows._find_open_input(person) or rows._may_ask_now(person, company)
            ),
            "answered_at": last.answered_at,
            "referral_url": happy and last._get_referral_urls().get(last),
        }

    @api.model
    def _start_in_portal(self, person, company):
        """Return the address at which this person answers now, or False."""
        rows = self.sudo()  # sudo: as above
        given = rows._find_open_input(person)
        if not given:
            # whoever clicks twice gets one survey, the second click finds it
            self.env["retention.guard"].sudo()._hold(  # sudo: as above
                company, person.commercial_partner_id.ids
            )
            if not rows._may_ask_now(person, company):
                return False
            # sudo: as above
            survey = company.sudo().retention_survey_id
            given = survey._retention_open_inputs(person)
        return given.get_start_url()

    @api.model
    def _find_open_input(self, person):
        """Return the last survey that this person may still answer, if any."""
        now = fields.Datetime.now()
        return self.env["survey.user_input"].search(
            Domain("partner_id", "=", person.id)
            & Domain("state", "!=", "done")
            & Domain("test_entry", "=", False)
            & Domain("survey_id.active", "=", True)
            & Domain("survey_id.question_and_page_ids.retention_kind", "!=", False)
            & (Domain("deadline", "=", False) | Domain("deadline", ">", now)),
            order="id desc",
            limit=1,
        )

    @api.model
    def _may_ask_now(self, person, company):
        """Tell whether the limit on surveys lets the page ask this person."""
        company = company.sudo()  # sudo: which survey, and the company's limits
        survey = company.retention_survey_id
        if not survey.active or not survey.question_ids:
            return False
        channels = self.env["retention.channel"]._get_ids_by_code()
        request = caps.Request(
            customer_id=person.commercial_partner_id.id,
            person_id=person.id,
            channel_id=channels.get("portal"),
            category="transactional",  # he came himself: no other limit holds
            is_survey=True,
        )
        [verdict] = self.env["retention.guard"]._judge(company, [request])
        return verdict.state == caps.ALLOWED

"""What the tests of points share."""

from datetime import date, timedelta

from odoo.addons.crm_retention.tools import points

from .common import TODAY, RetentionCommon


class PointsCommon(RetentionCommon):
    """A program, a customer with an account, and shorthands for postings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Account = cls.env["retention.points.account"]
        cls.Entry = cls.env["retention.points.entry"]
        cls.Award = cls.env["retention.points.award"]
        cls.points = cls.env["retention.points.program"].create(
            {"name": "Stars", "start_date": date(2024, 1, 1)}
        )
        cls.customer = cls.make_customers(1)
        cls.account = cls.account_of(cls.customer)
        cls._keys = iter(range(10**9))

    @classmethod
    def account_of(cls, partner, program=None):
        """Return the account of a customer, opened where it was missing."""
        ids = cls.Account._open(program or cls.points, partner.ids)
        return cls.Account.browse(ids[partner.id])

    @classmethod
    def post(cls, kind, number, account=None, today=TODAY, key=None, **values):
        """Post one change; return the entry."""
        account = account or cls.account
        key = key or f"test:{next(cls._keys)}"
        posting = points.Posting(account.id, key, kind, number, **values)
        ids = cls.Account._post(account.program_id, [posting], today)
        return cls.Entry.browse(ids[key])

    @classmethod
    def earn(cls, number, expires=None, available=None, account=None, **values):
        """Give points; days may be numbers of days after TODAY."""
        return cls.post(
            points.EARN,
            number,
            account,
            expires_on=cls.later(expires),
            available_on=cls.later(available),
            **cls.origin() | values,
        )

    @classmethod
    def redeem(cls, number, **values):
        return cls.post(points.REDEEM, -number, **cls.origin() | values)

    @classmethod
    def origin(cls):
        return {"res_model": "product.product", "res_id": cls.product.id}

    @classmethod
    def reverse(cls, entry, number=None, today=TODAY, key=None, **values):
        """Reverse an entry, or so many of its points."""
        number = abs(number or entry.points) * (1 if entry.points < 0 else -1)
        values.setdefault("may_owe", True)
        return cls.post(
            points.REVERSE,
            number,
            entry.account_id,
            today,
            key,
            reverses_id=entry.id,
            **values,
        )

    @classmethod
    def later(cls, when):
        return TODAY + timedelta(days=when) if isinstance(when, int) else when

    def left(self, *entries):
        """Return what is left of the awards of these entries."""
        return [entry.award_ids.remaining for entry in entries]

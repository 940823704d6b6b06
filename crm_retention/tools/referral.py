"""Who may not be brought in as a friend: not himself, not his own people, not twice."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

SELF, COMPANY, CUSTOMER = "self", "company", "customer"
EMAIL, PHONE, ADDRESS, BANK = "email", "phone", "address", "bank"
DIGITS = 8  # of a telephone number, from its end: with and without country code
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like another
LENGTH = 10


class Person(NamedTuple):
    """What tells people apart, of a customer with all his contacts."""

    emails: frozenset = frozenset()
    phones: frozenset = frozenset()
    addresses: frozenset = frozenset()
    banks: frozenset = frozenset()


def plain_phone(number: str | None) -> str | None:
    """Return the end of a number, or None if it is too short to tell people apart.

    >>> plain_phone("+49 (0)30 1234-5678"), plain_phone("030 12345678")
    ('12345678', '12345678')
    >>> plain_phone("123"), plain_phone(None)
    (None, None)
    """
    digits = re.sub(r"\D", "", number or "")
    return digits[-DIGITS:] if len(digits) >= DIGITS else None


def plain_address(*parts: str | None) -> str | None:
    """Return an address as letters and digits; None where the street is missing.

    >>> plain_address("Main St. 5", "12345", "Zürich")
    'mainst512345zurich'
    >>> plain_address("main st 5", "12345", "ZURICH"), plain_address("", "1", "Rome")
    ('mainst512345zurich', None)
    """
    if not (parts and parts[0] and parts[0].strip()):
        return None
    text = unicodedata.normalize("NFKD", "".join(part or "" for part in parts))
    kept = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[\W_]", "", kept).casefold() or None


def same_person(one: Person, other: Person) -> str | None:
    """Return what two have in common that strangers have not, or None.

    >>> one = Person(frozenset({"a@example.com"}), frozenset({"12345678"}))
    >>> same_person(one, Person(frozenset({"b@example.com"}))) is None
    True
    >>> same_person(one, Person(phones=frozenset({"12345678"})))
    'phone'
    """
    for name, reason in (
        ("emails", EMAIL),
        ("phones", PHONE),
        ("banks", BANK),
        ("addresses", ADDRESS),
    ):
        if getattr(one, name) & getattr(other, name):
            return reason
    return None


def known(values: Iterable) -> frozenset:
    """Return the values that say something.

    >>> sorted(known(["a", None, "", False, "a", "b"]))
    ['a', 'b']
    """
    return frozenset(value for value in values if value)

"""Privacy: what is kept of an address that must not be written to any more."""

import hashlib
import hmac

MAIL, PHONE = "mail", "phone"


def digest(key: str, kind: str, address: str) -> str:
    """Return the fingerprint under which an address is known without being kept.

    With a key of the database: without it the few thousand million telephone numbers
    that exist could simply be tried.

    >>> one = digest("secret", MAIL, "ann@example.com")
    >>> len(one), one == digest("secret", MAIL, "ann@example.com")
    (64, True)
    >>> one == digest("secret", PHONE, "ann@example.com")
    False
    >>> one == digest("another", MAIL, "ann@example.com")
    False

    Addresses are compared as they are kept, so they come normalised:

    >>> one == digest("secret", MAIL, "Ann@example.com")
    False
    >>> "ann" in one
    False
    """
    text = f"{kind}:{address}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()

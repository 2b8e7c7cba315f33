"""Which properties are nobody's to read, by their names, where no `x-sensitive` says it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

WORDS = frozenset(
    {
        *("password", "passwd", "pwd", "passphrase", "secret", "token", "credential"),
        *("credentials", "authorization", "cookie", "session", "apikey", "otp", "pin"),
        *("email", "mail", "phone", "mobile", "tel", "telephone", "fax"),
        *("card", "pan", "cvv", "cvc", "iban", "bic", "account", "ssn", "passport"),
        *("birth", "birthday", "birthdate", "dob", "address", "street", "ip", "latitude"),
        *("longitude", "firstname", "lastname", "surname", "fullname", "username", "iban"),
    }
)
"""Words that a name is looked through for: `customerEmail`, `card_number`, `X-Api-Key`."""

PAIRS = frozenset(
    {
        *(("api", "key"), ("private", "key"), ("access", "key"), ("first", "name")),
        *(("last", "name"), ("full", "name"), ("user", "name"), ("given", "name")),
        *(("family", "name"), ("post", "code"), ("postal", "code"), ("tax", "id"), ("e", "mail")),
    }
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=10_000)
def is_sensitive(name: str) -> bool:
    """Whether a property of this name is masked by default."""
    words = [word.lower() for word in _WORD.findall(name[:200])]
    singular = [word.removesuffix("s") for word in words]
    if any(word in WORDS for word in (*words, *singular)):
        return True
    return any(pair in PAIRS for pair in pairwise(words))

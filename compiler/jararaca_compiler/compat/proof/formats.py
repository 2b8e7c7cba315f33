"""Which formats of texts are checked by a generated class, and a text that surely has each."""

from __future__ import annotations

from jararaca_compiler.schemas import checked_formats
from jararaca_compiler.schemas.checked_formats import FORMATS
from jararaca_compiler.schemas.pattern_texts import FILLER

EXAMPLES = {
    "UUID": "00000000-0000-4000-8000-000000000000",
    "dt.datetime": "2000-01-01T12:00:00Z",
    "dt.date": "2000-01-01",
    "dt.time": "12:00:00Z",
    "dt.timedelta": "P1D",
    "Email": "a@example.com",
    "Uri": "https://example.com/",
    "IPv4Address": "192.0.2.1",
    "IPv6Address": "2001:db8::1",
    "Decimal": "1.5",
}
"""By the type that a format is in Python."""
_ALL_EXAMPLES = frozenset(EXAMPLES.values())
"""Each has one of the formats only."""


def checked(name: object) -> str | None:
    """The type by which a format is checked; None for one that is an annotation only."""
    return FORMATS.get(str(name))


def has_format(name: object, text: str) -> bool | None:
    """Whether a text has a format; None if that is not decided here."""
    kind = checked(name)
    if kind is None or text == EXAMPLES[kind]:
        return True
    if text in _ALL_EXAMPLES:
        return False
    if not text.strip(FILLER):
        return False
    is_long = kind == "dt.timedelta"  # As many days as no Python duration has.
    return True if not is_long and checked_formats.has_format(name, text) else None

"""What texts have in common: formats that all of them keep, and words of a small set."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

FORMAT_AFTER = 10
"""Texts that have to keep a format before it is said."""

ENUM_AFTER, ENUM_EACH, ENUM_MOST = 100, 10, 12
"""Texts in all, and for each of at most twelve words, before they count as all there are."""

LONGEST = 4096
"""Characters of a text that are looked at for a format; a longer one has none."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_EMAIL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


def _is_time(text: str) -> bool:
    return bool(_TIME.fullmatch(text)) and _parses(
        datetime.fromisoformat, text.upper().replace("Z", "+00:00")
    )


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and _parses(date.fromisoformat, text)


def _is_uri(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    return _parses(urlsplit, text) and bool(re.match(r"[a-z][a-z0-9+.-]*://[^/\s]", text))


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_time,
    "date": _is_date,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "uri": _is_uri,
}


@dataclass(slots=True)
class Texts:
    """The texts at one place. Only words are kept, while they are few: they may be an enum."""

    count: int = 0
    formats: set[str] = field(default_factory=lambda: set(FORMATS))
    words: dict[str, int] | None = field(default_factory=dict)

    def add(self, text: str) -> None:
        """One more text."""
        self.count += 1
        if self.formats:
            looked = text if len(text) <= LONGEST else ""
            self.formats = {name for name in self.formats if FORMATS[name](looked)}
        if self.words is not None:
            known = text in self.words or len(self.words) < ENUM_MOST
            if known and _WORD.fullmatch(text):
                self.words[text] = self.words.get(text, 0) + 1
            else:
                self.words = None

    def merge(self, other: Texts) -> None:
        """The texts of another place as well."""
        if other.count == 0:
            return
        self.formats = self.formats & other.formats if self.count else set(other.formats)
        if self.words is not None and other.words is not None:
            for word, number in other.words.items():
                self.words[word] = self.words.get(word, 0) + number
        if other.words is None or (self.words is not None and len(self.words) > ENUM_MOST):
            self.words = None
        self.count += other.count

    def schema(self) -> dict[str, Any]:
        """What is known of them."""
        if self.count >= FORMAT_AFTER and self.formats:
            return {"type": "string", "format": next(f for f in FORMATS if f in self.formats)}
        if (
            self.words is not None
            and self.count >= max(ENUM_AFTER, ENUM_EACH * len(self.words))
            and min(self.words.values()) > 1
        ):
            return {"type": "string", "enum": sorted(self.words)}
        return {"type": "string"}

    def kept(self) -> dict[str, Any]:
        """As JSON, for the next run."""
        return {"count": self.count, "formats": sorted(self.formats), "words": self.words}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Texts:
        """What `kept` wrote."""
        return cls(kept["count"], set(kept["formats"]), kept["words"])

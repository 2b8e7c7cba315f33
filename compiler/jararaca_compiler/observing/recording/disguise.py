"""A value for a value: of the same type, format and length, the same for the same, with a key."""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from collections.abc import Iterator
from typing import Any

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?=$|[Tt ])")
_IPV4 = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_KIND = re.compile(
    r"(tok|sk|pk|rk|cus|card|pm|pi|ch|src|acct|sub|in|whsec|ghp|gho)_((live|test)_)?"
)
"""What says of a token what it is for: no secret, and looked for by who takes it."""
_VALUE_LIKE = re.compile(r"@|[0-9]{3}|\s")
"""What no property's name has, and a map by e-mail addresses or numbers does."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//)?")
_HEX = "0123456789abcdef"


class Disguise:
    """Replaces values: who has no key cannot tell what they were; `attempt` makes others."""

    def __init__(self, key: bytes, attempt: int = 0) -> None:
        self._key = key + attempt.to_bytes(2, "big")

    def value(self, value: Any) -> Any:
        """Another value of the same type; a JSON value within is replaced as well."""
        if isinstance(value, bool):
            return next(self._bytes(f"bool {value}")) % 2 == 0
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int):
            sign = "-" if value < 0 else ""
            return int(sign + self.text(str(abs(value)))) if abs(value) < 10**300 else 0
        if isinstance(value, float):
            return self._number(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.name(name): self.value(item) for name, item in value.items()}
        return value

    def name(self, name: str) -> str:
        """A property's name; one that looks like a value is one."""
        return self.text(name) if _VALUE_LIKE.search(name) else name

    def choice(self, value: Any, among: list[Any]) -> Any:
        """One of several, by the value."""
        return among[next(self._bytes(f"choice {value!r}")) % len(among)] if among else value

    def text(self, text: str) -> str:
        """Letters for letters and digits for digits; what has a format keeps it."""
        if _UUID.fullmatch(text):
            return self._uuid(text)
        if (date := _DATE.match(text)) is not None:
            return self._date(text) + text[date.end() :]
        if _IPV4.fullmatch(text):
            source = self._bytes(text)
            return ".".join(str(next(source)) for _ in range(4))
        scheme = _SCHEME.match(text)
        kind = _KIND.match(text)
        kept = scheme[0] if scheme is not None and "@" not in text else kind[0] if kind else ""
        return kept + self._by_class(text[len(kept) :], text)

    def _by_class(self, text: str, whole: str) -> str:
        source = self._bytes(whole)
        is_number = text.isdigit()
        return "".join(
            self._character(each, next(source), is_first=is_number and at == 0 and len(text) > 1)
            for at, each in enumerate(text)
        )

    @staticmethod
    def _character(each: str, byte: int, *, is_first: bool) -> str:
        if each in string.digits:
            return str(1 + byte % 9) if is_first else str(byte % 10)
        if each in string.ascii_uppercase:
            return string.ascii_uppercase[byte % 26]
        if each.isalpha():
            return string.ascii_lowercase[byte % 26]
        return each

    def _uuid(self, text: str) -> str:
        """The version and the variant stay: they are no secret, and are checked."""
        source = self._bytes(text.lower())
        kept = {8, 13, 14, 18, 19, 23}
        return "".join(
            each if at in kept else _HEX[next(source) % 16] for at, each in enumerate(text)
        )

    def _date(self, text: str) -> str:
        source = self._bytes(text[:10])
        return f"{1950 + next(source) % 70}-{1 + next(source) % 12:02}-{1 + next(source) % 28:02}"

    def _number(self, value: float) -> float:
        """With as many digits before and behind the point."""
        text = repr(value)
        if "e" in text or "n" in text:
            return float(next(self._bytes(text)))
        return float("".join(self._by_class(text, text)))

    def _bytes(self, text: str) -> Iterator[int]:
        """As many bytes as are needed, by the text and the key."""
        block = 0
        while True:
            message = f"{block}:{text}".encode("utf-8", "surrogatepass")
            yield from hmac.new(self._key, message, hashlib.sha256).digest()
            block += 1

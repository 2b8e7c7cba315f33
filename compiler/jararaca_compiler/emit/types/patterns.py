"""ECMA-262 patterns in the words of Rust's `regex`, pydantic's, where they mean the same."""

from __future__ import annotations

import re

_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_"}
_OUTSIDE = {"d": "[0-9]", "w": "[0-9A-Za-z_]", "D": "[^0-9]", "W": "[^0-9A-Za-z_]"}
_SPACE = (
    r"\t\n\x0B\x0C\r \u{A0}\u{1680}\u{2000}-\u{200A}"
    r"\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}"
)
_CONTROLS = "tnrfv"
_SIGNS = re.compile(r"[-^$\\.*+?()\[\]{}|/]")
_QUANTIFIER = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")


def rust_pattern(pattern: str) -> str | None:
    """The same pattern for pydantic; None where only an ECMA-262 engine will do."""
    try:
        translated = _Reader(pattern).read()
        re.compile(pattern)
    except (_UnknownError, re.error, IndexError, OverflowError, RecursionError):
        return None
    return translated


class _UnknownError(Exception):
    """Something whose meaning the two engines may not share."""


class _Reader:
    """One pass over a pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def read(self) -> str:
        """The translation. Raises _UnknownError."""
        parts: list[str] = []
        while self._at < len(self._pattern):
            parts.append(self._next())
        return "".join(parts)

    def _take(self, count: int = 1) -> str:
        found = self._pattern[self._at : self._at + count]
        self._at += count
        return found

    def _next(self) -> str:
        character = self._take()
        if character == "\\":
            return self._escape(self._take(), inside=False)
        if character == "[":
            return self._class()
        if character == "(":
            return self._group()
        if character == ".":
            return r"[^\n\r\u{2028}\u{2029}]"
        if character == "{":
            return self._quantifier()
        if character in "}]":
            raise _UnknownError
        return character

    def _group(self) -> str:
        if self._pattern[self._at : self._at + 1] != "?":
            return "("
        if self._take(2) == "?:":
            return "(?:"
        raise _UnknownError

    def _quantifier(self) -> str:
        found = _QUANTIFIER.match(self._pattern, self._at - 1)
        if found is None:
            raise _UnknownError
        self._at = found.end()
        return found[0]

    def _escape(self, character: str, *, inside: bool) -> str:
        if character in _OUTSIDE and not inside:
            return _OUTSIDE[character]
        if character in _CLASSES and inside:
            return _CLASSES[character]
        if character == "s":
            return _SPACE if inside else f"[{_SPACE}]"
        if character == "S" and not inside:
            return f"[^{_SPACE}]"
        if character and character in _CONTROLS:
            return f"\\{character}"
        if character and _SIGNS.fullmatch(character):
            return character if character == "/" else f"\\{character}"
        found = _HEX.match(self._pattern, self._at - 1)
        if found is None or (found[2] and 0xD800 <= int(found[2], 16) <= 0xDFFF):
            raise _UnknownError
        self._at = found.end()
        return f"\\x{{{found[1] or found[2]}}}"

    def _class(self) -> str:
        parts = ["["]
        if self._pattern[self._at : self._at + 1] == "^":
            parts.append(self._take())
        if self._pattern[self._at : self._at + 1] == "]":
            raise _UnknownError
        while (character := self._take()) != "]":
            if character == "\\":
                following = self._take()
                if following == "b":
                    raise _UnknownError
                parts.append(self._escape(following, inside=True))
            elif not character or character in "[&~":
                if not character:
                    raise _UnknownError
                parts.append(f"\\{character}")
            elif character == "-" and self._pattern[self._at : self._at + 1] == "-":
                raise _UnknownError
            else:
                parts.append(character)
        return "".join(parts) + "]"

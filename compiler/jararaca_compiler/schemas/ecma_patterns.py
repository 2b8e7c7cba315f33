"""Regular expressions as people write them, in the strict syntax of ECMA-262 (its `u` flag)."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(
    r"\\(?:[pPk][{<][^}>]*[}>]|u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|.)|.",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}")
_SYNTAX = frozenset("^$\\.*+?()[]{}|/-")
_CLASS_ESCAPE = re.compile(r"\\[dDwWsSpP]")
_DOUBTFUL = re.compile(r"\(\?[^:=!]|\\[^dDwWsSbBtnrfv^$\\.*+?()\[\]{}|/-]|[*+?}]\+|\{(?!\d)")
"""What Python's syntax takes too, but with another meaning or none in ECMA-262."""


@lru_cache(4096)
def strict_pattern(pattern: str) -> str | None:
    """The same expression in strict syntax; None where no engine for ECMA-262 takes it.

    Browsers, and so many authors, take `[\\w-.]`, `\\@` and a lone `{` for what they look like.
    """
    made = _rewritten(pattern)
    return made if made is not None and _is_valid(made) else None


def _rewritten(pattern: str) -> str | None:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "[":
            end = _end_of_class(pattern, at)
            if end is None:
                return None
            parts.append(_class(pattern[at + 1 : end]))
            at = end + 1
            continue
        quantifier = _QUANTIFIER.match(pattern, at)
        token = quantifier or _TOKEN.match(pattern, at)
        assert token is not None, "every character is a token"
        is_lone = quantifier is None and token[0] in ("{", "}", "]")
        parts.append(f"\\{token[0]}" if is_lone else _unescaped(token[0]))
        at = token.end()
    return "".join(parts)


def _end_of_class(pattern: str, start: int) -> int | None:
    at = start + 1
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at if at < len(pattern) else None


def _class(inner: str) -> str:
    """A class; a hyphen beside `\\w` and its like is no range, and a bracket is a character."""
    if inner in ("", "^"):
        return r"[\s\S]" if inner else "(?!)"
    start = "^" if inner.startswith("^") else ""
    tokens = [token[0] for token in _TOKEN.finditer(inner, len(start))]
    parts: list[str] = []
    for index, token in enumerate(tokens):
        beside = tokens[max(0, index - 1) : index + 2]
        if token == "-" and any(_CLASS_ESCAPE.match(other) for other in beside):
            parts.append(r"\-")
        else:
            parts.append(r"\[" if token == "[" else _unescaped(token))
    return f"[{start}{''.join(parts)}]"


def _unescaped(token: str) -> str:
    """Without the backslash before what needs none."""
    is_escape = len(token) == 2 and token[0] == "\\"
    plain = is_escape and not token[1].isalnum() and token[1] not in _SYNTAX
    return token[1] if plain else token


def _is_valid(pattern: str) -> bool:
    if not _DOUBTFUL.search(pattern):
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            pass
        else:
            return True
    return _engine_takes(pattern)


def _engine_takes(pattern: str) -> bool:
    """Whether the engine that checks messages takes it; imported late, as few need it."""
    import jsonschema_rs

    try:
        jsonschema_rs.validator_for({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True

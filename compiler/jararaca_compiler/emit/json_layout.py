"""JSON values as people like to read them: what fits into a line stands on one."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 100
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value: Any, *, apart: int = 0) -> str:
    """The text, which ends in a line break; so many levels stand apart, even where they fit."""
    return _laid(value, "", 0, apart) + "\n"


def _laid(value: Any, pad: str, used: int, apart: int) -> str:
    """A value behind so many characters of its first line; its other lines begin with `pad`."""
    if not value or not isinstance(value, dict | list):
        return _encoded(value)
    inner = f"{pad} "
    if isinstance(value, dict):
        first, last = "{}"
        entries = [(f"{_encoded(str(key))}: ", item) for key, item in value.items()]
    else:
        first, last = "[]"
        entries = [("", item) for item in value]
    parts = [head + _laid(item, inner, len(inner) + len(head), apart - 1) for head, item in entries]
    if apart <= 0 and _fits(parts, used):
        return first + ", ".join(parts) + last
    between = f",\n{inner}"
    return f"{first}\n{inner}{between.join(parts)}\n{pad}{last}"


def _fits(parts: list[str], used: int) -> bool:
    """Whether the parts stand on one line, with brackets and a comma."""
    length = used + sum(map(len, parts)) + 2 * len(parts) + 1
    return length <= WIDTH and not any("\n" in part for part in parts)

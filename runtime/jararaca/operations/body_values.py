"""`--where FIELD=VALUE`: whether the body of an event has these values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def has_values(body: bytes, where: Sequence[tuple[str, str]]) -> bool:
    """Whether it has all of them: `total.amount` is a field in a field."""
    if not where:
        return True
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return all(_text(_value(whole, path)) == value for path, value in where)


def _value(whole: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(whole, Mapping) or name not in whole:
            return None
        whole = whole[name]
    return whole


def _text(value: Any) -> str:
    """A value as somebody writes it in a shell: a text without quotes, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)

"""The defaults of a message's own properties: what a class has where a value has none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def wrong_default(cls: Any, defaults: dict[str, Any], valid: Iterable[Any]) -> str | None:
    """The first default that is not what the class reads of the schema's, as a sentence.

    One that the class refuses is none, and neither may be one that holds objects.
    """
    waiting = dict(defaults)
    for value in valid if waiting else ():
        absent = [name for name in waiting if isinstance(value, dict) and name not in value]
        for name in absent:
            default = waiting.pop(name)
            reason = _difference(cls, value, name, default)
            if reason is not None:
                return reason
    return None


def _difference(cls: Any, value: dict[str, Any], name: str, default: Any) -> str | None:
    try:
        read = cls.decode(json.dumps({**value, name: default}).encode())
        made = cls.decode(json.dumps(value).encode())
    except Exception:
        return None  # What is refused is told by `_disagreement`, or is no default.
    field = next((n for n, f in type(made).model_fields.items() if (f.alias or n) == name), None)
    if field is None:
        return None
    expected, found = getattr(read, field), getattr(made, field)
    if found == expected or (found is None and "{" in json.dumps(default)):
        return None
    return f"{json.dumps(name)} is {found!r:.100} by default, and should be {expected!r:.100}"

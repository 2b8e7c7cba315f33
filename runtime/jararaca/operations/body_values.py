"""`--where FIELD=VALUE`: whether the body of an event has these values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jararaca.contract import headers
from jararaca.contract.expressions import location
from jararaca.transport import Delivery


def has_values(body: bytes, where: Sequence[tuple[str, str]]) -> bool:
    """Whether it has all of them: `total.amount` is a field in a field."""
    if not where:
        return True
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return all(_text(_value(whole, path)) == value for path, value in where)


def asked_of_broker(
    filter_by: str | None, where: Sequence[tuple[str, str]], end: Delivery
) -> tuple[str, ...]:
    """The filter values to ask a stream for, where `where` names what it is filtered by.

    The value of `end` is among them: what comes last says that all has come.
    """
    place = None if filter_by is None else location(filter_by)
    if place is None or place.part != "payload":
        return ()
    wanted = [value for path, value in where if tuple(path.split(".")) == place.steps]
    last = end.theirs.get(headers.FILTER_VALUE)
    if not wanted:
        return ()
    return tuple({*wanted, *([last] if isinstance(last, str) else [])})


def _value(whole: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(whole, Mapping) or name not in whole:
            return None
        whole = whole[name]
    return whole


def _text(value: Any) -> str:
    """A value as somebody writes it in a shell: a text without quotes, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)

"""What is wrong with one message, by the schema of its body, its headers and its topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jararaca_compiler.listening.heard import OURS
from jararaca_compiler.observing.body import NoJson
from jararaca_compiler.observing.contract import ObservedChannel, ObservedMessage
from jararaca_compiler.observing.places import Places, child, instance_place

Violation = tuple[str, str]
"""Where, and the keyword of JSON Schema that it violates; never a value."""

MOST_REASONS = 20
"""Reasons that are looked for in one message."""

BODY = "body"

_LOCATION = "$message.payload#/"


def violations(
    message: ObservedMessage,
    channel: ObservedChannel,
    key: str,
    headers: Mapping[str, Any],
    body: Any,
) -> list[Violation]:
    """All that is wrong, each once; `body` is its JSON value, or why it has none."""
    found: dict[Violation, None] = {}
    if isinstance(body, NoJson):
        found[BODY, body.reason] = None
    elif message.validator is not None:
        found.update(dict.fromkeys(_of_value(message.validator, body, message.places)))
    if message.headers is not None:
        theirs = {name: each for name, each in headers.items() if not name.startswith(OURS)}
        wrong = _of_value(message.headers, theirs, {})
        found.update(dict.fromkeys((_header(place), reason) for place, reason in wrong))
    found.update(dict.fromkeys(_of_topic(channel, key, body)))
    return list(found)[:MOST_REASONS]


def _header(place: str) -> str:
    return "headers" if place == BODY else f"headers.{place}"


def _of_value(validator: Any, value: Any, places: Places) -> Iterator[Violation]:
    try:
        if validator.is_valid(value):
            return
        found = list(islice(validator.iter_errors(value), MOST_REASONS))
    except (ValueError, TypeError, OverflowError):
        yield BODY, "unreadable"  # An integer that the validator has no type for, or an octet.
        return
    for error in found:
        yield from _of_error(error, places)


def _of_error(error: Any, places: Places) -> Iterator[Violation]:
    """One error; a missing or an undeclared property is told at its own place."""
    at = instance_place(places, list(error.instance_path))
    kind = error.kind
    reason = str(kind.name)
    if reason == "required":
        yield child(at, str(kind.property)), reason
    elif reason in ("additionalProperties", "unevaluatedProperties"):
        for name in kind.unexpected:
            yield child(at, str(name)), reason
    else:
        yield at or BODY, reason


def _of_topic(channel: ObservedChannel, key: str, body: Any) -> Iterator[Violation]:
    matched = channel.pattern.fullmatch(key)
    if matched is None:
        return
    values = dict(zip(channel.names, matched.groups(), strict=False))
    for parameter in channel.parameters:
        value = values.get(parameter.name)
        if value is None:
            continue
        if parameter.enum and value not in parameter.enum:
            yield f"topic.{parameter.name}", "enum"
        elif parameter.location is not None and not _is_there(parameter.location, value, body):
            yield f"topic.{parameter.name}", "location"


def _is_there(location: str, value: str, body: Any) -> bool:
    """Whether the payload has the value of a parameter where the document says."""
    if not location.startswith(_LOCATION) or isinstance(body, NoJson):
        return True
    for step in location.removeprefix(_LOCATION).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(body, dict) or name not in body:
            return True
        body = body[name]
    text = str(body).lower() if isinstance(body, bool) else str(body)
    return isinstance(body, dict | list) or text == value

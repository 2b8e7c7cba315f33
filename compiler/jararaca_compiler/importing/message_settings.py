"""What a message class says of how it is published, as documents say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BINDING = {
    "MESSAGE_MANDATORY": "mandatory",
    "MESSAGE_PRIORITY": "priority",
    "MESSAGE_EXPIRATION": "expiration",
    "MESSAGE_USER_ID": "userId",
    "MESSAGE_REPLY_TO": "x-reply-to",
}
_TRANSIENT = 1
_JSON = "application/json"
_DEAD_LETTER = "dead-letter"


def parameters_of(kind: type[Any]) -> Mapping[str, Mapping[str, Any]]:
    """What is said of the topic's parameters: their values, and where the message has them."""
    listed = getattr(kind, "MESSAGE_PARAMETERS", {})
    located = getattr(kind, "MESSAGE_LOCATIONS", {})
    return {
        name: {
            **({"enum": list(listed[name])} if name in listed else {}),
            **({"location": located[name]} if name in located else {}),
        }
        for name in (*listed, *located)
    }


def binding_of(kind: type[Any]) -> Mapping[str, Any]:
    """The AMQP binding of the operation that sends it."""
    said = {key: getattr(kind, name, None) for name, key in _BINDING.items()}
    found = {key: value for key, value in said.items() if value is not None}
    if getattr(kind, "MESSAGE_PERSISTENT", True) is False:
        found["deliveryMode"] = _TRANSIENT
    return found


def notes_of(kind: type[Any]) -> Mapping[str, Any]:
    """What stands in the message itself: how its body is written, what it is correlated by."""
    found: dict[str, Any] = {}
    content_type = getattr(kind, "MESSAGE_CONTENT_TYPE", _JSON)
    if content_type != _JSON:
        found["contentType"] = content_type
    location = getattr(kind, "MESSAGE_CORRELATION_ID", None)
    if location is not None:
        found["correlationId"] = {"location": location}
    on_invalid = getattr(kind, "MESSAGE_ON_INVALID", _DEAD_LETTER)
    if on_invalid != _DEAD_LETTER:
        found["x-on-invalid"] = on_invalid
    return found

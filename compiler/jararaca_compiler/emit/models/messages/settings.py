"""What a message class says about how it is published: its `MESSAGE_...` settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.python.formatting import literal, statement, string

TRANSIENT = 1
"""AMQP's delivery mode of a message that need not outlive the broker."""

_UNSET = {
    "MESSAGE_TYPE": string("event"),
    "MESSAGE_EXCHANGE": "None",
    "MESSAGE_QUEUE": "None",
    "MESSAGE_MANDATORY": "None",
    "MESSAGE_PRIORITY": "None",
    "MESSAGE_REPLY_TO": "None",
    "MESSAGE_EXPIRATION": "None",
    "MESSAGE_PERSISTENT": "True",
    "MESSAGE_USER_ID": "None",
    "MESSAGE_PARAMETERS": "{}",
    "MESSAGE_LOCATIONS": "{}",
    "MESSAGE_PARTITIONS": "None",
    "MESSAGE_FILTER_BY": "None",
}
"""What the runtime's base class has, for what a channel leaves out that an earlier one sets."""


_ANNOTATED = {
    "MESSAGE_PARAMETERS": "ClassVar[Mapping[str, list[str]]]",
    "MESSAGE_LOCATIONS": "ClassVar[Mapping[str, str]]",
}
"""What is mutable in a class says that it is the class's."""


def settings_text(message: ir.Message) -> str:
    """The settings of a message's class; those of a WebSocket's message are its name."""
    if message.kind == "websocket":
        return _name(message)
    settings = _of_message(message)
    lines = [_line(key, value) for key, value in settings.items()]
    lines.insert(2 if "MESSAGE_TYPE" in settings else 1, _name(message))
    return "".join(lines)


def place_settings(message: ir.Message, place: ir.Place) -> str:
    """What the class of a further channel says otherwise than the message's own."""
    own, there = _routing(message), _routing(place)
    every = dict.fromkeys([*own, *there])
    values = {key: there.get(key, _UNSET.get(key, "None")) for key in every}
    before = {key: own.get(key, _UNSET.get(key, "None")) for key in every}
    lines = [_setting(key, value) for key, value in values.items() if value != before[key]]
    return "".join([*lines, statement(f"MESSAGE_NAME = {string(message.wire_name)}", 4)])


def _setting(key: str, value: str) -> str:
    """A line; to mypy what the message's own class sets is never None."""
    if value == "None":
        return f"    {key} = None  # type: ignore[assignment]\n"
    return _line(key, value)


def _line(key: str, value: str) -> str:
    if key in _ANNOTATED:
        return f"    {key}: {_ANNOTATED[key]} = {value}\n"  # Laid out already.
    return statement(f"{key} = {value}", 4)


def _of_message(message: ir.Message) -> Mapping[str, str]:
    settings = _routing(message)
    if message.content_type != "application/json":
        settings["MESSAGE_CONTENT_TYPE"] = string(message.content_type)
    if message.encoding is not None:
        settings["MESSAGE_ENCODING"] = _encoding(message.encoding)
    if message.replies:
        names = ", ".join(string(wire_name) for _, wire_name in message.replies)
        only = "," if len(message.replies) == 1 else ""
        settings["MESSAGE_REPLIES"] = f"({names}{only})"
    if message.on_invalid is not None:
        settings["MESSAGE_ON_INVALID"] = string(message.on_invalid)
    if message.correlation_id is not None:
        settings["MESSAGE_CORRELATION_ID"] = string(message.correlation_id)
    return {key: settings[key] for key in _ORDER if key in settings}


def _routing(place: ir.Message | ir.Place) -> dict[str, str]:
    """What depends on the channel, and on the operation that sends there."""
    asked = place.publishing
    found = {
        "MESSAGE_TOPIC": string(place.topic),
        "MESSAGE_TYPE": string(place.kind) if place.kind != "event" else None,
        "MESSAGE_EXCHANGE": _text(place.exchange),
        "MESSAGE_QUEUE": _text(place.queue),
        "MESSAGE_MANDATORY": (
            str(place.mandatory) if place.mandatory != (place.kind == "task") else None
        ),
        "MESSAGE_PRIORITY": None if asked.priority is None else str(asked.priority),
        "MESSAGE_REPLY_TO": _text(asked.reply_to),
        "MESSAGE_EXPIRATION": None if asked.expiration is None else str(asked.expiration),
        "MESSAGE_PERSISTENT": "False" if asked.delivery_mode == TRANSIENT else None,
        "MESSAGE_USER_ID": _text(asked.user_id),
        "MESSAGE_PARAMETERS": _mapping(
            "MESSAGE_PARAMETERS", {p.name: list(p.enum) for p in place.parameters if p.enum}
        ),
        "MESSAGE_LOCATIONS": _mapping(
            "MESSAGE_LOCATIONS", {p.name: p.location for p in place.parameters if p.location}
        ),
        "MESSAGE_PARTITIONS": None if place.partitions is None else str(place.partitions.count),
        "MESSAGE_FILTER_BY": _text(place.filter_by),
    }
    return {key: value for key, value in found.items() if value is not None}


_ORDER = (
    "MESSAGE_TOPIC",
    "MESSAGE_TYPE",
    "MESSAGE_EXCHANGE",
    "MESSAGE_QUEUE",
    "MESSAGE_MANDATORY",
    "MESSAGE_CONTENT_TYPE",
    "MESSAGE_ENCODING",
    "MESSAGE_PRIORITY",
    "MESSAGE_REPLY_TO",
    "MESSAGE_REPLIES",
    "MESSAGE_EXPIRATION",
    "MESSAGE_PERSISTENT",
    "MESSAGE_USER_ID",
    "MESSAGE_PARAMETERS",
    "MESSAGE_LOCATIONS",
    "MESSAGE_PARTITIONS",
    "MESSAGE_FILTER_BY",
    "MESSAGE_CORRELATION_ID",
    "MESSAGE_ON_INVALID",
)


def _mapping(key: str, value: Mapping[str, Any]) -> str | None:
    return literal(value, 4, len(f"    {key}: {_ANNOTATED[key]} = ")) if value else None


def _encoding(encoding: ir.Encoding) -> str:
    arguments = [string(encoding.schema), *([string(encoding.root)] if encoding.root else [])]
    return f"{encoding.language.capitalize()}Encoding({', '.join(arguments)})"


def _text(value: str | None) -> str | None:
    return None if value is None else string(value)


def _name(message: ir.Message) -> str:
    """What it is called on the wire, where that is not what it is called in Python."""
    wire_name = message.wire_name or message.name
    if wire_name == message.class_name:
        return ""
    return statement(f"MESSAGE_NAME = {string(wire_name)}", 4)

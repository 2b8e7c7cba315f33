"""What a published message says besides, so that it compiles to the same class again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.lower.message_names import CLASS_NAME
from jararaca_compiler.naming import class_name


def message_extras(service: ir.Service, keys: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """By name each message's extensions; `keys` are the messages' in the published document."""
    counts = Counter(class_name(key) for key in keys.values())
    found: dict[str, dict[str, Any]] = {}
    for message in service.messages:
        made: dict[str, Any] = {}
        called = class_name(keys[message.name])
        if _is_of_one_kind(message, service.channels):
            made["x-message-type"] = message.kind
        if called != message.class_name or counts[called] > 1:
            made[CLASS_NAME] = message.class_name
        if message.deprecated:
            made["x-deprecated"] = True
        found[message.name] = made
    return found


def _is_of_one_kind(message: ir.Message, channels: tuple[ir.Channel, ...]) -> bool:
    """Whether it is the same on all of its channels: else each of them says what it is there."""
    on = {(c.is_websocket, c.is_queue) for c in channels if message.name in c.messages}
    return len(on) < 2 and all(each.kind == message.kind for each in message.elsewhere)

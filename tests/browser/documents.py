"""Documents of many messages, for the tests of the pages."""

from __future__ import annotations

from typing import Any


def large(messages: int) -> dict[str, Any]:
    """A document with a message on each of many topics, each with a group of its own."""
    channels = {
        f"c{n}": {
            "address": f"area{n % 36}.thing{n}.changed",
            "messages": {f"Thing{n}Changed": {"tags": [{"name": f"area{n % 12}"}], "payload": {}}},
        }
        for n in range(messages)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Large", "version": "1"},
        "channels": channels,
        "operations": {
            f"on{n}": {"action": "receive", "channel": {"$ref": f"#/channels/c{n}"}}
            for n in range(messages)
        },
    }


LONG = "N" + "a" * 119
RIGHT = "הזמנה נרשמה (v2.0) في المتجر"


def strange() -> dict[str, Any]:
    """Names of 120 letters without a place to break, from right to left, and of markup."""
    payload = {
        "type": "object",
        "properties": {LONG: {"description": f"{RIGHT} <i>x</i>", "enum": [LONG]}, RIGHT: {}},
    }
    message = {"title": RIGHT, "description": f"<b>{LONG}</b>", "payload": payload}
    tags = [{"name": LONG}, {"name": RIGHT}]
    channel = {"address": LONG, "title": RIGHT, "messages": {LONG: {**message, "tags": tags}}}
    on = {"action": "receive", "channel": {"$ref": f"#/channels/{LONG}"}, "title": LONG}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": RIGHT, "version": "1", "description": f"<script>{LONG}</script> {RIGHT}"},
        "channels": {LONG: channel},
        "operations": {LONG: on},
    }

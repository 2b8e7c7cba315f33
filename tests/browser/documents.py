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

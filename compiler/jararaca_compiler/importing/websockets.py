"""Messages to and from WebSocket clients that are written by hand: read by what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

OURS = "jararaca."


def sockets_of(modules: Iterable[ModuleType]) -> Iterator[type[Any]]:
    """The WebSocket messages that modules define, or import to send them."""
    for module in modules:
        for value in list(vars(module).values()):
            if is_socket(value) and not value.__module__.startswith(OURS):
                yield value


def is_socket(value: Any) -> bool:
    """Whether it is a class whose objects are frames to clients, and no message of a broker."""
    return (
        isinstance(value, type)
        and hasattr(value, "model_json_schema")
        and callable(getattr(value, "frame", None))
        and not hasattr(value, "MESSAGE_TOPIC")
    )


def received_of(application: Any) -> tuple[type[Any], ...]:
    """The messages of clients that an application names, `WebSockets(receives=[...])`."""
    integrations = getattr(application, "integrations", ())
    known = [getattr(each, "known", None) for each in integrations]
    return tuple(
        kind
        for each in known
        if isinstance(each, dict)
        for kind in each.values()
        if is_socket(kind)
    )

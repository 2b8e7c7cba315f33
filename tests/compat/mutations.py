"""Documents with one of their parts changed, as a person might change it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[Any, Any]
"""A container, and a key or an index of it."""
TYPES = ("string", "integer", "number", "boolean", "object", "array", "null", ["string", "null"])
_CHOICES: dict[str, tuple[Any, ...]] = {
    "type": TYPES,
    "format": ("uuid", "date", "order-number", "int32"),
    "action": ("send", "receive"),
    "is": ("queue", "routingKey"),
    "schemaFormat": (
        "application/schema+json;version=draft-07",
        "application/schema+json;version=2020-12",
        "application/vnd.oai.openapi;version=3.0.0",
        "application/vnd.apache.avro;version=1.9.0",
        "application/x-unknown",
    ),
    "contentType": ("application/json", "application/cbor", "text/plain"),
    "location": ("$message.header#/c", "$message.payload#/id", "$message.payload#/site"),
    "protocol": ("amqp", "amqps", "ws", "kafka"),
    "x-handlers": ("one", "each"),
    "messageType": ("a", "goods.moved"),
    "discriminator": ("kind", "sort"),
    "by": ("$message.payload#/country", "$message.payload#/order/line", "$message.payload#/c"),
    "filter-by": ("$message.payload#/country", "$message.payload#/order/id", None),
    "max-age": ("7d", "12h", None),
    "max-bytes": ("2GB", "600MB", None),
}
_ADDED: tuple[tuple[str, Any], ...] = (
    *(("default", value) for value in ("x", 1, None, True)),
    *(("title", "Called"), ("description", "D"), ("deprecated", True), ("nullable", True)),
    *(("enum", ["a", "b"]), ("const", "a"), ("minimum", 1), ("maxLength", 3), ("pattern", "^a")),
    *(("additionalProperties", False), ("additionalProperties", {"type": "integer"})),
    *(("required", ["a"]), ("required", ["customer"]), ("format", "date-time"), ("type", "object")),
    *(("name", "other"), ("x-service", "called"), ("x-message-type", "task"), ("x-version", 2)),
    *(("contentType", "text/plain"), ("summary", "S"), ("x-message-topic", "a.b")),
    *(("x-schedule", {"every": "5m"}), ("correlationId", {"location": "$message.header#/c"})),
    *(("headers", {"type": "object", "properties": {"z": {"type": "string", "default": "q"}}}),),
    *(("bindings", {"amqp": {"is": "queue", "queue": {"name": "q"}}}),),
    *(("bindings", {"amqp": {"expiration": 5}}), ("messages", []), ("examples", [])),
    *(("bindings", {"ws": {}}), ("bindings", {"amqp": {"is": "routingKey", "exchange": {}}})),
    *(("bindings", {"amqp": {"messageType": "z", "contentEncoding": "gzip"}}), ("tags", [])),
    *(("traits", [{"bindings": {"amqp": {"priority": 9, "mandatory": True}}}]), ("security", [])),
    *(("traits", [{"headers": {"type": "object", "required": ["z"]}}]), ("servers", [])),
    *(("traits", [{"name": "traited", "contentType": "text/plain"}]), ("x-handlers", "one")),
    *(("parameters", {"site": {"enum": ["x"]}}), ("x-class-name", "Called"), ("address", "a.b")),
    *(("arguments", {"x-max-length": 1}), ("x-queue-type", "classic"), ("priority", 7)),
    *(("location", "$message.payload#/id"), ("protocol", "ws"), ("replyTo", "r"), ("ack", False)),
    *(("x-partitions", {"count": 2, "by": "$message.payload#/country"}), ("x-stream", {})),
    *(("x-partitions", {"by": "$message.payload#/country"}), ("x-stream", {"max-age": "1h"})),
    *(("x-stream", {"max-bytes": "2GB", "filter-by": "$message.payload#/country"}),),
)


def places(value: Any) -> Iterator[Place]:
    """Every container with every key of it."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def mutated(root: Any, chance: random.Random) -> Any:
    """The document with one part dropped, changed, added, renamed or taken from elsewhere."""
    root = copy.deepcopy(root)
    found = list(places(root))
    container, key = chance.choice(found)
    chance.choice(_WAYS)(container, key, found, chance)
    return root


Way = Callable[[Any, Any, list[Place], random.Random], None]


def _drop(container: Any, key: Any, found: list[Place], chance: random.Random) -> None:
    del container[key]


def _change(container: Any, key: Any, found: list[Place], chance: random.Random) -> None:
    value = container[key]
    if key in _CHOICES:
        container[key] = chance.choice(_CHOICES[key])
    elif isinstance(value, bool):
        container[key] = not value
    elif isinstance(value, int | float):
        container[key] = value + chance.choice((-1, 1))
    elif isinstance(value, str):
        container[key] = _text(key, value, found, chance)
    elif isinstance(value, dict):
        _add(container, key, found, chance)
    elif isinstance(value, list):
        _relist(value, chance)


def _text(key: Any, value: str, found: list[Place], chance: random.Random) -> str:
    if key == "$ref":
        refs = sorted({str(c[k]) for c, k in found if k == "$ref"})
        alike = [r for r in refs if r.rpartition("/")[0] == value.rpartition("/")[0]]
        return chance.choice(alike or refs)
    return f"{value}.x" if key == "address" else f"{value}x"


def _relist(value: list[Any], chance: random.Random) -> None:
    what = chance.random()
    if value and what < 0.5:
        value.pop(chance.randrange(len(value)))
    elif value and isinstance(value[0], str):
        value.append(f"{value[0]}y")
    elif what < 0.8:
        value.reverse()
    else:
        value.append({"type": chance.choice(TYPES)})


def _add(container: Any, key: Any, found: list[Place], chance: random.Random) -> None:
    value = container[key]
    if isinstance(value, dict):
        name, more = chance.choice(_ADDED)
        value[name] = copy.deepcopy(more)


def _rename(container: Any, key: Any, found: list[Place], chance: random.Random) -> None:
    if isinstance(container, dict) and isinstance(key, str):
        container[f"{key}x"] = container.pop(key)


def _take(container: Any, key: Any, found: list[Place], chance: random.Random) -> None:
    """Put what stands elsewhere under the same key here, or add it under its own."""
    others = [place for place in found if place[1] == key] if chance.random() < 0.5 else found
    other, there = chance.choice(others)
    if chance.random() < 0.3 and isinstance(container[key], dict) and isinstance(there, str):
        container[key][there] = copy.deepcopy(other[there])
    else:
        container[key] = copy.deepcopy(other[there])


_WAYS: tuple[Way, ...] = (_drop, _change, _change, _add, _add, _rename, _take)

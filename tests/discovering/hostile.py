"""What strangers put on a bus: odd bodies, envelopes and topics, each with why it is odd."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

from jararaca_compiler.listening.heard import HeardMessage

from tests.discovering.discovered import heard

EACH = 120
CONTROL = "".join(map(chr, range(1, 32)))


def json_bodies() -> dict[str, Any]:
    """Bodies that are JSON, by topic."""
    return {
        "scalar.number": 7,
        "scalar.text": "text",
        "scalar.null": None,
        "scalar.true": True,
        "scalar.float": 1.5e300,
        "array.numbers": [1, 2, 3],
        "array.mixed": [1, "a", None, {"a": 1}],
        "array.empty": [],
        "object.empty": {},
        "object.nameless": {"": 1, " ": 2},
        "object.control": {CONTROL: 1, "a\u2028b": 2, "\u202e": 3},
        "object.keywords": {"class": 1, "def": 2, "self": 3, "model_config": 4, "None": 5},
        "object.methods": {"publish": 1, "encode": 2, "decode": 3, "copy": 4, "json": 5},
        "object.dunder": {"__class__": 1, "_private": 2, "MESSAGE_TOPIC": 3, "$ref": "x"},
        "object.schema": {"type": "object", "properties": {"a": 1}, "required": ["a"]},
        "object.clash": {"fooBar": 1, "foo_bar": 2, "foo-bar": 3, "FooBar": 4, "foo bar": 5},
        "object.digits": {"1a": 1, "2b": 2, "-": 3},
        "object.long": {"n" * 3000: 1},
        "object.big": {"n": 10**400, "m": -(10**30), "f": 1e-320},
        "object.emoji": {"😀": {"ключ": [{"値": 1}]}},
        "object.quotes": {"a\"b'c\\d\n": 1, "{x}": 2, "`": 3, "${jndi}": 4, "\x7f": 5},
        "object.yaml": {"yes": 1, "null": 2, "~": 3, "1": "a", "a: b": 4, "- c": 5, "# d": 6},
        "object.wide": {f"name{n}": n for n in range(500)},
        "object.deep": _deep(60),
    }


def _deep(depth: int) -> Any:
    made: Any = 1
    for _ in range(depth):
        made = {"a": [made], "b": 1}
    return made


def topics() -> list[str]:
    """Routing keys that are no usual ones; AMQP takes any 255 octets."""
    return [
        ".",
        "a..b",
        "..",
        "with space.x",
        "a/b/c",
        "{braces}.{a}",
        "}{",
        "*.x",
        "#",
        CONTROL,
        "quo\"te'd",
        "ünï.cödé",
        "x" * 255,
        ".".join("y" * 127),
        "$ref",
        "null",
        "true",
        "self.class",
        "a~1b.c~0d",
        "%2F.%00",
    ]


def envelopes() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Frameworks' envelopes, by topic."""
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.shop.paid"}
    yield (
        "ce.structured",
        {**event, "data": {"n": 1}},
        {"content_type": "application/cloudevents+json"},
    )
    binary = {f"cloudEvents:{name}": value for name, value in event.items()}
    yield "ce.binary", {"n": 1}, {"headers": binary, "content_type": "application/json"}
    yield (
        "masstransit",
        {"messageId": "1", "messageType": ["urn:message:Shop:Paid"], "message": {"n": 1}},
        {"content_type": "application/vnd.masstransit+json"},
    )
    yield (
        "nservicebus",
        {"n": 1},
        {"headers": {"NServiceBus.EnclosedMessageTypes": "Shop.Paid, Shop, Version=1"}},
    )
    celery = {"task": "t.pay", "id": "1", "args": [1], "kwargs": {}, "retries": 0}
    yield "tasks.of.celery.one", celery, {}
    told = {"task": "t.pay2", "id": "1", "lang": "py"}
    yield "tasks.of.celery.two", [[1], {}, {"callbacks": None}], {"headers": told}
    yield "odd.type", {"n": 1}, {"type": "\x00\x1b[31m{x} class 😀" * 5}
    yield "odd.type.long", {"n": 1}, {"type": "t" * 255}
    yield "odd.headers", {"n": 1}, {"headers": {"a": {"b": {"c": [1, b"\xff"]}}, "": 1, "x\n": "y"}}
    yield "odd.app", {"n": 1}, {"app_id": "\x1b[2J😀" * 9}
    yield "odd.field", {"type": "../../etc/passwd", "n": 1}, {}
    yield "wrong.told", {"n": 1}, {"content_type": "text/plain"}


def octets() -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Bodies that are no JSON, or do not say so."""
    yield "no.json", b"{'a': 1}", {"content_type": "application/json"}
    yield "no.utf8", b'{"a": "\xff\xfe"}', {}
    yield "no.nan", b'{"a": NaN, "b": Infinity}', {}
    yield "ndjson", b'{"a":1}\n{"a":2}\n', {"content_type": "application/x-ndjson"}
    yield "bom", b'\xef\xbb\xbf{"a":1}', {}
    yield "utf16", '{"a":1}'.encode("utf-16"), {}
    yield "empty", b"", {"content_type": "application/json"}
    yield "no.surrogate", b'{"\\ud800": 1, "ok": "\\udfff"}', {}
    yield "twice", b'{"a":1,"a":2}', {}
    yield "gzip.json", gzip.compress(b'{"a":1}'), {"content_encoding": "gzip"}
    yield "gzip.untold", gzip.compress(b'{"a":1}'), {}
    yield "gzip.bomb", gzip.compress(b"[" + b"0," * 20_000_000 + b"0]"), {
        "content_encoding": "gzip"
    }
    yield "gzip.broken", gzip.compress(b'{"a":1}')[:-9], {"content_encoding": "gzip"}
    yield "deflate", zlib.compress(b'{"a":1}'), {"content_encoding": "deflate"}
    yield "avro", b"Obj\x01\x04abc", {}
    yield "registry", b"\x00\x00\x00\x00\x07\x02\xff", {"content_type": "application/avro"}
    yield "protobuf", b"\x08\x96\x01", {"content_type": "application/x-protobuf"}
    yield "pickle", b"\x80\x04K\x01.", {}
    yield "huge", b'"' + b"x" * 30_000_000 + b'"', {}
    yield "brackets", b"[" * 500_000, {}


def traffic() -> Iterator[HeardMessage]:
    """All of it, each as often as makes a required field but for what is large."""
    for topic, value in json_bodies().items():
        yield from [heard(topic, json.dumps(value).encode())] * EACH
    for topic in topics():
        yield from [heard(topic, {"a": 1})] * EACH
    for topic, value, properties in envelopes():
        yield from [heard(topic, value, **properties)] * EACH
    for topic, body, properties in octets():
        yield from [heard(topic, body, **properties)] * (1 if len(body) > 10_000 else EACH)
    for number in range(10_000):
        yield heard(f"flood.t{number}x.y", {"a": number})

"""Messages are called as their publishers call them, whatever framework wrapped them."""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from typing import Any

import pytest
from jararaca_compiler.discovering.contents import content_of

from tests.discovering.discovered import discovered, heard


def told(value: Any, **properties: Any) -> dict[str, Any]:
    """The only message of a document."""
    document = discovered([heard("a.b", value, **properties)]).document
    [message] = document["components"]["messages"].values()
    found: dict[str, Any] = message
    return found


ENVELOPES: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "type": ({"a": 1}, {"type": "orderPlaced"}, "orderPlaced", "type"),
    "header": ({"a": 1}, {"headers": {"__TypeId__": "com.shop.Placed"}}, "Placed", "header"),
    "CloudEvents": (
        {"specversion": "1.0", "type": "com.shop.placed", "source": "/s", "id": "1", "data": {}},
        {},
        "com.shop.placed",
        "CloudEvents' type",
    ),
    "CloudEvents, in headers": (
        {"a": 1},
        {"headers": {"cloudEvents:type": "shop.placed"}},
        "shop.placed",
        "header cloudEvents:type",
    ),
    "MassTransit": (
        {"messageId": "1", "messageType": ["urn:message:Shop:OrderPlaced"], "message": {"a": 1}},
        {"content_type": "application/vnd.masstransit+json"},
        "OrderPlaced",
        "messageType",
    ),
    "NServiceBus": (
        {"a": 1},
        {"headers": {"NServiceBus.EnclosedMessageTypes": "Shop.OrderPlaced, Shop, Version=1"}},
        "OrderPlaced",
        "header",
    ),
    "Celery 2": (
        [[1], {}, {"callbacks": None}],
        {"headers": {"task": "shop.pay", "id": "1", "lang": "py"}},
        "shop.pay",
        "header task",
    ),
    "dramatiq": (
        {"queue_name": "q", "actor_name": "pay", "args": [], "kwargs": {}, "options": {}},
        {},
        "pay",
        "actor_name",
    ),
    "taskiq": (
        {"task_id": "1", "task_name": "shop:pay", "labels": {}, "args": [], "kwargs": {}},
        {},
        "shop:pay",
        "task_name",
    ),
    "": ({"event": "placed", "a": 1}, {}, "placed", "field event"),
}


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_message_is_named_by_what_its_publisher_says(envelope: str) -> None:
    value, properties, name, by = ENVELOPES[envelope]
    message = told(value, **properties)
    assert message["name"] == name and message["x-evidence"]["named-by"].startswith(by)
    if envelope not in ("type", "header"):
        assert message["x-evidence"].get("envelope", "") == envelope


@pytest.mark.parametrize(
    ("body", "properties", "kind"),
    [
        (pickle.dumps({"a": 1}), {}, "pickle"),
        (b"Obj\x01....", {}, "Avro file"),
        (b"\0\0\0\1\7\xff\xfe", {}, "schema registry"),
        (b"\x08\x96\x01", {"content_type": "application/x-protobuf"}, "Protobuf"),
        (b"\x81\xa1a\1", {"content_type": "application/msgpack"}, "MessagePack"),
        (b"hello", {}, "text"),
        (b"\xff\xfe", {}, "octets"),
        (b"[" * 5_000, {}, "text"),
        (b'{"a": NaN}', {}, "text"),
        (b"1" * 2_000_000, {}, "1 MiB"),
        (zlib.compress(b" " * 50_000_000), {"content_encoding": "deflate"}, "packed"),
    ],
)
def test_what_is_no_json_is_told_and_has_no_schema(
    body: bytes, properties: dict[str, Any], kind: str
) -> None:
    message = told(body, **properties)
    assert kind in message["description"]
    assert "payload" not in message and message["contentType"] == "application/octet-stream"


def test_packed_json_is_seen_through() -> None:
    packed = gzip.compress(json.dumps({"a": 1}).encode())
    content = content_of(heard("a", packed, content_encoding="gzip"))
    assert content.value == {"a": 1} and not content.is_packed
    untold = content_of(heard("a", packed))
    assert untold.value == {"a": 1} and untold.is_packed


def test_messages_without_a_name_are_told_apart_by_their_fields() -> None:
    document = discovered(
        [
            *(heard("a.b", {"order": n, "lines": []}) for n in range(3)),
            heard("a.b", {"order": 1, "lines": [], "note": "n"}),
            *(heard("a.b", {"user": n, "mail": "m"}) for n in range(3)),
        ]
    ).document
    assert set(document["components"]["messages"]) == {"aB", "aBWithMail"}


def test_a_field_of_many_values_names_no_messages() -> None:
    document = discovered(heard("a.b", {"type": f"t{n}x", "a": 1}) for n in range(100)).document
    assert set(document["components"]["messages"]) == {"aB"}
    assert document["components"]["messages"]["aB"]["x-evidence"]["messages"] == 100

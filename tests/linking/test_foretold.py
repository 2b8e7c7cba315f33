"""Two services whose verdict was foretold before it was asked for: exchanges, tags, queues."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.linking.test_systems import (
    ID,
    TEXT_ID,
    Json,
    exchange,
    queue,
    request,
    service,
)
from tests.linking.test_systems import test_what_a_system_breaks as breaks

NUMBER, TEXT = {"type": "integer"}, {"type": "string"}
TASK = {"x-message-type": "task"}
HEADERS = {"type": "object", "required": ["tenant"], "properties": {"tenant": TEXT}}
CLOSED = {**ID, "additionalProperties": False}
PETS: Json = {
    "components": {
        "schemas": {
            "Cat": {"type": "object", "required": ["k"], "properties": {"k": TEXT, "m": NUMBER}},
            "Dog": {"type": "object", "required": ["k"], "properties": {"k": TEXT, "b": NUMBER}},
        }
    }
}
PET = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {"propertyName": "k"},
}
AVRO = {
    "schemaFormat": "application/vnd.apache.avro;version=1.9.0",
    "schema": {"type": "record", "name": "M", "fields": [{"name": "id", "type": "int"}]},
}
BYTES = {"contentType": "application/octet-stream"}


def fields(*required: str, **properties: Any) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def kind(name: str, **properties: Any) -> Json:
    return fields("kind", kind={"const": name}, **properties)


def side(
    action: str,
    messages: Json,
    address: str = "t.x",
    amqp: Any = None,
    enum: Any = None,
    **more: Any,
) -> Json:
    """A sender `A` or a receiver `B`; `enum` bounds the address's `{r}`, `asks` is a binding."""
    asked = more.pop("asks", None)
    channel: Json = {"address": address, "messages": messages}
    if amqp is not None:
        channel["bindings"] = {"amqp": amqp}
    if "{r}" in address:
        channel["parameters"] = {"r": {} if enum is None else {"enum": enum}}
    operation: Json = {"action": action, "channel": {"$ref": "#/channels/c"}}
    if asked is not None:
        operation["bindings"] = {"amqp": asked}
    return service("A" if action == "send" else "B", {"c": channel}, {"op": operation}, **more)


def sends(payload: Any, *place: Any, **more: Any) -> Json:
    return side(
        "send", {"M": payload if "payload" in payload else {"payload": payload}}, *place, **more
    )


def takes(payload: Any, *place: Any, **more: Any) -> Json:
    return side(
        "receive", {"M": payload if "payload" in payload else {"payload": payload}}, *place, **more
    )


def asks(action: str, where: str | None) -> Json:
    """A request whose correlation id stands somewhere."""
    made = request("A" if action == "send" else "B", action, {"Ok": ID})
    if where is not None:
        ask: Json = made["channels"]["c"]["messages"]["Ask"]
        ask["correlationId"] = {"location": where}
    return made


def job(**properties: Any) -> Json:
    return {"payload": ID, **TASK, **properties}


UNHEARD = ["event-unheard", "never-sent"]
FORETOLD: dict[str, tuple[list[Json], list[str], list[str]]] = {
    "a headers exchange gives everything": (
        [sends(ID, amqp=exchange("h", "headers")), takes(ID, "y.z", amqp=exchange("h", "headers"))],
        ["proven"],
        [],
    ),
    "a fanout exchange looks at no topic": (
        [sends(ID, "a.b", exchange("f", "fanout")), takes(TEXT_ID, "c.d", exchange("f", "fanout"))],
        ["refused"],
        ["message-refused"],
    ),
    "a direct exchange knows no patterns": (
        [sends(ID, "o.eu", exchange("d", "direct")), takes(ID, "o.{r}", exchange("d", "direct"))],
        [],
        UNHEARD,
    ),
    "the default exchange, by the queue's name": (
        [
            sends(job(), "jobs", exchange("", "direct")),
            takes({"payload": TEXT_ID, **TASK}, "jobs", {"is": "queue", "queue": {"name": "jobs"}}),
        ],
        ["refused"],
        ["message-refused"],
    ),
    "a value of a parameter too many": (
        [sends(ID, "o.{r}.p", enum=["eu", "us"]), takes(ID, "o.{r}.p", enum=["eu"])],
        ["refused"],
        ["parameter-refused"],
    ),
    "a value of a parameter less": (
        [sends(ID, "o.{r}.p", enum=["eu"]), takes(ID, "o.{r}.p", enum=["eu", "us"])],
        ["proven"],
        [],
    ),
    "a region that is never sent": (
        [sends(ID, "o.{r}.p", enum=["eu"]), takes(ID, "o.asia.p")],
        [],
        UNHEARD,
    ),
    "two messages, one of which differs": (
        [
            side("send", {"P": {"payload": fields(id=NUMBER)}, "Q": {"payload": fields(id=TEXT)}}),
            side("receive", {n: {"payload": fields(id=NUMBER)} for n in "PQ"}),
        ],
        ["proven", "refused"],
        ["message-refused"],
    ),
    "two messages, told apart by a constant": (
        [side(a, {n: {"payload": kind(n, id=NUMBER)} for n in "PQ"}) for a in ("send", "receive")],
        ["proven", "proven"],
        [],
    ),
    "one name of two is unknown": (
        [
            side("send", {"Placed": {"payload": ID}}),
            side("receive", {"Ordered": {"payload": ID}, "Paid": {"payload": ID}}),
        ],
        [],
        ["message-unknown", "never-sent", "never-sent"],
    ),
    "a closed object, and a field that is declared": (
        [sends(fields("id", id=NUMBER, note=TEXT)), takes(CLOSED)],
        ["refused"],
        ["message-refused"],
    ),
    "a closed object, and no field that is declared": (
        [sends(ID), takes(CLOSED)],
        ["proven"],
        ["undeclared-fields-refused"],
    ),
    "a default of the sender is not written": (
        [sends(fields(id={**NUMBER, "default": 1})), takes(fields("id", id=NUMBER))],
        ["refused"],
        ["message-refused"],
    ),
    "a default of the receiver is": (
        [sends(fields(id=NUMBER)), takes(fields(id={**NUMBER, "default": 1}))],
        ["proven"],
        [],
    ),
    "a discriminator at the receiver": (
        [sends(fields("k", k=TEXT)), takes(PET, **PETS)],
        ["refused"],
        ["message-refused"],
    ),
    "a discriminator at the sender": (
        [sends(PET, **PETS), takes(fields("k", k={"enum": ["Cat", "Dog"]}))],
        ["proven"],
        [],
    ),
    "Avro for JSON": (
        [sends({"payload": AVRO, **BYTES}), takes(ID)],
        ["refused"],
        ["content-type-differs"],
    ),
    "headers that are not spoken of": (
        [sends(ID), takes({"payload": ID, "headers": HEADERS})],
        ["refused"],
        ["message-refused"],
    ),
    "a priority above the queue's": (
        [
            sends(job(), "q", queue(**{"x-max-priority": 5}), asks={"priority": 9}),
            takes(job(), "q", queue(**{"x-max-priority": 5})),
        ],
        ["proven"],
        ["publishing-without-effect"],
    ),
    "a priority of the queue's": (
        [
            sends(job(), "q", queue(**{"x-max-priority": 5}), asks={"priority": 5}),
            takes(job(), "q", queue(**{"x-max-priority": 5})),
        ],
        ["proven"],
        [],
    ),
    "an expiration in a stream": (
        [
            sends(job(), "q", queue(), asks={"expiration": 1000}),
            takes(job(), "q", queue(**{"x-queue-type": "stream"})),
        ],
        ["proven"],
        ["publishing-without-effect"],
    ),
    "a correlation id elsewhere": (
        [asks("send", "$message.header#/a"), asks("receive", "$message.header#/b")],
        ["proven"],
        ["correlation-differs"],
    ),
    "a correlation id that is looked for": (
        [asks("send", None), asks("receive", "$message.header#/b")],
        ["proven"],
        ["correlation-differs"],
    ),
    "a correlation id that nobody looks for": (
        [asks("send", "$message.header#/a"), asks("receive", None)],
        ["proven"],
        [],
    ),
}


@pytest.mark.parametrize("what", FORETOLD)
def test_what_was_foretold(what: str, tmp_path: Path) -> None:
    breaks(*FORETOLD[what], tmp_path)

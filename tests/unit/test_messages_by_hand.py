"""Message classes that are written by hand: what is on the wire is all that the object says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest
from jararaca import Message, Model, PublishParameterError
from jararaca.messages.model import json_value
from jararaca.publishing.publication import publication_of
from pydantic import BaseModel, Field, IPvAnyAddress, JsonValue, NaiveDatetime, SecretStr

from tests.support.models import imported, sources

NOW = datetime(2026, 11, 29, 7, 30, tzinfo=UTC)


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str


class Line(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    quantity: int = 1


class Placed(Message):
    MESSAGE_TOPIC = "by-hand.placed"

    id: UUID = Field(default_factory=uuid4)
    region: str = "eu"
    note: str | None = None
    lines: list[Line]
    payment: Annotated[Cash | Card, Field(discriminator="kind")]


def test_defaults_are_on_the_wire_at_every_depth() -> None:
    placed = Placed(lines=[Line()], payment=Card(number="4"))
    body = json.loads(placed.encode())
    assert body == json.loads(placed.model_dump_json())
    assert (body["id"], body["region"], body["note"]) == (str(placed.id), "eu", None)
    assert Placed.decode(placed.encode()) == placed


def test_headers_have_their_defaults_too() -> None:
    class Told(Message):
        MESSAGE_TOPIC = "by-hand.told"

        class Headers(Model):
            tenant: str = "acme"
            trace: UUID

    trace = uuid4()
    sent = publication_of(Told(), headers=json_value(Told.Headers(trace=trace)))
    assert sent.headers == {"tenant": "acme", "trace": str(trace)}


def test_a_generated_message_is_written_as_it_was_given(tmp_path: Any) -> None:
    payload = {"type": "object", "properties": {"size": {"type": "integer", "default": 3}}}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Made", "version": "1.0.0"},
        "channels": {"a": {"address": "a", "messages": {"Made": {"payload": payload}}}},
    }
    made = imported(tmp_path, sources(tmp_path, document)).Made
    assert (made().size, made().encode()) == (3, b"{}")


class Timed(Message):
    MESSAGE_TOPIC = "by-hand.timed"
    at: datetime = Field(default_factory=datetime.now)


def test_a_time_without_its_zone_is_refused_where_it_is_published() -> None:
    assert publication_of(Timed(at=NOW)).body == b'{"at":"2026-11-29T07:30:00Z"}'
    with pytest.raises(PublishParameterError, match=r"Timed cannot be written .* has no time zone"):
        publication_of(Timed())


def test_what_json_cannot_say_is_refused_where_it_is_published() -> None:
    class Raw(Message):
        MESSAGE_TOPIC = "by-hand.raw"
        content: bytes

    with pytest.raises(PublishParameterError, match=r"Raw cannot be written .* utf-8"):
        publication_of(Raw(content=b"\xff"))


class Kinds(Message):
    MESSAGE_TOPIC = "by-hand.kinds"
    anything: JsonValue
    secret: SecretStr
    address: IPvAnyAddress
    local: NaiveDatetime


def test_types_of_pydantics_own_are_taken(recwarn: pytest.WarningsRecorder) -> None:
    told = {"anything": [1, {"a": None}], "secret": "s", "address": "10.0.0.1"}
    made = Kinds.decode(json.dumps({**told, "local": "2026-11-29T07:30:00"}).encode())
    assert Kinds.model_validate({**told, "local": "2026-11-29T07:30:00.5"}).local.microsecond
    assert (made.anything, made.secret.get_secret_value()) == (told["anything"], "s")
    assert made.local == datetime(2026, 11, 29, 7, 30)
    assert json.loads(made.encode())["local"] == "2026-11-29T07:30:00"
    assert not recwarn.list
    assert "format" not in Kinds.model_json_schema()["properties"]["local"]

"""Whatever stands in a message, it ends in the dead letters alone, and the worker goes on."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from time import process_time
from typing import Annotated, Any

import pytest
from jararaca import PublishParameterError, WebSocketMessage
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.errors import DecodeError
from jararaca.handlers.outcome import Handled
from jararaca.messages.base_message import MOST_COUNTED
from jararaca.messages.message import Message
from jararaca.messages.values.schema_check import JsonSchema
from jararaca.transport import Properties
from jararaca.transport.timestamp import Timestamp
from pydantic import Field

from tests.conformance.conftest import Bench, Inbox, message
from tests.conformance.test_strangers import Service, service

__all__ = ["service"]

DEEP = 100_000
HOSTILE: Mapping[str, bytes] = {
    "compressed": gzip.compress(b'{"fails":false}' * 1_000_000),
    "nothing": b"",
    "zeros": bytes(1_000),
    "other letters": '{"fails":false}'.encode("utf-16"),
    "a mark in front": b'\xef\xbb\xbf{"fails":false}',
    "no UTF-8": b'{"fails":"\xff\xfe"}',
    "half a character": b'{"fails":"\\ud800"}',
    "arrays in arrays": b'{"more":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a number of a million digits": b'{"more":' + b"9" * 1_000_000 + b"}",
    "a fraction of a million digits": b'{"fails":0.' + b"9" * 1_000_000 + b"}",
    "an exponent": b'{"fails":1e999999999}',
    "a hundred thousand times the wrong value": b'{"fails":[' + b"null," * 100_000 + b"null]}",
    "several values": b'{"fails":false}{"fails":false}',
    "an AMQP 1.0 value that is damaged": b"\x00Sw\xb1\xff\xff\xff\xff",
    "an AMQP 1.0 value that is deep": b"\x00Sw" + b"\xd0\x00\x00\xff\xff\x00\x00\x00\x01" * 500,
}


async def healthy(service: Service, worst: str) -> list[Handled]:
    """What became of a hostile message, and of the healthy one behind it."""
    await service.publish(body=b'{"fails":false}')
    told = [await service.outcome(), await service.outcome()]
    assert sorted(each.outcome for each in told) == ["dead-lettered", "handled"], worst
    return told


async def test_no_body_harms_more_than_its_message(service: Service) -> None:
    for name, body in HOSTILE.items():
        await service.publish(body=body)
        await healthy(service, name)
        letter = await service.fetched(dead_letter_queue(service.name))
        assert letter.body == body, name
        assert letter.headers[headers.REASON], name
        assert len(letter.headers[headers.REASON]) <= 1_000, name
        await service.stranger.ack(letter)


ODD: Mapping[str, Properties] = {
    "long": Properties(
        correlation_id="é" * 127, reply_to="x" * 255, app_id="x" * 255, content_type="x" * 255
    ),
    "no texts": Properties(
        correlation_id="\x00\r\n", reply_to="\x00", app_id="\x1b[2J", content_encoding="identity"
    ),
    "patterns": Properties(correlation_id="#.*", reply_to="*.#", content_type="application/xml"),
    "lowest": Properties(priority=0, correlation_id="", reply_to="", app_id=""),
    "highest": Properties(priority=255),
}


async def test_odd_properties_are_kept_and_harm_nobody(service: Service) -> None:
    for name, odd in ODD.items():
        given = {each: getattr(odd, each) for each in Properties.__slots__ if getattr(odd, each)}
        names = {"\x00": "\x00", "": 1, "x" * 255: b"\xff", "\udcff": "\udcff", "x-death": 1}
        await service.publish(properties=given, headers=names)
        assert [(await service.outcome()).outcome for _ in range(2)] == ["retried", "dead-lettered"]
        letter = await service.fetched(dead_letter_queue(service.name))
        assert {each: getattr(letter.properties, each) for each in given} == given, name
        assert letter.headers["x" * 255] == b"\xff", name
        assert "x-death" not in letter.headers, "the broker would take it for its own"
        await service.stranger.ack(letter)


HARD_TO_READ: Mapping[str, Mapping[str, Any]] = {
    "a late time": {"properties": {"timestamp": datetime(3389, 6, 15, tzinfo=UTC)}},
    "a late time in a header": {"headers": {"at": datetime(3389, 6, 15, tzinfo=UTC)}},
    "an id that is no text": {"properties": {"correlation_id": "\udcff"}},
    "a name that is no text": {"headers": {"\udcff": 1}},
    "a time that no calendar has": {"headers": {"at": Timestamp(2**63)}},
    "times that no calendar has": {"headers": {"at": [{"one": Timestamp(2**64 - 1)}, "other"]}},
}


async def test_the_tries_of_what_is_hard_to_read_are_counted(service: Service) -> None:
    """A client may read it in another form: our own account must not be lost on the way."""
    for name, more in HARD_TO_READ.items():
        await service.publish(**more)
        told = [(await service.outcome()).outcome for _ in range(2)]
        assert told == ["retried", "dead-lettered"], name
        assert [each.attempt for each in service.seen[-2:]] == [1, 2], name
        for seen in service.seen[-2:]:
            for header, value in more.get("headers", {}).items():
                if header.isascii():
                    assert seen.headers[header] == value, name
                    assert type(seen.headers[header]) is type(value), name


async def test_the_brokers_own_word_for_answers_is_refused_before_it_is_sent(
    bench: Bench,
) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 100, inbox)
    asking = Properties(message_id="x", reply_to="amq.rabbitmq.reply-to")
    neighbours = [transport.publish(message(bench.key, b"%d" % n)) for n in range(20)]
    refused, *arrived = await asyncio.gather(
        transport.publish(message(bench.key, properties=asking)),
        *neighbours,
        return_exceptions=True,
    )
    assert isinstance(refused, PublishParameterError), refused
    assert arrived == [None] * 20
    assert sorted(await inbox.bodies(20)) == sorted(b"%d" % n for n in range(20))


class Numbers(Message):
    MESSAGE_TOPIC = "numbers"
    listed: list[int] = Field(default_factory=list)
    named: dict[str, int] = Field(default_factory=dict)
    checked: Annotated[Any, JsonSchema({"items": {"type": "integer"}})] = None


class Live(WebSocketMessage):
    listed: list[int] = Field(default_factory=list)


@pytest.mark.parametrize("kind", [Numbers, Live])
def test_of_a_list_the_first_wrong_value_is_told(kind: type[Numbers | Live]) -> None:
    with pytest.raises(DecodeError, match=r"listed\.1: Input should be a valid integer$"):
        kind.decode(b'{"listed":[1,null,null,null]}')


def test_a_body_with_very_many_wrong_values_is_told_by_their_number() -> None:
    many = b",".join(b'"%d":null' % number for number in range(MOST_COUNTED + 1))
    with pytest.raises(DecodeError, match=f"{MOST_COUNTED + 1} values in it are wrong$"):
        Numbers.decode(b'{"named":{' + many + b"}}")


MILLIONS: Mapping[str, bytes] = {
    "a list": b'{"listed":[' + b"null," * 3_000_000 + b"null]}",
    "a table": b'{"named":{' + b",".join(b'"%d":null' % n for n in range(1_000_000)) + b"}}",
    "a check by JSON Schema": b'{"checked":[' + b'"x",' * 3_000_000 + b"1]}",
    "a check of tables": b'{"checked":[' + b'{"a":[]},' * 1_500_000 + b"1]}",
}


@pytest.mark.parametrize("body", MILLIONS.values(), ids=MILLIONS)
def test_a_body_that_is_wrong_in_millions_of_places_is_refused_in_a_moment(body: bytes) -> None:
    """Nothing else is handled meanwhile: to tell all of them took 38 s, where reading takes one."""
    began = process_time()
    json.loads(body)
    read = process_time()
    with pytest.raises(DecodeError) as caught:
        Numbers.decode(body)
    assert len(str(caught.value)) < 3_000
    assert process_time() - read < 20 * (read - began)


def test_a_check_by_json_schema_tells_its_first_reasons() -> None:
    with pytest.raises(DecodeError) as caught:
        Numbers.decode(b'{"checked":[' + b'"x",' * 50_000 + b"1]}")
    assert len(str(caught.value)) < 3_000

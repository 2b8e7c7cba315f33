"""What no broker takes is refused before it is sent, and nothing else that is published notices."""

from __future__ import annotations

import asyncio
import gc
import math
import struct
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import aiormq
import pytest
from jararaca import BrokerUnreachableError, PublishParameterError
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.operations import dead_letters
from jararaca.transport import Properties, Publication, Terms
from jararaca.transport.amqp.exact import Encoded
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.connect import transport_for
from jararaca.transport.limits import MAX_DEPTH

from tests.conformance.conftest import PATIENCE, Bench, Inbox, message
from tests.conformance.test_strangers import Service, service, serving
from tests.support.brokers import delete_queues

__all__ = ["service"]


LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def nested(depth: int) -> Any:
    """Lists and tables in each other."""
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def wrongly(**given: Any) -> Properties:
    """Properties as somebody gives them whom no type checker helps."""
    return Properties(**given)


UNSENDABLE: Mapping[str, Publication] = {
    "headers beyond a frame": message("x", headers={"report": "x" * 140_000}),
    "many headers": message("x", headers={f"name-{n}": "x" * 100 for n in range(1_500)}),
    "nan": message("x", headers={"a": math.nan}),
    "nan within": message("x", headers={"a": {"b": [1.0, math.nan]}}),
    "infinity": message("x", headers={"a": -math.inf}),
    "65 bits": message("x", headers={"a": 2**64}),
    "an object": message("x", headers={"a": object()}),
    "a set": message("x", headers={"a": {1}}),
    "a long name": message("x", headers={"n" * 256: 1}),
    "a name that is no text": message("x", headers={7: 1}),
    "half a character": message("x", headers={"a": "\ud800"}),
    "a decimal": message("x", headers={"a": Decimal("1E400")}),
    "too deep": message("x", headers={"a": nested(MAX_DEPTH + 5)}),
    "a time before 1970": message("x", headers={"a": datetime(1969, 1, 1, tzinfo=UTC)}),
    "a timestamp before 1970": message(
        "x", properties=Properties(timestamp=datetime(1, 1, 1, tzinfo=UTC))
    ),
    "a priority": message("x", properties=Properties(priority=256)),
    "a priority that is a text": message("x", properties=wrongly(priority="high")),
    "a priority that is a fraction": message("x", properties=wrongly(priority=1.5)),
    "an id that is a number": message("x", properties=wrongly(message_id=7)),
    "a type that is bytes": message("x", properties=wrongly(type=b"x")),
    "a timestamp that is a number": message("x", properties=wrongly(timestamp=1_700_000_000)),
    "an expiration that is a text": message("x", terms=Terms(expiration=cast(Any, "60000"))),
    "an expiration before now": message("x", terms=Terms(expiration=-1)),
    "an expiration in months": message("x", terms=Terms(expiration=2**32)),
    "a long id": message("x", properties=Properties(message_id="x" * 256)),
    "a long topic": message("x" * 256),
}


@pytest.mark.parametrize("name", UNSENDABLE)
async def test_it_is_refused_alone_and_its_neighbours_arrive_once(bench: Bench, name: str) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 100, inbox)
    neighbours = [transport.publish(message(bench.key, b"%d" % n)) for n in range(20)]
    refused, *arrived = await asyncio.gather(
        transport.publish(UNSENDABLE[name]), *neighbours, return_exceptions=True
    )
    assert isinstance(refused, PublishParameterError), refused
    assert arrived == [None] * 20
    assert sorted(await inbox.bodies(20)) == sorted(b"%d" % n for n in range(20))
    await asyncio.sleep(0.1)
    assert inbox.waiting == 0


async def test_what_amqp_has_is_sent_by_every_transport(bench: Bench) -> None:
    given = {
        "bytes": b"\xff\x00",
        "none": None,
        "large": 2**62,
        "float": 1e308,
        "decimal": Decimal("-1.50"),
        "time": datetime(2026, 1, 31, tzinfo=UTC),
        "late": [datetime(2150, 1, 31, tzinfo=UTC), {"last": LAST}],
        "nested": nested(20),
        "octets in a table": {"a": [b"\xff"]},
        "São": "日本語",
    }
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    late = Properties(timestamp=datetime(2150, 1, 31, tzinfo=UTC))
    await transport.publish(message(bench.key, headers=given, properties=late))
    delivery = await inbox.next()
    received = delivery.headers
    assert {name: received[name] for name in given} == given
    assert (type(received["bytes"]), type(received["octets in a table"]["a"][0])) == (bytes, bytes)
    assert delivery.properties.timestamp == late.timestamp


async def test_what_python_has_and_amqp_has_not_comes_as_amqp_has_it(bench: Bench) -> None:
    """Also over the memory transport: a handler sees in tests what it sees in production."""
    there = timezone(timedelta(hours=-5))
    given = {
        "tuple": (1, (2,)),
        "bytearray": bytearray(b"\xff"),
        "fraction": datetime(2026, 1, 31, 12, 0, 0, 999_999, tzinfo=there),
        "naive": datetime(2026, 1, 31),
        "very last": datetime.max,
        "later than that": datetime.max.replace(tzinfo=there),
        "octets in a text": "\udcff",
        "decimal": Decimal("1E3"),
    }
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    sent = Properties(timestamp=datetime(2026, 1, 31, 0, 0, 0, 999_999))
    await transport.publish(message(bench.key, headers=given, properties=sent))
    delivery = await inbox.next()
    assert {name: delivery.headers[name] for name in given} == {
        "tuple": [1, [2]],
        "bytearray": b"\xff",
        "fraction": datetime(2026, 1, 31, 17, tzinfo=UTC),
        "naive": datetime(2026, 1, 31, tzinfo=UTC),
        "very last": LAST,
        "later than that": LAST,
        "octets in a text": b"\xff",
        "decimal": Decimal(1_000),
    }
    assert type(delivery.headers["bytearray"]) is bytes
    assert delivery.properties.timestamp == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("given", ["", None, "x"])
async def test_an_id_is_kept_and_where_there_is_none_one_is_made(
    bench: Bench, given: str | None
) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    await transport.publish(message(bench.key, properties=Properties(message_id=given)))
    came = (await inbox.next()).properties.message_id
    assert came == given if given is not None else came


async def test_a_message_that_fills_its_frame_ends_in_the_dead_letters_with_its_reason(
    service: Service,
) -> None:
    await service.publish(headers={"report": "x" * 130_600})
    last = await service.outcome()
    while last.outcome == "retried":
        last = await service.outcome()
    assert last.outcome == "dead-lettered"
    letter = await service.fetched(dead_letter_queue(service.name))
    assert "its headers" in letter.headers[headers.REASON]


def deep(levels: int) -> bytes:
    """The fields of a table with tables in each other, as a stranger's client writes them."""
    fields = b"\x01vV"
    for _ in range(levels):
        fields = b"\x01tF" + struct.pack(">I", len(fields)) + fields
    return fields


@pytest.mark.broker
@pytest.mark.parametrize(
    "fields",
    [deep(100), deep(1_500)],
    ids=["100 tables in each other", "1,500 tables in each other"],
)
@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_headers_that_cannot_be_decoded_harm_their_message_alone(
    scratch_broker_url: str, transport: str, fields: bytes
) -> None:
    separator = "&" if "?" in scratch_broker_url else "?"
    async with serving(f"{scratch_broker_url}{separator}transport={transport}") as service:
        connection = await aiormq.connect(scratch_broker_url)
        channel = await connection.channel()
        odd = Encoded(message_id="odd")
        head = struct.pack(">HB", content.HEADERS | content.DELIVERY_MODE, 0)[:2]
        table = struct.pack(">I", len(fields)) + fields
        odd.payload = b"\0" * content.FLAGS_AT + head + table + b"\2"
        body = b'{"fails":false}'
        await channel.basic_publish(body, exchange="", routing_key=service.name, properties=odd)
        await service.publish(body=b'{"fails":false}')
        told = [await service.outcome(), await service.outcome()]
        while any(each.outcome == "retried" for each in told):
            told = [each for each in told if each.outcome != "retried"] + [await service.outcome()]
        assert sorted(each.outcome for each in told) == ["dead-lettered", "handled"]
        letter = await service.fetched(dead_letter_queue(service.name))
        assert "headers cannot be read" in letter.headers[headers.REASON]
        await connection.close()


@pytest.mark.broker
@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_a_time_that_no_calendar_has_harms_nobody(
    scratch_broker_url: str, transport: str
) -> None:
    separator = "&" if "?" in scratch_broker_url else "?"
    async with serving(f"{scratch_broker_url}{separator}transport={transport}") as service:
        fields = struct.pack(">B1scQ", 1, b"t", b"T", 2**64 - 1)
        odd = Encoded(message_id="odd")
        head = struct.pack(">H", content.HEADERS | content.DELIVERY_MODE | content.TIMESTAMP)
        table = struct.pack(">I", len(fields)) + fields
        late = struct.pack(">Q", 2**64 - 1)
        odd.payload = b"\0" * content.FLAGS_AT + head + table + b"\2" + late
        connection = await aiormq.connect(scratch_broker_url)
        channel = await connection.channel()
        body = b'{"fails":false}'
        await channel.basic_publish(body, exchange="", routing_key=service.name, properties=odd)
        assert (await service.outcome()).outcome == "handled"
        assert service.seen[0].headers["t"] == 2**64 - 1
        assert service.seen[0].delivery.properties.timestamp is None
        body = b'{"fails":true}'
        await channel.basic_publish(body, exchange="", routing_key=service.name, properties=odd)
        while (await service.outcome()).outcome == "retried":
            pass
        looking = transport_for(scratch_broker_url)
        await looking.connect()
        [letter] = await dead_letters.list_dead_letters(looking, service.name)
        assert letter.reason
        await looking.close()
        await connection.close()


@pytest.mark.broker
async def test_a_header_that_the_broker_made_larger_than_a_frame_is_read(
    scratch_broker_url: str,
) -> None:
    names = [f"sec-death-{number}" for number in range(2)]
    connection = await aiormq.connect(scratch_broker_url)
    channel = await connection.channel()
    await channel.queue_declare(names[1], durable=True)
    moved: dict[str, Any] = {
        "x-message-ttl": 1,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": names[1],
    }
    await channel.queue_declare(names[0], durable=True, arguments=moved)
    properties = aiormq.spec.Basic.Properties(headers={"report": "x" * 130_900})
    await channel.basic_publish(b"{}", exchange="", routing_key=names[0], properties=properties)
    for name in ("fast", "plain"):
        separator = "&" if "?" in scratch_broker_url else "?"
        transport = transport_for(f"{scratch_broker_url}{separator}transport={name}")
        await transport.connect()
        inbox = Inbox()
        await transport.consume(names[1], 1, inbox)
        delivery = await inbox.next()
        assert len(delivery.headers["report"]) == 130_900
        assert delivery.headers["x-death"]
        await transport.close()
    await connection.close()
    await delete_queues(scratch_broker_url, *names)


@pytest.mark.broker
@pytest.mark.parametrize("transport", ["fast", "plain"])
async def test_what_the_broker_made_too_large_is_given_up_with_what_has_room(
    scratch_broker_url: str, transport: str
) -> None:
    separator = "&" if "?" in scratch_broker_url else "?"
    async with serving(f"{scratch_broker_url}{separator}transport={transport}") as service:
        first = f"{service.name}.first"
        connection = await aiormq.connect(scratch_broker_url)
        channel = await connection.channel()
        moved: dict[str, Any] = {
            "x-message-ttl": 1,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": service.name,
        }
        await channel.queue_declare(first, durable=True, arguments=moved)
        large = aiormq.spec.Basic.Properties(
            headers={"report": "x" * 130_800}, message_id="large", message_type="Placed"
        )
        await channel.basic_publish(b"{}", exchange="", routing_key=first, properties=large)
        told = await service.outcome()
        while told.outcome == "retried":
            told = await service.outcome()
        assert told.outcome == "dead-lettered"
        letter = await service.fetched(dead_letter_queue(service.name))
        assert letter.body == b"{}" and letter.properties.message_id == "large"
        assert "its headers" in letter.headers[headers.REASON]
        await connection.close()
        await delete_queues(scratch_broker_url, first)


async def test_publishing_from_another_loop_is_handed_over_and_sent_once(bench: Bench) -> None:
    transport = await bench.declared()
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 100, inbox)

    def elsewhere() -> None:
        async def publish() -> None:
            for number in range(5):
                await transport.publish(message(bench.key, b"%d" % number))

        asyncio.run(publish())

    await asyncio.wait_for(asyncio.to_thread(elsewhere), PATIENCE)
    assert await inbox.bodies(5) == [b"%d" % number for number in range(5)]
    await asyncio.sleep(0.2)
    assert inbox.waiting == 0


def test_publishing_on_a_connection_of_a_loop_that_has_ended_is_refused_at_once(
    broker_url: str,
) -> None:
    if broker_url.startswith("memory:"):
        pytest.skip("nothing of a memory transport lives in a loop")
    transport = transport_for(broker_url)
    asyncio.run(transport.connect())
    with pytest.raises(BrokerUnreachableError, match="does not run any more"):
        asyncio.run(transport.publish(Publication("x", b"{}")))
    del transport
    # What aiormq left in the first loop warns when it is collected. Where that happens within
    # `ast.parse`, as of pytest's own, Python 3.11 ends that with a SystemError.
    with warnings.catch_warnings(action="ignore"):
        gc.collect()

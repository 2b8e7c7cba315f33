"""The log of the in-process broker: what it keeps, where reading begins, and what a reader gets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from jararaca import Exchange, Queue, QueueBinding, Topology
from jararaca.contract.topology import ExchangeBinding
from jararaca.errors import BrokerError, QueueNotFoundError, UnroutableError
from jararaca.transport import Delivery, Properties, Publication
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.queue import Stored
from jararaca.transport.memory.stream import MemoryStream
from jararaca.transport.memory.transport import MemoryTransport

NAME = "log"
AT = 1_000_000.0


class Log:
    """A stream, with a clock that the test sets."""

    def __init__(self, **arguments: Any) -> None:
        self.now = AT
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        self.stream = MemoryStream(Queue(NAME, arguments=named), lambda: self.now)

    def put(self, *bodies: bytes) -> None:
        """New messages."""
        for body in bodies:
            self.stream.put(Stored("k", "e", body, Properties(), {}))

    @property
    def kept(self) -> list[tuple[int, bytes]]:
        """The offsets and bodies that are there."""
        return [(stored.offset, stored.body) for _, stored in self.stream._log]


def test_each_message_has_its_place_and_it_stays() -> None:
    log = Log()
    log.put(b"a", b"b", b"c")
    assert log.kept == [(0, b"a"), (1, b"b"), (2, b"c")]
    assert len(log.stream) == 3 and not log.stream.full


def test_what_is_more_than_the_limit_goes_the_oldest_first() -> None:
    log = Log(x_max_length_bytes=5)
    log.put(b"aa", b"bb", b"c")
    assert len(log.kept) == 3, "as many as the limit says"
    log.put(b"d")
    assert log.kept == [(1, b"bb"), (2, b"c"), (3, b"d")]
    log.put(b"e")
    assert log.kept[0] == (1, b"bb")
    log.put(b"longer than all")
    assert log.kept == [(5, b"longer than all")], "the last one stays"
    log.put(b"f")
    assert log.kept == [(6, b"f")]


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        ("30s", 30),
        ("2m", 120),
        ("1h", 3_600),
        ("3D", 3 * 86_400),
        ("1M", 30 * 86_400),
        ("2Y", 730 * 86_400),
    ],
)
def test_what_is_older_than_the_age_goes(age: str, seconds: int) -> None:
    log = Log(x_max_age=age)
    log.put(b"a")
    log.now = AT + seconds
    log.put(b"b")
    assert len(log.kept) == 2
    log.now += 0.5
    log.put(b"c")
    assert log.kept == [(1, b"b"), (2, b"c")]


def test_where_reading_begins() -> None:
    log = Log(x_max_length_bytes=3)
    assert [log.stream.begin(start) for start in ("first", "last", "next")] == [0, 0, 0]
    for body in (b"a", b"b", b"c", b"d"):
        log.now += 10
        log.put(body)
    assert [log.stream.begin(start) for start in ("first", "last", "next", 2)] == [1, 3, 4, 2]
    times = [
        log.stream.begin(datetime.fromtimestamp(AT + seconds, UTC))
        for seconds in (0, 20, 20.5, 40, 41)
    ]
    assert times == [1, 1, 2, 3, 4]


async def test_nothing_is_fetched_of_a_stream() -> None:
    with pytest.raises(BrokerError, match="log is a stream: it is read"):
        Log().stream.take()


class Bench:
    """A broker with a stream, and a transport to it."""

    def __init__(self) -> None:
        self.transport = MemoryTransport(MemoryBroker())
        self.came: list[Delivery] = []

    async def declare(self) -> None:
        """Connected, and there."""
        await self.transport.connect()
        await self.transport.declare(
            Topology((), (Queue(NAME, arguments={"x-queue-type": "stream"}), Queue("q")), ())
        )

    async def put(self, *bodies: bytes) -> None:
        """New messages."""
        for body in bodies:
            await self.transport.publish(Publication(NAME, body, "", headers={"a": 1}))
        await asyncio.sleep(0)

    async def receive(self, delivery: Delivery) -> None:
        """One comes."""
        self.came.append(delivery)

    @property
    def offsets(self) -> list[int | None]:
        """What came."""
        return [each.offset for each in self.came]


async def test_a_reader_gets_as_many_as_it_has_room_for_and_each_once() -> None:
    bench = Bench()
    await bench.declare()
    await bench.put(b"a", b"b", b"c", b"d")
    reader = await bench.transport.read(NAME, 2, bench.receive, 1)
    await asyncio.sleep(0.01)
    assert bench.offsets == [1, 2]
    assert [each.headers["a"] for each in bench.came] == [1, 1]
    await bench.transport.ack(bench.came[0])
    await asyncio.sleep(0.01)
    assert bench.offsets == [1, 2, 3]
    await bench.transport.requeue(bench.came[1])
    await bench.put(b"e")
    await asyncio.sleep(0.01)
    assert bench.offsets == [1, 2, 3, 4], "what was read is not given back"
    await reader.cancel()
    for each in bench.came:
        await bench.transport.ack(each)
    await bench.put(b"f")
    await asyncio.sleep(0.01)
    assert bench.offsets == [1, 2, 3, 4]


async def test_two_read_beside_each_other() -> None:
    bench, other = Bench(), Bench()
    await bench.declare()
    await bench.put(b"a", b"b")
    await bench.transport.read(NAME, 5, bench.receive, "first")
    await bench.transport.read(NAME, 5, other.receive, "last")
    await asyncio.sleep(0.01)
    assert (bench.offsets, other.offsets) == ([0, 1], [1])
    assert await bench.transport.count(NAME) == 2


async def test_one_who_was_left_behind_goes_on_with_what_is_kept() -> None:
    bench = Bench()
    await bench.declare()
    stream = bench.transport.broker.queue(NAME)
    assert isinstance(stream, MemoryStream)
    stream._most = 2
    await bench.transport.read(NAME, 1, bench.receive, "first")
    await bench.put(b"a", b"b", b"c", b"d")
    await bench.transport.ack(bench.came[0])
    await asyncio.sleep(0.01)
    assert bench.offsets == [0, 2]


async def test_a_queue_is_not_read() -> None:
    bench = Bench()
    await bench.declare()
    with pytest.raises(BrokerError, match="q is a queue, and no stream"):
        await bench.transport.read("q", 1, bench.receive, "first")
    with pytest.raises(QueueNotFoundError):
        await bench.transport.read("none", 1, bench.receive, "first")


async def test_exchanges_lead_to_others_and_else_to_their_alternate() -> None:
    """As partitions have it: what no partition takes goes by the alternate exchange."""
    transport = MemoryTransport(MemoryBroker(), "topics")
    await transport.connect()
    heads = {"x-match": "all-with-x", "x-part": "1/2"}
    await transport.declare(
        Topology(
            (
                Exchange("topics", shared=True),
                Exchange("parts", "headers", arguments={"alternate-exchange": "rest"}),
                Exchange("rest", "fanout"),
            ),
            (Queue("p1"), Queue("whole"), Queue("other")),
            (
                QueueBinding("parts", "p1", "", heads),
                QueueBinding("rest", "whole", ""),
                QueueBinding("topics", "other", "b"),
            ),
            exchange_bindings=(ExchangeBinding("topics", "parts", "a"),),
        )
    )
    await transport.publish(Publication("a", b"1", headers={"x-part": "1/2"}))
    await transport.publish(Publication("a", b"2", headers={"x-part": "9/9"}))
    await transport.publish(Publication("b", b"3", headers={"x-part": "1/2"}))
    await transport.publish(Publication("a", b"4"))
    counts = [await transport.count(name) for name in ("p1", "whole", "other")]
    assert counts == [1, 2, 1]
    await transport.remove([], ["parts"])
    with pytest.raises(UnroutableError):
        await transport.publish(Publication("a", b"5", mandatory=True))
    with pytest.raises(UnroutableError, match="there is no exchange 'parts'"):
        await transport.publish(Publication("a", b"6", exchange="parts"))
    await transport.publish(Publication("b", b"7", mandatory=True))
    assert await transport.count("other") == 2


@pytest.mark.parametrize(
    ("match", "headers", "fits"),
    [
        ("all", {"a": 1, "b": 2}, True),
        ("all", {"a": 1}, False),
        ("any", {"a": 1}, True),
        ("any", {"a": 2}, False),
        ("any", {}, False),
        ("all-with-x", {"a": 1, "b": 2, "x-c": 3}, True),
        ("all-with-x", {"a": 1, "b": 2}, False),
        ("any-with-x", {"x-c": 3}, True),
    ],
)
async def test_a_headers_exchange_matches_as_rabbitmq_does(
    match: str, headers: dict[str, int], fits: bool
) -> None:
    transport = MemoryTransport(MemoryBroker(), "heads")
    await transport.connect()
    wanted = {"x-match": match, "a": 1, "b": 2, "x-c": 3}
    exchange, queue = Exchange("heads", "headers"), Queue("q")
    await transport.declare(
        Topology((exchange,), (queue,), (QueueBinding("heads", "q", "", wanted),))
    )
    await transport.publish(Publication("any", b"", headers=headers))
    assert await transport.count("q") == fits

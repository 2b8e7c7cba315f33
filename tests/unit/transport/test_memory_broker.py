"""The memory broker keeps RabbitMQ's rules: routing, mismatches, places and lifetimes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jararaca import Exchange, Queue, QueueBinding, QueueNotFoundError, Topology
from jararaca.errors import (
    BrokerUnreachableError,
    PublishNackedError,
    PublishParameterError,
    TopologyMismatchError,
    UnroutableError,
)
from jararaca.transport import Delivery, Properties, Publication, Terms, limits, provenance
from jararaca.transport.memory import queue as queues
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.transport import MemoryTransport

PATIENCE = 20


@pytest.fixture
async def transport() -> AsyncIterator[MemoryTransport]:
    made = MemoryTransport(MemoryBroker())
    await made.connect()
    yield made
    await made.close()


async def bodies(transport: MemoryTransport, queue: str) -> list[bytes]:
    """What waits in a queue, in its order; it is taken."""
    found = []
    while (each := await transport.fetch(queue)) is not None:
        found.append(each.body)
        await transport.ack(each)
    return found


async def test_nothing_goes_over_what_is_not_connected() -> None:
    made = MemoryTransport(MemoryBroker())
    assert not made.ready and not made.sends

    async def nothing(_: Delivery) -> None: ...

    made.broker.declare(Topology((), (Queue("q"),), ()))
    calls = (
        made.publish(Publication("q", b"", "")),
        made.fetch("q"),
        made.consume("q", 1, nothing),
    )
    for call in calls:
        with pytest.raises(BrokerUnreachableError, match="await connect"):
            await call
    await made.connect()
    assert made.ready and made.sends
    await made.close()
    assert not made.ready and not made.sends


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        ("durable", Queue("q"), Queue("q", durable=False)),
        ("exclusive", Queue("q"), Queue("q", exclusive=True)),
        ("auto_delete", Queue("q"), Queue("q", auto_delete=True)),
        ("x-queue-type", Queue("q"), Queue("q", arguments={"x-queue-type": "quorum"})),
        ("x-queue-type", Queue("q", arguments={"x-queue-type": "quorum"}), Queue("q")),
        ("type", Exchange("e"), Exchange("e", "direct")),
    ],
)
def test_what_is_declared_otherwise_is_told_and_stays(name: str, wanted: Any, found: Any) -> None:
    broker = MemoryBroker()

    def topology(each: Any) -> Topology:
        return Topology((), (each,), ()) if isinstance(each, Queue) else Topology((each,))

    broker.declare(topology(found))
    with pytest.raises(TopologyMismatchError, match=f"a different {name}: compiled"):
        broker.declare(topology(wanted))
    [finding] = broker.inspect(topology(wanted))
    assert finding.state == "different" and f"different {name}" in finding.detail
    assert broker.inspect(topology(found))[0].state == "same"
    assert broker.inspect(topology(replace(found, name="other")))[0].state == "missing"


@pytest.mark.parametrize(
    ("kind", "binding", "key", "headers", "comes"),
    [
        ("fanout", QueueBinding("e", "q", "x"), "anything", {}, True),
        ("direct", QueueBinding("e", "q", "a"), "a", {}, True),
        ("direct", QueueBinding("e", "q", "#"), "a", {}, False),
        ("topic", QueueBinding("e", "q", "a.*"), "a.b", {}, True),
        ("topic", QueueBinding("e", "q", "a.*"), "b.b", {}, False),
        ("headers", QueueBinding("e", "q", "", {"x": 1, "y": 2}), "", {"x": 1, "y": 2}, True),
        ("headers", QueueBinding("e", "q", "", {"x": 1, "y": 2}), "", {"x": 1}, False),
        ("headers", QueueBinding("e", "q", "", {"x": 1, "x-match": "any"}), "", {"x": 1}, True),
        (
            "headers",
            QueueBinding("e", "q", "", {"a": 1, "b": 2, "x-match": "any"}),
            "",
            {"b": 2},
            True,
        ),
        ("headers", QueueBinding("e", "q", "", {"a": 1, "x-match": "any"}), "", {"a": 2}, False),
    ],
)
async def test_exchanges_route_by_their_kind(
    transport: MemoryTransport,
    kind: Any,
    binding: QueueBinding,
    key: str,
    headers: dict[str, Any],
    comes: bool,
) -> None:
    await transport.declare(Topology((Exchange("e", kind),), (Queue("q"),), (binding,)))
    publication = Publication(key, b"1", "e", headers=headers, mandatory=True)
    if comes:
        await transport.publish(publication)
    else:
        with pytest.raises(UnroutableError, match="no queue receives"):
            await transport.publish(publication)
    assert await transport.count("q") == comes


async def test_a_deleted_queue_takes_its_own_bindings_with_it(transport: MemoryTransport) -> None:
    bindings = tuple(QueueBinding("e", name, "a") for name in ("gone", "stays"))
    await transport.declare(Topology((Exchange("e"),), (Queue("gone"), Queue("stays")), bindings))
    transport.broker.delete("gone")
    await transport.publish(Publication("a", b"", "e"))
    assert await transport.count("stays") == 1
    with pytest.raises(QueueNotFoundError, match="no queue 'gone'"):
        await transport.count("gone")
    await transport.declare(Topology((), (Queue("gone"),), ()))
    await transport.publish(Publication("a", b"", "e"))
    assert await transport.count("gone") == 0


async def test_messages_of_one_moment_come_in_the_order_of_their_delay(
    transport: MemoryTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Still:
        def __init__(self) -> None:
            self.called: list[float] = []

        def time(self) -> float:
            return 100.0

        def call_at(self, due: float, call: Any) -> None:
            self.called.append(due)

    clock = Still()
    broker = MemoryBroker(clock)
    made = MemoryTransport(broker)
    await made.connect()
    await made.declare(Topology((), (Queue("q"),), ()))
    for body in (b"1", b"2"):
        await made.publish(Publication("q", body, "", delay=5))
    await made.publish(Publication("q", b"later", "", delay=6))
    assert clock.called == [105, 105, 106] and await made.count("q") == 0
    monkeypatch.setattr(clock, "time", lambda: 105.0)
    broker._deliver_due()
    assert await bodies(made, "q") == [b"1", b"2"]
    await made.close()


async def test_what_has_waited_too_long_is_dead_lettered_at_its_head(
    transport: MemoryTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(queues, "monotonic", lambda: now)
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    await transport.declare(Topology((), (Queue("q", arguments=arguments), Queue("dead")), ()))
    await transport.publish(Publication("q", b"1", "", terms=Terms(expiration=500)))
    await transport.publish(Publication("q", b"2", ""))
    now += 0.5
    assert await transport.count("q") == 2
    now += 0.0003
    assert await transport.count("q") == 1 == await transport.count("dead")
    now += 1e9
    letter = await transport.fetch("dead")
    assert letter is not None and (letter.body, letter.exchange) == (b"1", "")
    assert letter.routing_key == "dead" and not letter.redelivered


async def test_a_letter_begins_anew_and_what_comes_back_takes_its_old_place(
    transport: MemoryTransport,
) -> None:
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "dead",
    }
    dead = Queue("dead", arguments={"x-queue-type": "quorum"})
    await transport.declare(Topology((), (Queue("q", arguments=arguments), dead), ()))
    for body in (b"1", b"2"):
        await transport.publish(Publication("q", body, ""))
    first = await transport.fetch("q")
    assert first is not None and not first.redelivered and first.returned == 0
    await transport.requeue(first)
    again = await transport.fetch("q")
    assert again is not None and again.body == b"1" and again.redelivered and again.returned == 0
    await transport.requeue(again, failed=True)
    third = await transport.fetch("q")
    assert third is not None and third.body == b"1" and third.returned == 1
    await transport.requeue(third, failed=True)
    letter = await transport.fetch("dead")
    assert letter is not None and letter.body == b"1"
    assert not letter.redelivered and letter.returned == 0
    assert provenance.DELIVERY_COUNT not in letter.headers
    assert await bodies(transport, "q") == [b"2"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"x-queue-type": "quorum"}, [31, 40, 5, None, 4, 3]),
        ({"x-max-priority": 5}, [31, 40, 5, 4, 3, None]),
        ({}, [None, 3, 5, 4, 31, 40]),
    ],
)
async def test_priorities_count_as_in_rabbitmq(
    transport: MemoryTransport, arguments: dict[str, Any], expected: list[int | None]
) -> None:
    await transport.declare(Topology((), (Queue("q", arguments=arguments),), ()))
    for priority in (None, 3, 5, 4, 31, 40):
        properties = Properties(priority=priority)
        await transport.publish(Publication("q", b"", "", properties))
    found = []
    while (each := await transport.fetch("q")) is not None:
        found.append(each.properties.priority)
    if arguments.get("x-max-priority"):
        expected = [5, 31, 40, 4, 3, None]
    assert found == expected


async def test_a_careful_consumer_holds_one_and_a_usual_one_its_prefetch(
    transport: MemoryTransport,
) -> None:
    came: list[Delivery] = []

    async def take(delivery: Delivery) -> None:
        came.append(delivery)

    await transport.declare(Topology((), (Queue("q"),), ()))
    consumer = await transport.consume("q", 2, take, careful=True)
    for _ in range(4):
        await transport.publish(Publication("q", b"", ""))
    await asyncio.sleep(0)
    assert len(came) == 1 and consumer.careful
    await consumer.be_careful(False)
    await asyncio.sleep(0)
    assert len(came) == 2 and not consumer.careful
    for each in came[:2]:
        await transport.ack(each)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(came) == 4
    [subscription] = transport._subscriptions
    await asyncio.sleep(0)
    assert not subscription.tasks, "ended tasks are forgotten"


async def test_a_publication_lets_others_run(transport: MemoryTransport) -> None:
    ran: list[bool] = []
    await transport.declare(Topology((), (Queue("q"),), ()))
    asyncio.get_running_loop().call_soon(ran.append, True)
    await transport.publish(Publication("q", b"", ""))
    assert ran == [True]


async def test_a_queue_takes_as_many_as_it_may_and_no_more(transport: MemoryTransport) -> None:
    limited = {"x-max-length": 2, "x-overflow": "reject-publish"}
    await transport.declare(Topology((), (Queue("q", arguments=limited),), ()))
    for body in (b"1", b"2"):
        await transport.publish(Publication("q", body, ""))
    with pytest.raises(PublishNackedError):
        await transport.publish(Publication("q", b"3", ""))
    assert await bodies(transport, "q") == [b"1", b"2"]


async def test_what_has_waited_too_long_is_not_fetched(transport: MemoryTransport) -> None:
    await transport.declare(Topology((), (Queue("q"),), ()))
    await transport.publish(Publication("q", b"late", "", terms=Terms(expiration=1)))
    await asyncio.sleep(0.01)
    assert await transport.fetch("q") is None


def test_the_time_of_amqp_begins_with_1970() -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    limits.check(Publication("q", b"", properties=Properties(timestamp=first)))
    limits.check(Publication("q", b"", headers={"at": first.replace(tzinfo=None)}))
    before = first - timedelta(microseconds=1)
    with pytest.raises(PublishParameterError, match="before 1970"):
        limits.check(Publication("q", b"", properties=Properties(timestamp=before)))

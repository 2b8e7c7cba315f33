"""A start of many queues: few channels and few exchanges, and nothing that is promised less."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
from jararaca import Exchange, Queue, QueueBinding, Topology, TopologyMismatchError
from jararaca.transport import Publication
from jararaca.transport.amqp.fast.channel_pool import MOST_CHANNELS
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.fast.declaration import MANY
from jararaca.transport.amqp.fast.transport import FastTransport
from jararaca.transport.connect import transport_for

from tests.support.brokers import delete_queues
from tests.unit.test_fast_broker import Inbox, cut

pytestmark = pytest.mark.broker
PATIENCE = 30
COUNT = max(MOST_CHANNELS, MANY) + 10


@pytest.fixture
def names() -> list[str]:
    prefix = f"start-{uuid4().hex[:8]}"
    return [f"{prefix}.{number}" for number in range(COUNT)]


def topology(names: list[str], **arguments: object) -> Topology:
    """Classic queues, which are quick to make, each bound to a topic of its own name."""
    return Topology(
        (Exchange("jararaca", shared=True),),
        tuple(Queue(name, arguments=arguments) for name in names),
        tuple(QueueBinding("jararaca", name, name) for name in names),
    )


@pytest.fixture
async def transport(scratch_broker_url: str, names: list[str]) -> AsyncIterator[FastTransport]:
    made = transport_for(scratch_broker_url)
    assert isinstance(made, FastTransport)
    await made.connect()
    await made.declare(topology(names))
    yield made
    await made.close()
    await delete_queues(scratch_broker_url, *names)


async def send(transport: FastTransport, name: str, count: int, delay: float = 0.0) -> None:
    await asyncio.gather(
        *(
            transport.publish(Publication(name, b"%d" % n, mandatory=True, delay=delay))
            for n in range(count)
        )
    )


def prefetch(number: int) -> int:
    """Another one for those who come to a channel second."""
    return 1 + 2 * (number // MOST_CHANNELS)


async def consuming(transport: FastTransport, names: list[str]) -> list[Inbox]:
    """An inbox for each queue."""
    inboxes = [Inbox() for _ in names]
    await asyncio.gather(
        *(
            transport.consume(name, prefetch(number), inboxes[number])
            for number, name in enumerate(names)
        )
    )
    return inboxes


async def test_all_of_a_large_topology_is_declared_and_bound(
    transport: FastTransport, names: list[str]
) -> None:
    await asyncio.gather(*(send(transport, name, 1) for name in names))
    assert [await transport.count(name) for name in names] == [1] * COUNT


async def test_one_queue_of_many_that_differs_is_named(
    transport: FastTransport, names: list[str]
) -> None:
    wanted = topology(names)
    changed = Queue(names[-2], arguments={"x-max-length": 5})
    queues = (*wanted.queues[:-2], changed, wanted.queues[-1])
    with pytest.raises(TopologyMismatchError, match=names[-2].replace(".", r"\.")):
        await transport.declare(Topology(wanted.exchanges, queues, wanted.bindings))


async def test_many_queues_share_few_channels_and_each_keeps_its_own_prefetch(
    transport: FastTransport, names: list[str]
) -> None:
    inboxes = await consuming(transport, names)
    connection = await transport._receiving.connection()
    assert isinstance(connection, FastConnection)
    async with asyncio.timeout(PATIENCE):
        while len(connection.socket.channels) > MOST_CHANNELS:  # one more binds the delay chain
            await asyncio.sleep(0.01)
    await asyncio.gather(*(send(transport, name, 5) for name in names))
    for number, inbox in enumerate(inboxes):
        held = await inbox.take(prefetch(number))
        assert {delivery.queue for delivery in held} == {names[number]}
    await asyncio.sleep(0.3)
    assert all(inbox._queue.empty() for inbox in inboxes), "more came than the prefetch allows"


async def test_a_queue_that_is_deleted_leaves_those_on_its_channel_alone(
    transport: FastTransport, names: list[str], scratch_broker_url: str
) -> None:
    inboxes = await consuming(transport, names)
    other = names[MOST_CHANNELS]
    await send(transport, other, 1)
    (held,) = await inboxes[MOST_CHANNELS].take(1)
    await delete_queues(scratch_broker_url, names[0])
    async with asyncio.timeout(PATIENCE):
        while transport.ready:
            await asyncio.sleep(0.01)
        while not transport.ready:
            await asyncio.sleep(0.01)
    await send(transport, names[0], 1)
    assert (await inboxes[0].take(1))[0].queue == names[0]
    await transport.ack(held)
    await send(transport, other, 1)
    (after,) = await inboxes[MOST_CHANNELS].take(1)
    assert (held.redelivered, after.redelivered) == (False, False)


async def test_after_a_reconnect_the_topology_is_declared_once_for_all_consumers(
    transport: FastTransport, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inboxes = await consuming(transport, names)
    restored = 0
    restore = transport._receiving._restore
    assert restore is not None

    async def counted(connection: FastConnection) -> None:
        nonlocal restored
        restored += 1
        await restore(connection)

    for receiver in transport._receivers:
        receiver._prepare = counted
    transport._receiving._restore = counted
    await cut(transport._receiving)
    async with asyncio.timeout(PATIENCE):
        while transport.ready:
            await asyncio.sleep(0.01)
        while not transport.ready:
            await asyncio.sleep(0.01)
    assert restored == 1
    await send(transport, names[3], 1)
    assert (await inboxes[3].take(1))[0].queue == names[3]


async def test_what_was_delayed_for_a_queue_reaches_the_one_that_was_made_again(
    transport: FastTransport, names: list[str], scratch_broker_url: str
) -> None:
    inboxes = await consuming(transport, names[:2])
    later = Publication(names[0], b"later", "", mandatory=True, delay=2.0)
    await transport.publish(later)
    await delete_queues(scratch_broker_url, names[0])
    (delivery,) = await inboxes[0].take(1)
    assert delivery.body == b"later"


async def test_bindings_of_queues_that_are_not_declared_with_them_are_made_too(
    transport: FastTransport, names: list[str]
) -> None:
    """As of a queue that another service owns: a start of many queues looks at each by itself."""
    given = topology(names[1:])
    other = QueueBinding("jararaca", names[0], f"{names[0]}.more")
    await transport.declare(replace(given, bindings=(*given.bindings, other)))
    await transport.publish(Publication(f"{names[0]}.more", b"{}", mandatory=True))
    assert await transport.count(names[0]) == 1

"""What delays leave behind: letters for queues that are gone, and nothing in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import aiormq
import pytest
from jararaca import Queue, Topology
from jararaca.operations import dead_letters
from jararaca.transport import Publication, Transport
from jararaca.transport.connect import transport_for

from tests.support.brokers import Broker, delete_queues, missing, scratch

pytestmark = pytest.mark.broker
DELAYS = "jararaca.delay"


@pytest.fixture
def apart(each_broker: Broker) -> Iterator[Broker]:
    """A virtual host of the test's own."""
    with scratch(each_broker) as made:
        if "exchange=" in made.url:
            missing("nobody may make a virtual host here")
        yield made


@pytest.fixture
async def transport(apart: Broker) -> AsyncIterator[Transport]:
    made = transport_for(apart.url)
    await made.connect()
    yield made
    await made.close()


async def test_a_delayed_message_for_a_queue_that_is_gone_is_kept_told_and_replayed(
    apart: Broker, transport: Transport
) -> None:
    name = f"gone-{uuid4().hex[:8]}"
    queue = Topology(queues=(Queue(name, arguments={"x-queue-type": "quorum"}),))
    await transport.declare(queue)
    assert DELAYS not in await dead_letters.counts(transport, [])
    await transport.publish(Publication(name, b"late", "", mandatory=True, delay=0.5))
    await delete_queues(apart.url, name)
    async with asyncio.timeout(20):
        while DELAYS not in await dead_letters.counts(transport, []):
            await asyncio.sleep(0.1)
    assert await dead_letters.parked(transport) == {DELAYS: 1}
    for _ in range(25):
        (letter,) = await dead_letters.list_dead_letters(transport, DELAYS)
        # Given back, it is there again a moment later.
        while not await transport.count(f"{DELAYS}.dead-letters"):
            await asyncio.sleep(0.02)
    assert letter.queue == name
    assert letter.reason == f"its delay was over, and the queue {name} was gone"
    await transport.declare(queue)
    assert await dead_letters.replay(transport, DELAYS) == 1
    found = await transport.fetch(name)
    assert found is not None and found.body == b"late"
    await transport.ack(found)


@pytest.mark.parametrize("before", [None, "classic", "quorum"])
async def test_a_virtual_host_whose_queues_are_quorum_queues_stops_no_second_start(
    apart: Broker, before: str | None
) -> None:
    """What an older version has left there, of whichever type, is in nobody's way."""
    vhost = apart.url.rpartition("/")[2]
    if before is not None:
        connection = await aiormq.connect(apart.url)
        channel = await connection.channel()
        await channel.queue_declare(
            f"{DELAYS}.events",
            durable=True,
            arguments={"x-message-ttl": 0, "x-queue-type": before},
        )
        await connection.close()
    if not apart.administer("update_vhost_metadata", vhost, "--default-queue-type", "quorum"):
        user = "guest"
        apart.administer("delete_vhost", vhost)
        assert apart.administer("add_vhost", vhost, "--default-queue-type", "quorum")
        apart.administer("set_permissions", "-p", vhost, user, ".*", ".*", ".*")
    for _ in range(2):
        transport = transport_for(apart.url)
        await transport.connect()
        await transport.provision(Topology())
        await transport.close()

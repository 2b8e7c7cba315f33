"""One dead-letter queue for a whole service: what is in it, and the way there from one each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Route,
    Service,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.operations import dead_letters
from jararaca.operations.dead_letters import Watch
from jararaca.operations.letter_places import place_of
from jararaca.routing.declarations import topology_of
from jararaca.transport import Properties, Publication, Terms, Transport
from jararaca.transport.connect import transport_for

from tests.support.brokers import delete_queues
from tests.support.services import service_of, sharing

pytestmark = pytest.mark.broker
NO_RETRY = RetryPolicy(max_retries=0)


class Packed(Message):
    MESSAGE_TOPIC = "parcel.packed"
    MESSAGE_TYPE = "task"


class Sent(Message):
    MESSAGE_TOPIC = "parcel.sent"
    MESSAGE_TYPE = "task"


@MessageBusController()
class Parcels:
    @MessageHandler(Packed, retry=NO_RETRY)
    async def pack(self, message: MessageOf[Packed]) -> None:
        raise ValueError("no box")

    @MessageHandler(Sent, retry=NO_RETRY)
    async def send(self, message: MessageOf[Sent]) -> None:
        raise ValueError("no van")


def row(message: type[Message], handler: object, queue: str) -> Route:
    return route(
        operation=queue,
        queue=queue,
        binding_keys=(queue,),
        message=message,  # type: ignore[arg-type]
        controller=Parcels,
        handler=handler,  # type: ignore[arg-type]
    )


@pytest.fixture
def before() -> Service:
    """A service of two handlers, each with a dead-letter queue for itself."""
    mark = uuid4().hex[:8]
    return service_of(
        row(Packed, Parcels.pack, f"pack-{mark}"),
        row(Sent, Parcels.send, f"send-{mark}"),
        name=f"parcels-{mark}",
    )


@pytest.fixture
async def transport(scratch_broker_url: str) -> AsyncIterator[Transport]:
    made = transport_for(scratch_broker_url)
    await made.connect()
    yield made
    await made.close()


async def fail(url: str, service: Service, transport: Transport) -> None:
    """Have each handler of the service give up one message."""
    worker = Worker(Microservice(service), transport_for(url))
    await worker.start()
    letters = {service.topology.dead_letters_of(each.queue) for each in service.routes}
    wanted = sum([await transport.count(each) for each in letters]) + len(service.routes)
    for each in service.routes:
        await transport.publish(Publication(each.queue, b"{}", "", mandatory=True))
    async with asyncio.timeout(60):
        while sum([await transport.count(each) for each in letters]) < wanted:
            await asyncio.sleep(0.05)
    await worker.stop()


async def reasons(transport: Transport, queue: str, service: Service) -> list[str]:
    """Why the letters of a queue are there."""
    place = place_of(queue, [service.topology])
    before = await dead_letters.counts(transport, [service.topology])
    found = await dead_letters.list_dead_letters(transport, place)
    async with asyncio.timeout(20):
        # Given back, they are there again a moment later.
        while await dead_letters.counts(transport, [service.topology]) != before:
            await asyncio.sleep(0.05)
    return [each.reason for each in found]


async def test_letters_share_a_queue_and_are_told_apart_and_replayed_by_their_origin(
    scratch_broker_url: str, transport: Transport, before: Service
) -> None:
    service = sharing(before)
    pack, send = (each.queue for each in service.routes)
    await fail(scratch_broker_url, service, transport)
    gone = Terms(expiration=1)
    await transport.publish(Publication(pack, b"{}", "", mandatory=True, terms=gone))
    async with asyncio.timeout(60):
        while await dead_letters.counts(transport, [service.topology]) != {service.name: 3}:
            await asyncio.sleep(0.05)
    by_handler, by_broker = await reasons(transport, pack, service)
    assert "no box" in by_handler
    assert by_broker == "the broker gave it up: expired"
    assert len(await reasons(transport, service.name, service)) == 3
    (only,) = await reasons(transport, send, service)
    assert "no van" in only
    place = place_of(pack, [service.topology])
    assert await dead_letters.replay(transport, place) == 2
    assert (await transport.count(pack), await transport.count(send)) == (2, 0)
    async with asyncio.timeout(20):
        while await dead_letters.counts(transport, [service.topology]) != {service.name: 1}:
            await asyncio.sleep(0.05)  # Given back, it is there again a moment later.
    assert await dead_letters.purge(transport, place_of(send, [service.topology])) == 1
    assert await dead_letters.counts(transport, [service.topology]) == {service.name: 0}


async def test_replay_watches_for_letters_of_its_own_queue_only(
    transport: Transport, before: Service
) -> None:
    """The same event, and so the same id, is given up by another queue of the service."""
    service = sharing(before)
    await transport.declare(service.topology)
    pack, send = (each.queue for each in service.routes)
    sending: list[asyncio.Task[None]] = []

    def give_up(queue: str) -> None:
        event, gone = Properties(message_id="event"), Terms(expiration=1)
        made = Publication(queue, b"{}", "", event, mandatory=True, terms=gone)
        sending.append(asyncio.create_task(transport.publish(made)))

    give_up(pack)
    async with asyncio.timeout(60):
        while await dead_letters.counts(transport, [service.topology]) != {service.name: 1}:
            await asyncio.sleep(0.05)
    place = place_of(pack, [service.topology])
    done = await dead_letters.replay(
        transport, place, told=lambda _: give_up(send), watch=Watch(2, 2)
    )
    assert done == 1
    await asyncio.gather(*sending)
    async with asyncio.timeout(20):
        while await dead_letters.counts(transport, [service.topology]) != {service.name: 1}:
            await asyncio.sleep(0.05)  # Given back, it is there again a moment later.
    (other,) = await dead_letters.list_dead_letters(transport, place_of(send, [service.topology]))
    assert other.message_id == "event"


async def test_a_service_goes_over_from_one_queue_each_to_one_for_all_and_loses_nothing(
    scratch_broker_url: str, transport: Transport, before: Service
) -> None:
    after = sharing(before)
    queues = [each.queue for each in before.routes]
    await fail(scratch_broker_url, before, transport)
    await fail(scratch_broker_url, after, transport)
    for queue in queues:
        assert len(await reasons(transport, queue, after)) == 2, "the older one and the newer one"
    counted = await dead_letters.counts(transport, [after.topology])
    assert counted == {after.name: 2, **dict.fromkeys(queues, 1)}
    states = {each.name: each.state for each in await transport.inspect(topology_of(after))}
    assert [states[each] for each in queues] == ["older", "older"]
    assert {states[dead_letter_queue(each)] for each in queues} == {"left"}
    for queue in queues:
        assert await dead_letters.purge(transport, place_of(queue, [after.topology])) == 2
        await delete_queues(scratch_broker_url, queue, dead_letter_queue(queue))
    await asyncio.sleep(1)
    await fail(scratch_broker_url, after, transport)
    found = await transport.inspect(topology_of(after))
    assert {each.state for each in found} == {"same"}

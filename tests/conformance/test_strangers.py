"""What a stranger writes into a message harms nobody: no header of ours is believed from anybody.

A stranger may publish, with any headers, to a topic or straight into a queue; on RabbitMQ as on the
memory broker. What the service itself moves on, delays or replays, it believes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Delivery,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    QueueBinding,
    RetryPolicy,
    Topology,
    Worker,
    implicit_headers,
    route,
)
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.publishing.publisher import Publisher
from jararaca.routing.declarations import topology_of
from jararaca.transport import Properties, Publication, Transport
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE
from tests.support.brokers import delete_queues
from tests.support.services import service_of

AT_ONCE = RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0)
ODD: Mapping[str, Any] = {
    "a list": ["x", 1, None],
    "a table": {"deep": {"er": [True]}},
    "nothing": None,
    "a large number": 2**62,
    "a negative number": -1,
    "true": True,
    "text": "elsewhere",
}
OURS = sorted(value for name, value in vars(headers).items() if name.isupper())[1:]
"""Every header name of ours; the first is the prefix of them all."""


class Placed(Message):
    MESSAGE_TOPIC = "placed"
    fails: bool = True


class Told(Message):
    """What the handler publishes."""


@dataclass
class Service:
    """A worker with one handler, the queues of others beside it, and a stranger's connection."""

    name: str
    stranger: Transport
    seen: list[MessageOf[Placed]] = field(default_factory=list)
    outcomes: asyncio.Queue[Handled] = field(default_factory=asyncio.Queue)

    @property
    def topic(self) -> str:
        """What the stranger may publish to."""
        return f"{self.name}.placed"

    @property
    def told(self) -> str:
        """Where what the handler publishes goes."""
        return f"{self.name}.told"

    @property
    def other(self) -> str:
        """A queue, and a topic, that are none of the stranger's business."""
        return f"{self.name}.other"

    async def publish(self, *, direct: bool = False, **more: Any) -> None:
        """As the stranger: to the topic, or straight into the queue by the default exchange."""
        properties = Properties(
            message_id=str(uuid4()), type="Placed", **more.pop("properties", {})
        )
        body = more.pop("body", b"{}")
        key, exchange = (self.name, "") if direct else (self.topic, None)
        await self.stranger.publish(Publication(key, body, exchange, properties, **more))

    async def outcome(self) -> Handled:
        """What became of the next delivery."""
        return await asyncio.wait_for(self.outcomes.get(), PATIENCE)

    async def fetched(self, queue: str) -> Delivery:
        """The next message of a queue."""
        async with asyncio.timeout(PATIENCE):
            while (found := await self.stranger.fetch(queue)) is None:
                await asyncio.sleep(0.02)
        return found


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[Service]:
    name = f"strangers-{uuid4().hex[:8]}"
    stranger = transport_for(url)
    await stranger.connect()
    service = Service(name, stranger)
    told = type("Told", (Told,), {"MESSAGE_TOPIC": service.told})

    @MessageBusController()
    class Orders:
        @MessageHandler(Placed, retry=AT_ONCE)
        async def placed(self, message: MessageOf[Placed]) -> None:
            service.seen.append(message)
            await told().publish(headers=dict(message.delivery.headers))
            if message.payload().fails:
                raise ValueError("as it was told to")

    row = route(
        operation="placed",
        queue=name,
        binding_keys=(service.topic,),
        message=Placed,
        controller=Orders,
        handler=Orders.placed,
    )
    app = Microservice(service_of(row))
    worker = Worker(app, transport_for(url), listener=service.outcomes.put_nowait)
    await worker.start()
    shared = topology_of(app.services[0]).exchanges
    others = [Queue(each) for each in (service.other, service.told)]
    bindings = tuple(QueueBinding("jararaca", each.name, each.name) for each in others)
    await stranger.declare(Topology(shared, tuple(others), bindings))
    try:
        yield service
    finally:
        await worker.stop()
        await stranger.close()
        if not url.startswith("memory:"):
            await delete_queues(url, name, dead_letter_queue(name), service.other, service.told)


@pytest.fixture
async def service(broker_url: str) -> AsyncIterator[Service]:
    async with serving(broker_url) as made:
        yield made


DIRECT = pytest.mark.parametrize("direct", [False, True], ids=["to the topic", "into the queue"])


@DIRECT
async def test_a_copy_goes_nowhere_that_a_header_says(service: Service, direct: bool) -> None:
    named = dict.fromkeys([*OURS, "x-jararaca-onward", "x-jararaca-anything"], service.other)
    # To RabbitMQ `CC` and `BCC` are the publisher's own addresses; a copy of ours has none.
    addresses = {name: ["nowhere.at.all"] for name in ("CC", "BCC")}
    await service.publish(direct=direct, headers={**named, **addresses, "x-delay": 9})
    assert [(await service.outcome()).outcome for _ in range(2)] == ["retried", "dead-lettered"]
    assert await service.stranger.count(service.other) == 0
    letter = await service.fetched(dead_letter_queue(service.name))
    assert letter.headers[headers.QUEUE] == service.name
    assert letter.headers[headers.TOPIC] == (service.name if direct else service.topic)
    assert not {"CC", "BCC", "x-jararaca-onward", "x-jararaca-anything"} & letter.headers.keys()


@DIRECT
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
async def test_no_value_of_a_header_of_ours_is_believed_of_a_stranger(
    service: Service, value: object, direct: bool
) -> None:
    await service.publish(direct=direct, headers={**dict.fromkeys(OURS, value), "tenant": "evil"})
    assert [(await service.outcome()).outcome for _ in range(2)] == ["retried", "dead-lettered"]
    topic = service.name if direct else service.topic
    assert [each.topic for each in service.seen] == [topic] * 2
    assert [each.attempt for each in service.seen] == [1, 2]
    assert not any(name.startswith("x-jararaca-") for each in service.seen for name in each.headers)
    assert [each.headers["tenant"] for each in service.seen] == ["evil"] * 2


async def test_what_a_handler_publishes_has_none_of_a_strangers_headers(service: Service) -> None:
    forged = {**dict.fromkeys(OURS, "tenant"), "tenant": "evil"}
    await service.publish(headers=forged, body=Placed(fails=False).encode())
    assert (await service.outcome()).outcome == "handled"
    told = await service.fetched(service.told)
    # The handler has passed all of them on: what is left are those that are no names of ours.
    assert dict(told.theirs)["tenant"] == "evil"
    assert not any(name.startswith("x-jararaca-") for name in told.headers)


async def test_context_is_carried_on_from_the_service_itself(
    service: Service, broker_url: str
) -> None:
    transport = transport_for(broker_url)
    await transport.connect()
    with implicit_headers(tenant="ours"):
        publisher = Publisher(transport)
        placed = type(
            "Placed", (Placed,), {"MESSAGE_TOPIC": service.topic, "MESSAGE_NAME": "Placed"}
        )
        await publisher.publish(placed(fails=False))
    assert (await service.outcome()).outcome == "handled"
    told = await service.fetched(service.told)
    assert told.headers["tenant"] == "ours"
    assert told.ours[headers.CARRIED] == "tenant"
    await transport.close()


async def test_a_message_that_was_delayed_keeps_its_topic(service: Service) -> None:
    await service.publish(delay=0.1, body=Placed(fails=False).encode())
    assert (await service.outcome()).outcome == "handled"
    assert [each.topic for each in service.seen] == [service.topic]


async def test_a_delayed_message_goes_to_its_topic_alone(service: Service) -> None:
    forged = {**dict.fromkeys([*OURS, "x-jararaca-onward"], service.other)}
    await service.publish(delay=0.1, headers=forged)
    await service.outcome()
    assert await service.stranger.count(service.other) == 0

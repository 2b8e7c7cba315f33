"""A service of many event handlers runs on a broker that may open 1,024 files, as by default."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    RetryPolicy,
    Service,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.operations import dead_letters
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for

from tests.support.installations import Installation
from tests.support.nodes import Node
from tests.support.services import service_of

pytestmark = pytest.mark.broker
USUAL_FILES = 1_024
EVENT = "order.placed"


@pytest.fixture
def node(installation: Installation, tmp_path: Path) -> Iterator[Node]:
    """A RabbitMQ that may open as many files as a process may by default."""
    made = Node(tmp_path, installation, open_files=USUAL_FILES)
    made.start()
    yield made
    made.kill()


class Placed(Message):
    MESSAGE_TOPIC = EVENT
    number: int


def many(handlers: int, seen: Counter[int]) -> Service:
    """A service with one queue for each handler of the event, and one of dead letters for all."""

    def handler() -> object:
        # Each has a retry behind it, so that the delays are in use too.
        @MessageHandler(Placed, retry=RetryPolicy(max_retries=1, initial_delay=0.1))
        async def handle(self: object, message: MessageOf[Placed]) -> None:
            number = message.payload().number
            seen[number] += 1
            if number < 0:
                raise ValueError("no such order")

        return handle

    names = [f"handle{number:03d}" for number in range(handlers)]
    controller: type[Any] = type("Many", (), {name: handler() for name in names})
    MessageBusController()(controller)
    routes = [
        route(
            operation=name,
            queue=f"many.{name}",
            binding_keys=(EVENT,),
            message=Placed,
            controller=controller,
            handler=getattr(controller, name),
        )
        for name in names
    ]
    service = service_of(*routes, name="many")
    shared = dead_letter_queue("many")
    own = {each.queue for each in routes}
    queues = tuple(
        replace(each, arguments={**each.arguments, "x-dead-letter-routing-key": shared})
        for each in service.topology.queues
        if each.name in own
    )
    letters = Queue(shared, arguments={"x-queue-type": "quorum"})
    topology = replace(service.topology, queues=(*queues, letters), dead_letters=shared)
    return replace(service, topology=topology)


@pytest.mark.parametrize("handlers", [20, pytest.param(140, marks=pytest.mark.soak)])
async def test_every_handler_gets_every_event_and_what_fails_is_kept(
    node: Node, handlers: int
) -> None:
    seen: Counter[int] = Counter()
    service = many(handlers, seen)
    worker = Worker(Microservice(service), transport_for(node.url))
    await worker.start()
    transport = transport_for(node.url)
    await transport.connect()
    for number in (1, 2, -1):
        await transport.publish(
            Publication(EVENT, json.dumps({"number": number}).encode(), "jararaca")
        )
    wanted = {1: handlers, 2: handlers, -1: 2 * handlers}
    async with asyncio.timeout(300):
        while await dead_letters.counts(transport, [service.topology]) != {"many": handlers}:
            await asyncio.sleep(0.1)
    assert await worker.stop()
    assert seen == wanted
    await transport.close()

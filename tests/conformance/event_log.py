"""A stream of numbered events, and workers whose handler takes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from jararaca import (
    From,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    Queue,
    QueueBinding,
    RetryPolicy,
    Topology,
    Worker,
    fail,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

from tests.conformance.conftest import PATIENCE, Bench
from tests.support.services import service_of


class Log:
    """A stream of events with their numbers, and workers that read it."""

    def __init__(self, bench: Bench, **options: Any) -> None:
        filter_by = options.pop("filter_by", None)

        class Made(Message):
            MESSAGE_TOPIC = bench.name
            MESSAGE_FILTER_BY = filter_by
            number: int

        class Followed(Message):
            MESSAGE_TOPIC = f"{bench.name}.followed"

        self.followers = f"{bench.name}.followers"
        follows = options.pop("follows", False)
        seen: list[int] = []
        calls: list[list[int]] = []
        told: list[Handled] = []
        failing: dict[int, int] = {}
        self.seen, self.calls, self.told, self.failing = seen, calls, told, failing
        self.ending: set[int] = set()
        self.ended = asyncio.Event()
        self.made, self.bench = Made, bench
        self.stream = f"{bench.name}.stream"
        given = {"retry": RetryPolicy(max_retries=2, initial_delay=0.1), **options}
        given.setdefault("stream", From.first())

        def failed(number: int) -> bool:
            left = failing.get(number, 0)
            failing[number] = left - 1
            return left > 0

        log = self

        class Each:
            @MessageHandler(Made, **given)
            async def take(self, message: MessageOf[Made]) -> None:
                number = message.payload().number
                if number in log.ending:
                    log.ended.set()
                    await asyncio.sleep(PATIENCE)
                if failed(number):
                    raise ValueError(f"{number} fails")
                seen.append(number)
                if follows:
                    await Followed().publish()

        class Together:
            @MessageHandler(Made, **given)
            async def take(self, messages: list[MessageOf[Made]]) -> None:
                numbers = [each.payload().number for each in messages]
                calls.append(numbers)
                bad = [each for each in messages if failed(each.payload().number)]
                for each in bad:
                    fail(each, ValueError("fails"))
                if not bad:
                    seen.extend(numbers)

        self.controller = cast(Any, Together if "batch" in options else Each)
        row = route(
            operation="take",
            queue=bench.name,
            binding_keys=(bench.name,),
            message=Made,
            controller=self.controller,
            handler=self.controller.take,
            stream=self.stream,
            filter_by=filter_by,
        )
        service = service_of(row)
        kept = Queue(self.stream, arguments={"x-queue-type": "stream"})
        bound = QueueBinding("jararaca", self.stream, bench.name)
        topology = service.topology
        queues, bindings = [*topology.queues, kept], [*topology.bindings, bound]
        if follows:
            queues.append(Queue(self.followers, arguments={"x-queue-type": "quorum"}))
            bindings.append(QueueBinding("jararaca", self.followers, Followed.MESSAGE_TOPIC))
        topology = replace(topology, queues=tuple(queues), bindings=tuple(bindings))
        self.service = replace(service, topology=topology)

    def worker(self, **options: Any) -> Worker:
        app = Microservice(self.service, controllers=[self.controller()])
        return Worker(app, transport_for(self.bench.url), listener=self.told.append, **options)

    @asynccontextmanager
    async def reading(self, **options: Any) -> AsyncIterator[Worker]:
        worker = self.worker(**options)
        await worker.start()
        try:
            yield worker
        finally:
            await worker.stop()

    async def publish(self, *numbers: int) -> None:
        async with Publisher.connect(self.bench.url) as publisher:
            for number in numbers:
                await publisher.publish(self.made(number=number))

    async def declared(self) -> None:
        transport = await self.bench.connect()
        await transport.declare(topology_of(self.service))

    async def kept(self, *numbers: int) -> None:
        """Publish events that only the stream gets: the handler's queue is not there yet."""
        transport, topology = await self.bench.connect(), topology_of(self.service)
        await transport.declare(
            Topology(
                topology.exchanges,
                tuple(each for each in topology.queues if each.name == self.stream),
                tuple(each for each in topology.bindings if each.queue == self.stream),
            )
        )
        await self.publish(*numbers)

    async def until(self, count: int) -> list[int]:
        """What was handled, once it is so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.seen) < count:
                await asyncio.sleep(0.01)
        return self.seen

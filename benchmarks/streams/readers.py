"""One reader of the stream in a process of its own, and what it took, as JSON.

`python -m benchmarks.streams.readers NAME URL PORT COUNT`; PORT is the stream protocol's.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from jararaca import From, Message, MessageHandler, MessageOf, Microservice, Worker, route
from jararaca.contract.topology import Queue, QueueBinding
from jararaca.transport import Delivery
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_transport

from tests.support.services import service_of

STREAM, TOPIC = "bench.placed.stream", "bench.placed"
KEPT = Queue(STREAM, arguments={"x-queue-type": "stream"})
BOUND = QueueBinding("jararaca", STREAM, TOPIC)
PREFETCH = 500
ALL = (
    "rstream, raw",
    "rstream, decoded",
    "AMQP 0-9-1, fast",
    "handler, batch=100",
    "handler",
    "AMQP 0-9-1, plain",
)
"""The quickest first."""


class Placed(Message):
    """An order, as little checked as a message can be: reading it is what is measured."""

    MESSAGE_TOPIC = TOPIC


async def by_transport(url: str, count: int) -> None:
    """A transport alone, which acks each message."""
    transport = transport_for(url)
    await transport.connect()
    over, read = asyncio.Event(), 0

    async def received(delivery: Delivery) -> None:
        nonlocal read
        await transport.ack(delivery)
        read += 1
        if read == count:
            over.set()

    await transport.read(STREAM, PREFETCH, received, "first")
    await over.wait()
    await transport.close()


async def by_handler(url: str, count: int, batch: int | None) -> None:
    """A worker's handler, its offset stored in RabbitMQ."""
    over, read = asyncio.Event(), 0

    def handled(number: int) -> None:
        nonlocal read
        read += number
        if read >= count:
            over.set()

    class One:
        @MessageHandler(Placed, stream=From.first())
        async def read(self, message: MessageOf[Placed]) -> None:
            handled(1)

    class Many:
        @MessageHandler(Placed, stream=From.first(), batch=100)
        async def read(self, messages: list[MessageOf[Placed]]) -> None:
            handled(len(messages))

    controller: Any = {True: One, False: Many}[batch is None]
    row = route(
        operation="read",
        queue=f"bench.read.{batch}",
        binding_keys=(TOPIC,),
        message=Placed,
        controller=controller,
        handler=controller.read,
        stream=STREAM,
    )
    made = service_of(row)
    topology = replace(
        made.topology,
        queues=(*made.topology.queues, KEPT),
        bindings=(*made.topology.bindings, BOUND),
    )
    app = Microservice(replace(made, topology=topology), controllers=[controller()])
    worker = Worker(app, transport_for(url), prefetch=PREFETCH)
    await worker.start()
    await over.wait()
    await worker.stop()


async def by_rstream(port: int, count: int, *, decoded: bool) -> None:
    """rstream's consumer, with or without decoding what AMQP 1.0 makes of each message."""
    from rstream import (  # type: ignore[import-not-found]
        Consumer,
        ConsumerOffsetSpecification,
        OffsetType,
        amqp_decoder,
    )

    over, read = asyncio.Event(), 0

    async def received(message: Any, context: Any) -> None:
        nonlocal read
        read += 1
        if read == count:
            over.set()

    async with Consumer("127.0.0.1", port, username="guest", password="guest") as consumer:
        await consumer.subscribe(
            STREAM,
            received,
            decoder=amqp_decoder if decoded else None,
            offset_specification=ConsumerOffsetSpecification(OffsetType.FIRST, None),
        )
        await over.wait()


def readers(url: str, port: int, count: int) -> dict[str, Callable[[], Awaitable[None]]]:
    """Each reader by its name."""
    plain, fast = with_transport(url, "plain"), with_transport(url, "fast")
    return {
        "AMQP 0-9-1, fast": lambda: by_transport(fast, count),
        "AMQP 0-9-1, plain": lambda: by_transport(plain, count),
        "handler": lambda: by_handler(fast, count, None),
        "handler, batch=100": lambda: by_handler(fast, count, 100),
        "rstream, raw": lambda: by_rstream(port, count, decoded=False),
        "rstream, decoded": lambda: by_rstream(port, count, decoded=True),
    }


def main() -> None:
    """Read all, and tell the seconds, the CPU and the most memory."""
    _, name, url, port, count = sys.argv
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    asyncio.run(readers(url, int(port), int(count))[name]())  # type: ignore[arg-type]
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "cpu": cpu, "rss": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()

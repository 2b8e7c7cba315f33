"""Reading a stream: over AMQP 0-9-1, as handlers do, beside the stream protocol (rstream alone).

`python -m benchmarks.streams [COUNT]` starts a node of each RabbitMQ, fills a stream with so
many orders (100,000), has each client read all of it, and prints messages/s and CPU. The stream
protocol is measured where `pip install rstream` has been run.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jararaca import From, Message, MessageHandler, MessageOf, Microservice, Worker, route
from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.transport import Delivery, Publication
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_transport

from benchmarks.sample import encoded, order
from tests.support.installations import Installation, installed, newest
from tests.support.nodes import Node, free_port
from tests.support.services import service_of

STREAM, TOPIC = "bench.placed.stream", "bench.placed"
KEPT = Queue(STREAM, arguments={"x-queue-type": "stream"})
BOUND = QueueBinding("jararaca", STREAM, TOPIC)
AT_ONCE, PREFETCH = 1_000, 500
HEADINGS = ("reader", "messages/s", "CPU ms per 1,000")


class Placed(Message):
    """An order, as little checked as a message can be: reading it is what is measured."""

    MESSAGE_TOPIC = TOPIC


async def fill(url: str, count: int) -> None:
    """`count` orders in a new stream."""
    transport = transport_for(url)
    await transport.connect()
    await transport.declare(
        Topology((Exchange("jararaca", shared=True),), (KEPT,), (BOUND,)),
    )
    body = encoded(order(False))
    for start in range(0, count, AT_ONCE):
        some = range(start, min(count, start + AT_ONCE))
        await asyncio.gather(*(transport.publish(Publication(TOPIC, body)) for _ in some))
    await transport.close()


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


def child(name: str, url: str, port: int, count: int) -> None:
    """One reader in this process; what it took, as JSON."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    asyncio.run(readers(url, port, count)[name]())  # type: ignore[arg-type]
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": cpu}))


def measured(installation: Installation, count: int, folder: Path) -> None:
    """All readers on a node of this RabbitMQ, one after the other."""
    port = free_port()
    settings = (
        f"stream.listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"stream.advertised_host = 127.0.0.1\nstream.advertised_port = {port}\n"
    )
    node = Node(folder, installation, settings=settings, plugins=("rabbitmq_stream",))
    node.start()
    try:
        asyncio.run(fill(node.url, count))
        print(f"\nRabbitMQ {installation.version()}, {count:,} messages\n")
        print("| " + " | ".join(HEADINGS) + " |\n|---|---|---|")
        for name in readers(node.url, port, count):
            if name.startswith("rstream") and find_spec("rstream") is None:
                continue
            command = [sys.executable, "-m", "benchmarks.streams", name, node.url]
            done = subprocess.run(
                [*command, str(port), str(count)], capture_output=True, text=True, check=True
            )
            told = json.loads(done.stdout)
            rate, cpu = count / told["seconds"], told["cpu"] * 1e6 / count
            print(f"| {name} | {rate:,.0f} | {cpu:.1f} |", flush=True)
    finally:
        node.kill()


def main() -> None:
    """Measure on each RabbitMQ; or, as a child, read once."""
    if len(sys.argv) == 5:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for installation in (installed(), newest()):
        with tempfile.TemporaryDirectory(prefix="jararaca-streams-") as folder:
            measured(installation, count, Path(folder))


if __name__ == "__main__":
    main()

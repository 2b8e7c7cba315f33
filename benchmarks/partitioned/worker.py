"""One worker process: `python -m benchmarks.partitioned.worker KIND URL QUEUE PARTITIONS NOTE`.

KIND is `partitions`, `ordered_by` or `aio-pika`; NOTE is the file that tells how far it is.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import aio_pika
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Service,
    Worker,
    route,
)
from jararaca.transport.connect import transport_for

from tests.support.partitions import partitioned
from tests.support.services import service_of

BURNT = 0.002
"""Seconds of CPU that a handler takes."""

PREFETCH = 50


class Step(Message):
    """A message of a key."""

    MESSAGE_TOPIC = "bench.step"
    key: str
    number: int

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """What it is kept in order by."""
        return self.key


class Progress:
    """How many were handled, from when to when, and at what CPU."""

    handled = 0
    first = last = 0.0

    @classmethod
    def one(cls) -> None:
        """Burn the handler's CPU, and count it."""
        start = time.thread_time()
        cls.first = cls.first or time.monotonic()
        while time.thread_time() - start < BURNT:
            pass
        cls.handled += 1
        cls.last = time.monotonic()

    @classmethod
    async def tell(cls, note: Path) -> None:
        """Write it down, again and again."""
        while True:
            await asyncio.sleep(0.2)
            used = resource.getrusage(resource.RUSAGE_SELF)
            told = {
                "handled": cls.handled,
                "first": cls.first,
                "last": cls.last,
                "cpu": used.ru_utime + used.ru_stime,
            }
            note.with_suffix(".new").write_text(json.dumps(told))
            note.with_suffix(".new").rename(note)


def service(kind: str, queue: str, count: int) -> Service:
    """The service, with its queue whole or divided."""
    Step.MESSAGE_PARTITIONS = count if kind == "partitions" else None
    options: dict[str, Any] = {"ordered_by": lambda step: step.key} if kind == "ordered_by" else {}

    @MessageBusController()
    class Steps:
        @MessageHandler(Step, **options)
        async def step(self, message: MessageOf[Step]) -> None:
            Progress.one()

    whole = service_of(
        route(
            operation="step",
            queue=queue,
            binding_keys=(Step.MESSAGE_TOPIC,),
            message=Step,
            controller=Steps,
            handler=Steps.step,
        ),
        name=queue,
        exchange=f"{queue}.exchange",
    )
    return partitioned(whole, count) if kind == "partitions" else whole


async def ours(kind: str, url: str, queue: str, count: int) -> None:
    """Jararaca's worker."""
    made = service(kind, queue, count)
    worker = Worker(Microservice(made), transport_for(url), prefetch=PREFETCH)
    await worker.run(lambda: print("ready", flush=True))


async def theirs(url: str, queue: str) -> None:
    """aio-pika's consumer, as its documentation has it."""
    connection = await aio_pika.connect_robust(url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=PREFETCH)
    consumed = await channel.get_queue(queue)

    async def handle(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        Step.model_validate_json(message.body)
        Progress.one()
        await message.ack()

    await consumed.consume(handle)
    print("ready", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await connection.close()


async def main() -> None:
    """Work until told to stop."""
    kind, url, queue, count, note = sys.argv[1:6]
    telling = asyncio.create_task(Progress.tell(Path(note)))
    await (theirs(url, queue) if kind == "aio-pika" else ours(kind, url, queue, int(count)))
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling


if __name__ == "__main__":
    asyncio.run(main())

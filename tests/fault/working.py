"""The worker of the fault tests: notes the number of each message when it has handled it.

`python -m tests.fault.working BROKER_URL NOTES PREFETCH` runs until it is told to stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Topology,
    Worker,
    route,
)
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

QUEUE = "faults"
OUT = "out"
"""While a file of this name lies beside the notes, what the handler depends on is out."""

LIMIT = 2
"""Redeliveries of the queue of killers, which is small so that few workers must die."""


class Numbered(Message):
    """A task with a number; `poison` makes its handler fail, always, `kills` ends its process.

    `stubborn` has it go on for ever, whatever cancels it, but for when it comes again.
    """

    MESSAGE_TOPIC = "faults.numbered"
    MESSAGE_TYPE = "task"
    number: int
    poison: bool = False
    kills: bool = False
    seconds: float = 0.0
    stubborn: bool = False


class Killer(Message):
    """A task that kills the process which handles it."""

    MESSAGE_TOPIC = "faults.killer"
    MESSAGE_TYPE = "task"
    number: int


@MessageBusController()
class Faults:
    """Notes at the end of its work, just before the ack."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    @MessageHandler(
        Numbered, retry=RetryPolicy(max_retries=1, initial_delay=0.1), pause_on=(ConnectionError,)
    )
    async def work(self, message: MessageOf[Numbered]) -> None:
        task = message.payload()
        if task.kills:
            os._exit(9)
        if task.poison:
            raise ValueError(f"{task.number} is poison")
        if (self._notes / OUT).exists():
            raise ConnectionRefusedError("the dependency is out")
        while task.stubborn and not message.delivery.redelivered:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
        await asyncio.sleep(task.seconds)
        note(self._notes, task.number)

    @MessageHandler(Killer)
    async def die(self, message: MessageOf[Killer]) -> None:
        os._exit(9)


def note(notes: Path, number: int) -> None:
    """Append a line; O_APPEND makes it whole."""
    with (notes / f"{os.getpid()}.notes").open("a") as file:
        file.write(f"{number}\n")


def microservice(notes: Path) -> Microservice:
    """The service with its two queues; every redelivery of a killer counts soon."""
    service = service_of(
        route(
            operation="work",
            queue=QUEUE,
            binding_keys=(Numbered.MESSAGE_TOPIC,),
            message=Numbered,
            controller=Faults,
            handler=Faults.work,
        ),
        route(
            operation="die",
            queue=f"{QUEUE}.killers",
            binding_keys=(Killer.MESSAGE_TOPIC,),
            message=Killer,
            controller=Faults,
            handler=Faults.die,
        ),
        limits={f"{QUEUE}.killers": LIMIT},
    )
    return Microservice(service, controllers=[Faults(notes)])


def topology() -> Topology:
    """What the worker declares."""
    return microservice(Path()).services[0].topology


async def main(broker_url: str, notes: str, prefetch: str) -> None:
    """Work until SIGTERM."""
    logging.basicConfig(level=logging.INFO)
    worker = Worker(
        microservice(Path(notes)),
        transport_for(broker_url),
        prefetch=int(prefetch),
        shutdown_timeout=10,
    )
    await worker.run(ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

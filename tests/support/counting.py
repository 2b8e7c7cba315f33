"""An application that notes each message it handles: one line a message, one file a process.

`python -m tests.support.counting N` publishes N events and N tasks to BROKER_URL.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    route,
)

from tests.support.services import service_of

PREFIX = os.environ.get("COUNTING_PREFIX", "counting")
NOTES = Path(os.environ.get("COUNTING_NOTES", "."))
IN_FLIGHT = 200


class Happened(Message):
    """An event."""

    MESSAGE_TOPIC = f"{PREFIX}.happened"
    number: int


class Job(Message):
    """A task."""

    MESSAGE_TOPIC = f"{PREFIX}.job"
    MESSAGE_TYPE = "task"
    number: int


def note(handler: str, number: int) -> None:
    """Append a line; O_APPEND makes it whole."""
    with (NOTES / f"{os.getpid()}.notes").open("a") as file:
        file.write(f"{handler} {number}\n")


@MessageBusController()
class Counting:
    """Two handlers for the event, one for the task."""

    @MessageHandler(Happened)
    async def first(self, message: MessageOf[Happened]) -> None:
        note("first", message.payload().number)

    @MessageHandler(Happened)
    async def second(self, message: MessageOf[Happened]) -> None:
        note("second", message.payload().number)

    @MessageHandler(Job)
    async def work(self, message: MessageOf[Job]) -> None:
        note("work", message.payload().number)


SERVICE = service_of(
    route(
        operation="first",
        queue=f"{PREFIX}.first",
        binding_keys=(f"{PREFIX}.happened",),
        message=Happened,
        controller=Counting,
        handler=Counting.first,
    ),
    route(
        operation="second",
        queue=f"{PREFIX}.second",
        binding_keys=(f"{PREFIX}.happened",),
        message=Happened,
        controller=Counting,
        handler=Counting.second,
    ),
    route(
        operation="work",
        queue=f"{PREFIX}.job",
        binding_keys=(f"{PREFIX}.job",),
        message=Job,
        controller=Counting,
        handler=Counting.work,
    ),
    name=PREFIX,
)
app = Microservice(SERVICE)


async def publish(count: int) -> None:
    """Publish so many events and tasks, each confirmed."""
    async with Publisher.connect(os.environ["BROKER_URL"]):
        for start in range(0, count, IN_FLIGHT):
            numbers = range(start, min(start + IN_FLIGHT, count))
            await asyncio.gather(*(Happened(number=n).publish() for n in numbers))
            await asyncio.gather(*(Job(number=n).publish() for n in numbers))


if __name__ == "__main__":
    asyncio.run(publish(int(sys.argv[1])))

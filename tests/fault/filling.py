"""A worker whose handler asked for history: `python -m tests.fault.filling BROKER_URL NOTES`.

It notes each number that it has handled, and prints `ready`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from jararaca import (
    From,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    QueueBinding,
    Worker,
    route,
)
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

QUEUE, STREAM, TOPIC = "faults.filling", "faults.fill.stream", "faults.fill"
PREFETCH = 50


class Fill(Message):
    """An event with its number."""

    MESSAGE_TOPIC = TOPIC
    number: int


class Notes:
    """The file of one process: what is written is there, whatever ends the process."""

    file: int

    @classmethod
    def add(cls, fill: Fill) -> None:
        """One was handled."""
        os.write(cls.file, f"{fill.number}\n".encode())


@MessageBusController()
class Filling:
    """Notes what comes."""

    @MessageHandler(Fill, bootstrap=From.first())
    async def fill(self, message: MessageOf[Fill]) -> None:
        """One event."""
        await asyncio.sleep(0.001)
        Notes.add(message.payload())


_PLAIN = service_of(
    route(
        operation="fill",
        queue=QUEUE,
        binding_keys=(TOPIC,),
        message=Fill,
        controller=Filling,
        handler=Filling.fill,
        stream=STREAM,
    ),
    name="faults",
)
SERVICE = replace(
    _PLAIN,
    topology=replace(
        _PLAIN.topology,
        queues=(*_PLAIN.topology.queues, Queue(STREAM, arguments={"x-queue-type": "stream"})),
        bindings=(*_PLAIN.topology.bindings, QueueBinding("jararaca", STREAM, TOPIC)),
    ),
)


async def main(url: str, notes: Path) -> None:
    """Work until told to stop."""
    Notes.file = os.open(notes / f"{os.getpid()}.notes", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    worker = Worker(Microservice(SERVICE), transport_for(url), prefetch=PREFETCH)
    await worker.run(lambda: print("ready", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

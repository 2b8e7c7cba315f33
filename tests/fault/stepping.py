"""A worker of partitioned steps: `python -m tests.fault.stepping URL NOTES PREFETCH`.

It notes each step that it has made, with the machine's clock, and prints `ready`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.transport.connect import transport_for

from tests.support.partitions import partitioned
from tests.support.services import service_of

QUEUE = "faults.steps"
COUNT = 8
FAILS = 499
"""One in so many steps fails at its first try."""


class Step(Message):
    """The `number`th step of a walker."""

    MESSAGE_TOPIC = "faults.step"
    MESSAGE_TYPE = "task"
    MESSAGE_PARTITIONS = COUNT
    walker: str
    number: int

    def __partition_key__(self, headers: Mapping[str, Any]) -> object:
        """Whose steps are in order."""
        return self.walker


class Notes:
    """The file of one process: what is written is there, whatever ends the process."""

    file: int

    @classmethod
    def add(cls, step: Step) -> None:
        """A step is made."""
        line = f"{time.monotonic_ns()} {step.walker} {step.number}\n"
        os.write(cls.file, line.encode())


@MessageBusController()
class Walk:
    """Makes steps."""

    @MessageHandler(Step, retry=RetryPolicy(initial_delay=0.1, jitter=0))
    async def step(self, message: MessageOf[Step]) -> None:
        """One step; some need a second try."""
        step = message.payload()
        if (hash(step.walker) + step.number) % FAILS == 0 and message.attempt == 1:
            raise RuntimeError("stumbled")
        Notes.add(step)


SERVICE = partitioned(
    service_of(
        route(
            operation="step",
            queue=QUEUE,
            binding_keys=(Step.MESSAGE_TOPIC,),
            message=Step,
            controller=Walk,
            handler=Walk.step,
        ),
        name="faults",
    ),
    COUNT,
)


async def main(url: str, notes: Path, prefetch: int) -> None:
    """Work until told to stop."""
    Notes.file = os.open(notes / f"{os.getpid()}.steps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    worker = Worker(Microservice(SERVICE), transport_for(url), prefetch=prefetch)
    await worker.run(lambda: print("ready", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))

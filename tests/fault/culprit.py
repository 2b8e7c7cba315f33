"""The worker of the test of culprits: a line for each event, and some events end its process.

`python -m tests.fault.culprit BROKER_URL STORE NOTES BATCH` runs until it is told to stop. STORE is
where offsets are: the URL of a database or of Redis, or `rabbitmq`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from jararaca import (
    From,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Queue,
    QueueBinding,
    RetryPolicy,
    Service,
    Worker,
    route,
)
from jararaca.integrations.sqlalchemy import Database
from jararaca.transport.connect import transport_for

from tests.support.services import service_of


class Told(Message):
    MESSAGE_TOPIC = "faults.culprit"
    number: int
    kills: int = 0
    """How many of its first deliveries end the process."""
    fails: bool = False


class Notes:
    """Lines that outlive the process: `begun` is what was begun, `done` what was finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Of this test alone, on a broker that others may use.
        self.queue = f"faults.culprits.{folder.name}"
        self.stream = f"{self.queue}.stream"

    def add(self, kind: str, *numbers: int) -> None:
        with (self._folder / kind).open("a") as file:
            file.write("".join(f"{number}\n" for number in numbers))

    def read(self, kind: str) -> list[int]:
        path = self._folder / kind
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def service(notes: Notes, batch: int | None) -> tuple[Service, Any]:
    """The service, and the controller of its handler."""

    options: dict[str, Any] = {
        "stream": From.first(),
        "retry": RetryPolicy(max_retries=9, initial_delay=60),
    }

    async def handled(messages: list[MessageOf[Told]]) -> None:
        numbers = [each.payload().number for each in messages]
        notes.add("begun", *numbers)
        for each in messages:
            told = each.payload()
            if told.kills and notes.read("begun").count(told.number) <= told.kills:
                os._exit(9)
            if told.fails:
                raise ValueError("it fails for a while")
        notes.add("done", *numbers)

    class One:
        @MessageHandler(Told, **options)
        async def read(self, message: MessageOf[Told]) -> None:
            await handled([message])

    class Many:
        @MessageHandler(Told, **{**options, "batch": batch or 1, "within": 0.05})
        async def read(self, messages: list[MessageOf[Told]]) -> None:
            await handled(messages)

    controller: Any = One if batch is None else Many
    row = route(
        operation="read",
        queue=notes.queue,
        binding_keys=("faults.culprit",),
        message=Told,
        controller=controller,
        handler=controller.read,
        stream=notes.stream,
    )
    made = service_of(row)
    topology = replace(
        made.topology,
        queues=(*made.topology.queues, Queue(notes.stream, arguments={"x-queue-type": "stream"})),
        bindings=(
            *made.topology.bindings,
            QueueBinding("jararaca", notes.stream, "faults.culprit"),
        ),
    )
    return replace(made, topology=topology), controller()


async def main(broker_url: str, store: str, notes: Notes, batch: int | None) -> None:
    made, controller = service(notes, batch)
    is_database = store.startswith("postgresql")
    kept = [Database(store, create_tables=True)] if is_database else []
    app = Microservice(made, controllers=[controller], integrations=kept)
    backend = store if store.startswith("redis") else None
    await Worker(app, transport_for(broker_url), backend_url=backend).run()


if __name__ == "__main__":
    _, broker, place, folder, size = sys.argv
    asyncio.run(main(broker, place, Notes(Path(folder)), int(size) or None))

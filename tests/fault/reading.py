"""The worker of the stream's fault test: a row for each message, and its process dies at times.

`python -m tests.fault.reading BROKER_URL DATABASE_URL NOTES BATCH` runs until it is told to stop.
A message with `dies` ends the process where that says, the first time that it comes there.
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
    Work,
    Worker,
    route,
    use_session,
)
from jararaca.handlers.current_work import current_work
from jararaca.integrations.sqlalchemy import Database
from jararaca.transport.connect import transport_for
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, insert

from tests.support.services import service_of

metadata = MetaData()
ROWS = Table(
    "handled",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
QUEUE, STREAM = "faults.reading", "faults.read.stream"


class Read(Message):
    MESSAGE_TOPIC = "faults.read"
    number: int
    dies: str = ""
    poison: bool = False


class Deaths:
    """Ends the process, once at each message."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def at(self, place: str, message: Read) -> None:
        note = self._notes / f"{place}-{message.number}"
        if message.dies == place and not note.exists():
            note.touch()
            os._exit(9)


def service(deaths: Deaths, batch: int | None) -> tuple[Service, Any]:
    """The service, and the controller of its handler."""
    options: dict[str, Any] = {
        "stream": From.first(),
        "retry": RetryPolicy(max_retries=1, initial_delay=0.1),
    }

    async def handled(messages: list[MessageOf[Read]]) -> None:
        for each in messages:
            deaths.at("before", each.payload())
        for each in messages:
            if each.payload().poison:
                raise ValueError(f"{each.payload().number} is poison")
            await use_session().execute(insert(ROWS).values(number=each.payload().number))
        await use_session().flush()
        for each in messages:
            deaths.at("effect", each.payload())

        async def committed() -> None:
            for each in messages:
                deaths.at("committed", each.payload())

        work = current_work.get()
        assert isinstance(work, Work)
        work.on_commit(committed)

    class One:
        @MessageHandler(Read, **options)
        async def read(self, message: MessageOf[Read]) -> None:
            await handled([message])

    class Many:
        @MessageHandler(Read, **{**options, "batch": batch or 1, "within": 0.05})
        async def read(self, messages: list[MessageOf[Read]]) -> None:
            await handled(messages)

    controller: Any = {True: One, False: Many}[batch is None]
    row = route(
        operation="read",
        queue=QUEUE,
        binding_keys=("faults.read",),
        message=Read,
        controller=controller,
        handler=controller.read,
        stream=STREAM,
    )
    made = service_of(row)
    topology = replace(
        made.topology,
        queues=(*made.topology.queues, Queue(STREAM, arguments={"x-queue-type": "stream"})),
        bindings=(*made.topology.bindings, QueueBinding("jararaca", STREAM, "faults.read")),
    )
    return replace(made, topology=topology), controller()


async def main(broker_url: str, database_url: str, notes: Path, batch: int | None) -> None:
    made, controller = service(Deaths(notes), batch)
    database = Database(database_url, create_tables=metadata)
    app = Microservice(made, controllers=[controller], integrations=[database])
    await Worker(app, transport_for(broker_url)).run()


if __name__ == "__main__":
    _, broker, database, folder, size = sys.argv
    asyncio.run(main(broker, database, Path(folder), int(size) or None))

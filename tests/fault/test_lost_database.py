"""A stream's handler whose database ends its session in the middle: effects happen once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from jararaca import (
    From,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    Queue,
    QueueBinding,
    RetryPolicy,
    Worker,
    route,
    use_session,
)
from jararaca.integrations.sqlalchemy import Database
from jararaca.transport.connect import transport_for
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fault.reading import ROWS, Read, metadata
from tests.support.rabbitmqs import BOTH
from tests.support.services import service_of

pytestmark = pytest.mark.broker
COUNT, PATIENCE = 40, 60.0
LOST = {5: 1, 6: 1, 20: 3}
"""How often the session of a number is ended, in the middle of its transaction."""


class Sessions:
    """Ends the session of who asks, by another one, as an administrator or a failover does."""

    def __init__(self, url: str) -> None:
        self.engine = create_async_engine(url)
        self.left = dict(LOST)

    async def end_once(self, number: int) -> None:
        if self.left.get(number, 0) > 0:
            self.left[number] -= 1
            pid = await use_session().scalar(text("SELECT pg_backend_pid()"))
            async with self.engine.connect() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


@pytest.mark.parametrize("batch", [None, 7])
@pytest.mark.parametrize("broker", BOTH)
async def test_each_number_has_its_row_once_in_order(
    broker: str, batch: int | None, postgresql_url: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(broker).url
    sessions, name = Sessions(postgresql_url), f"faults.lost.{batch}"
    options: dict[str, Any] = {
        "stream": From.first(),
        "retry": RetryPolicy(max_retries=5, initial_delay=0.1, jitter=0),
    }

    async def write(number: int) -> None:
        await use_session().execute(insert(ROWS).values(number=number))
        await sessions.end_once(number)

    class One:
        @MessageHandler(Read, **options)
        async def read(self, message: MessageOf[Read]) -> None:
            await write(message.payload().number)

    class Many:
        @MessageHandler(Read, **{**options, "batch": batch or 1, "within": 0.05})
        async def read(self, messages: list[MessageOf[Read]]) -> None:
            for each in messages:
                await write(each.payload().number)

    controller: Any = One if batch is None else Many
    made = service_of(
        route(
            operation="read",
            queue=name,
            binding_keys=(Read.MESSAGE_TOPIC,),
            message=Read,
            controller=controller,
            handler=controller.read,
            stream=f"{name}.stream",
        )
    )
    kept = Queue(f"{name}.stream", arguments={"x-queue-type": "stream"})
    bound = QueueBinding("jararaca", kept.name, Read.MESSAGE_TOPIC)
    queues, bindings = (*made.topology.queues, kept), (*made.topology.bindings, bound)
    service = replace(made, topology=replace(made.topology, queues=queues, bindings=bindings))
    database = Database(postgresql_url, create_tables=metadata)
    app = Microservice(service, controllers=[controller()], integrations=[database])
    worker = Worker(app, transport_for(url))
    await worker.start()
    try:
        async with Publisher.connect(url) as publisher:
            for number in range(COUNT):
                await publisher.publish(Read(number=number))
        rows: list[int] = []
        async with asyncio.timeout(PATIENCE):
            while len(rows) < COUNT:
                await asyncio.sleep(0.1)
                async with sessions.engine.connect() as connection:
                    rows = [*await connection.scalars(select(ROWS.c.number).order_by(ROWS.c.id))]
    finally:
        await worker.stop()
        await sessions.engine.dispose()
    assert rows == [*range(COUNT)]
    assert not any(sessions.left.values())

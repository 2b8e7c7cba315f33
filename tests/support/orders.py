"""A service with a database, for tests: orders are rows, and what is placed is published."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
    use_session,
)
from jararaca.handlers.outcome import Handled
from jararaca.integrations.sqlalchemy import Database
from jararaca.transport import Delivery, Transport
from jararaca.transport.connect import transport_for
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.support.services import service_of

PATIENCE = 20


class Base(DeclarativeBase):
    """The tables of the tests."""


class Order(Base):
    """An effect: a row that is there once, or is not."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[int]


class Place(Message):
    """The task that makes an order."""

    MESSAGE_TOPIC = "orders.place"
    MESSAGE_TYPE = "task"
    number: int


class Placed(Message):
    """What is told of it."""

    MESSAGE_TOPIC = "orders.placed"
    number: int


class Unheard(Message):
    """A task that no queue takes."""

    MESSAGE_TOPIC = "orders.unheard"
    MESSAGE_TYPE = "task"
    number: int


Handle = Callable[[MessageOf[Place]], Awaitable[Any]]


async def place(message: MessageOf[Place]) -> None:
    """The usual handler: a row, and a publication."""
    number = message.payload().number
    use_session().add(Order(number=number))
    await Placed(number=number).publish()


class Bench:
    """Workers with a database on a broker of their own; what they were told, and what came out."""

    def __init__(
        self,
        url: str,
        handle: Handle = place,
        *,
        retry: RetryPolicy | None = None,
        idempotent: bool = True,
        on_error: Callable[[MessageOf[Any], Exception], Awaitable[None]] | None = None,
        **database: Any,
    ) -> None:
        self.url = url
        self.broker_url = f"memory://{uuid4()}"
        self.told: list[Handled] = []
        self.placed: list[Delivery] = []
        self.workers: list[Worker] = []
        self._options = {"outbox": True, "create_tables": Base.metadata, **database}
        policy = retry or RetryPolicy(max_retries=0)

        @MessageBusController()
        class Orders:
            @MessageHandler(Place, idempotent=idempotent, retry=policy, exception_handler=on_error)
            async def place(self, message: MessageOf[Place]) -> None:
                await handle(message)

            @MessageHandler(Placed)
            async def placed(self, message: MessageOf[Placed]) -> None:
                self_.placed.append(message.delivery)

        self_ = self
        self.service = service_of(
            route(
                operation="place",
                queue="orders.place",
                binding_keys=(Place.MESSAGE_TOPIC,),
                message=Place,
                controller=Orders,
                handler=Orders.place,
            ),
            route(
                operation="placed",
                queue="orders.placed",
                binding_keys=(Placed.MESSAGE_TOPIC,),
                message=Placed,
                controller=Orders,
                handler=Orders.placed,
            ),
        )
        self.database = self.another()

    def another(self, **more: Any) -> Database:
        """The database as another process has it."""
        return Database(self.url, **{**self._options, **more})

    def microservice(self, *integrations: Database) -> Microservice:
        """The service with these databases, or its own."""
        return Microservice(self.service, integrations=integrations or (self.database,))

    async def worker(
        self, *integrations: Database, transport: Transport | None = None, **more: Any
    ) -> Worker:
        """One that runs."""
        worker = Worker(
            self.microservice(*integrations),
            transport or transport_for(self.broker_url),
            listener=self.told.append,
            **more,
        )
        await worker.start()
        self.workers.append(worker)
        return worker

    async def send(self, *numbers: int, message_id: str | None = None) -> None:
        """Publish tasks."""
        async with Publisher.connect(self.broker_url):
            for number in numbers:
                await Place(number=number).publish(message_id=message_id)

    async def until(self, *, place: int = 0, placed: int = 0) -> None:
        """Wait until so many deliveries of each handler were settled."""
        async with asyncio.timeout(PATIENCE):
            while len(self.outcomes()) < place or len(self.placed) < placed:
                await asyncio.sleep(0.01)

    def outcomes(self, queue: str = "orders.place") -> Sequence[str]:
        """What became of each delivery from a queue."""
        return [each.outcome for each in self.told if each.queue == queue]

    @property
    def numbers(self) -> list[int]:
        """Those that were published as placed, in their order."""
        return [Placed.decode(each.body).number for each in self.placed]

    async def orders(self) -> dict[int, int]:
        """How many rows each number has."""
        async with self.database.engine.connect() as connection:
            rows = await connection.execute(
                select(Order.number, func.count().label("times"))
                .group_by(Order.number)
                .order_by(Order.number)
            )
            return {row.number: row.times for row in rows}

    async def close(self) -> None:
        """Stop what runs."""
        for worker in self.workers:
            await worker.stop()
        await self.database.engine.dispose()

"""A process that ends itself, as by `kill -9`, at a step of its work that a test names.

`python -m tests.support.dying STEP` works on BROKER_URL and DATABASE_URL; `never` is no step.
STEP `relay` only sends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import Any, NoReturn

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    route,
    use_session,
)
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.transport import Delivery, Publication, Transport
from jararaca.transport.connect import transport_for
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.support.services import service_of

PREFIX = os.environ.get("DYING_PREFIX", "dying")
STEPS = (
    "handler returned",
    "outbox written",
    "committed",
    "relay publishes",
    "relay has its confirm",
    "relay has deleted the row",
    "ack",
    "acked",
)
"""In the order of a delivery's life: what has happened, or is about to, when the process dies."""


class Base(DeclarativeBase):
    """The table of effects."""


class Effect(Base):
    """One row for each time that a handler's work lasted; no number is unique on purpose."""

    __tablename__ = "effects"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    handler: Mapped[str]
    number: Mapped[int]
    message_id: Mapped[str]


class Do(Message):
    """The task."""

    MESSAGE_TOPIC = f"{PREFIX}.do"
    MESSAGE_TYPE = "task"
    number: int


class Done(Message):
    """What its handler publishes."""

    MESSAGE_TOPIC = f"{PREFIX}.done"
    number: int


@MessageBusController()
class Dying:
    """Writes a row and publishes; whoever hears of it writes another."""

    @MessageHandler(Do, idempotent=True, retry=RetryPolicy(initial_delay=0.1))
    async def do(self, message: MessageOf[Do]) -> None:
        _add("do", message)
        await Done(number=message.payload().number).publish()

    @MessageHandler(Done, idempotent=True, retry=RetryPolicy(initial_delay=0.1))
    async def done(self, message: MessageOf[Done]) -> None:
        _add("done", message)


def _add(handler: str, message: MessageOf[Any]) -> None:
    number, message_id = message.payload().number, message.properties.message_id
    use_session().add(Effect(handler=handler, number=number, message_id=message_id))


SERVICE = service_of(
    route(
        operation="do",
        queue=f"{PREFIX}.do",
        binding_keys=(Do.MESSAGE_TOPIC,),
        message=Do,
        controller=Dying,
        handler=Dying.do,
    ),
    route(
        operation="done",
        queue=f"{PREFIX}.done",
        binding_keys=(Done.MESSAGE_TOPIC,),
        message=Done,
        controller=Dying,
        handler=Dying.done,
    ),
    name=PREFIX,
)


class Watched:
    """A transport on which steps of the first handler's life are seen."""

    def __init__(self, transport: Transport, step: str) -> None:
        self._transport = transport
        self._step = step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def publish(self, publication: Publication) -> None:
        relayed = publication.routing_key == Done.MESSAGE_TOPIC
        if relayed and self._step == "relay publishes":
            die()
        await self._transport.publish(publication)
        if relayed and self._step == "relay has its confirm":
            die()

    async def ack(self, delivery: Delivery) -> None:
        mine = delivery.routing_key == Do.MESSAGE_TOPIC
        if mine and self._step == "ack":
            die()
        await self._transport.ack(delivery)
        if mine and self._step == "acked":
            asyncio.get_running_loop().call_later(0.05, die)


def watch(database: Database, step: str) -> None:
    """Die at the steps that SQLAlchemy tells of."""
    if step == "handler returned":
        event.listen(Session, "before_flush", lambda *_: die())
    if step == "committed":
        event.listen(Session, "after_commit", lambda *_: die())

    def executed(_: Any, cursor: Any, statement: str, *more: Any) -> None:
        if step == "outbox written" and statement.startswith("INSERT INTO jararaca_outbox"):
            die()
        if step == "relay has deleted the row" and statement.startswith("DELETE FROM jararaca_out"):
            die()

    event.listen(database.engine.sync_engine, "after_cursor_execute", executed)


def die() -> None:
    """As `kill -9` does it: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


async def relay_only(database: Database) -> NoReturn:
    """Send what others commit, until the process is ended."""
    await database.prepare()
    transport = transport_for(os.environ["BROKER_URL"])
    await transport.connect()
    relay = Relay(database.engine, transport)
    relay.start()
    print("ready", flush=True)
    while True:
        await asyncio.sleep(1)


async def main(step: str) -> None:
    """Work until SIGTERM, or until the step."""
    logging.basicConfig(level=logging.INFO)
    database = Database(os.environ["DATABASE_URL"], outbox=True, create_tables=Base.metadata)
    if step == "relay":
        await relay_only(database)
    watch(database, step)
    transport = Watched(transport_for(os.environ["BROKER_URL"]), step)
    worker = Worker(Microservice(SERVICE, integrations=[database]), transport, shutdown_timeout=10)
    await worker.run(ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

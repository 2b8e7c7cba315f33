"""A desk over a memory broker, for tests: two services, whose handlers cause one another's work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Worker,
    reject,
    route,
)
from jararaca.dev.page_api import PageApi
from jararaca.transport.connect import transport_for

from tests.support.quotes import GetQuote, OutOfStock, Quote
from tests.support.services import service_of

PATIENCE = 20
TRIED = RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0)


class Placed(Message):
    MESSAGE_TOPIC = "shop.{region}.placed"
    number: int


class Charge(Message):
    MESSAGE_TOPIC = "bank.charge"
    MESSAGE_TYPE = "task"
    number: int


class Charged(Message):
    MESSAGE_TOPIC = "bank.charged"
    number: int


class Paused(Message):
    """Nobody receives it."""

    MESSAGE_TOPIC = "shop.paused"


class BusyError(Exception):
    """The bank asks to come back."""


@MessageBusController()
class Shop:
    """A number below zero is refused, 1 succeeds at the second try, 2 never answers."""

    @MessageHandler(Placed)
    async def on_placed(self, message: MessageOf[Placed]) -> None:
        await Charge(number=message.payload().number).publish()

    @MessageHandler(Charge, retry=TRIED, requeue_on_exception=(BusyError,))
    async def charge(self, message: MessageOf[Charge]) -> None:
        number = message.payload().number
        if number < 0:
            reject("<b>nothing</b> is charged\x1b[31m")
        await Charged(number=number).publish()
        if number == 1 and message.attempt == 1:
            raise BusyError("come back")

    @MessageHandler(Charged)
    async def on_charged(self, message: MessageOf[Charged]) -> None:
        """Nothing follows."""

    @MessageHandler(GetQuote, retry=RetryPolicy(max_retries=0))
    async def quote(self, message: MessageOf[GetQuote]) -> Quote | OutOfStock:
        match message.payload().item:
            case "gone":
                return OutOfStock(item="gone")
            case "unknown":
                reject("it is not sold here")
            case "slow":
                await asyncio.Event().wait()
        return Quote(item=message.payload().item, price=7)


def _route(kind: type[Message], handler: Callable[..., Any], queue: str, key: str) -> Any:
    return route(
        operation=queue,
        queue=queue,
        binding_keys=(key,),
        message=kind,
        controller=Shop,
        handler=handler,
    )


def application() -> Microservice:
    """`shop` places and quotes, `bank` charges."""
    shop = service_of(
        _route(Placed, Shop.on_placed, "placed", "shop.*.placed"),
        _route(GetQuote, Shop.quote, "quotes", GetQuote.MESSAGE_TOPIC),
        _route(Charged, Shop.on_charged, "charged", "bank.charged"),
        name="shop",
    )
    bank = service_of(_route(Charge, Shop.charge, "charges", "bank.charge"), name="bank")
    for each, more in ((shop, (Paused, Quote, OutOfStock)), (bank, (Charged,))):
        object.__setattr__(each, "messages", (*each.messages, *more))
    return Microservice(shop, bank)


def many(count: int) -> Microservice:
    """So many messages, which nobody handles."""
    kinds = [
        type(f"Thing{n}Changed", (Message,), {"MESSAGE_TOPIC": f"things.{n}.changed"})
        for n in range(count)
    ]
    service = service_of(name="things")
    object.__setattr__(service, "messages", tuple(kinds))
    return Microservice(service)


class Desk:
    """What a page asks of the desk, and what it hears."""

    def __init__(self, api: PageApi) -> None:
        self.api = api

    async def post(self, path: str, **asked: Any) -> dict[str, Any]:
        """A request as a page makes it, in a thread as the server does."""
        status, _, body = await asyncio.to_thread(
            self.api.post, f"/-/{path}", json.dumps(asked).encode()
        )
        assert status == 200
        found: dict[str, Any] = json.loads(body)
        return found

    async def publish(self, message: str, value: Any, **more: Any) -> dict[str, Any]:
        """Publish a value as a body."""
        given = {"body": json.dumps(value), "parameters": {}, "headers": {}, **more}
        return await self.post("publish", message=message, **given)

    def entries(self) -> list[dict[str, Any]]:
        """All that a page that is opened now is sent."""
        return [json.loads(each) for each in self.api.wait(0, 0)[1]]

    async def heard(self, is_heard: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """The entries, once they are as expected."""
        async with asyncio.timeout(PATIENCE):
            known = 0
            while not is_heard(found := self.entries()):
                known, _ = await asyncio.to_thread(self.api.wait, known, 1.0)
        return found

    async def ended(self, name: str, outcome: str, number: int = 1) -> list[dict[str, Any]]:
        """The entries, once tries of a message have ended so."""

        def is_over(found: list[dict[str, Any]]) -> bool:
            ids = {each["id"] for each in found if each.get("name") == name}
            ends = [e for e in found if e["id"] in ids and e.get("outcome") == outcome]
            return len(ends) >= number

        return await self.heard(is_over)


@asynccontextmanager
async def running(
    app: Microservice | None = None, broker: str | None = None
) -> AsyncIterator[Desk]:
    """The application at work, with a desk; on a broker of that name it shares with others."""
    app = app or application()
    transport = transport_for(f"memory://{broker or uuid4().hex}")
    api = PageApi(app, transport)
    shared = () if broker is None else (api.sharing,)
    app.integrations = (*app.integrations, *shared, api.watching)
    worker = Worker(app, transport, shutdown_timeout=0.1)
    await worker.start()
    try:
        yield Desk(api)
    finally:
        await worker.stop()

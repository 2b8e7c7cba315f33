"""A little shop for the tests of telemetry: an order, whose handler asks for an invoice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from jararaca import (
    Integration,
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    RetryPolicy,
    Service,
    Worker,
    reject,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.support.services import service_of

PATIENCE = 20
FAST = RetryPolicy(max_retries=1, initial_delay=0.1)


class OrderPlaced(Message):
    MESSAGE_TOPIC = "shop.{region}.placed"
    number: int


class SendInvoice(Message):
    MESSAGE_TOPIC = "shop.invoice.send"
    MESSAGE_TYPE = "task"
    number: int


@MessageBusController()
class Shop:
    """`on_invoice` is what a test wants to happen to an invoice."""

    def __init__(self, on_invoice: Callable[[MessageOf[SendInvoice]], None]) -> None:
        self._on_invoice = on_invoice

    @MessageHandler(OrderPlaced)
    async def on_placed(self, message: MessageOf[OrderPlaced]) -> None:
        await SendInvoice(number=message.payload().number).publish()

    @MessageHandler(SendInvoice, retry=FAST)
    async def on_invoice(self, message: MessageOf[SendInvoice]) -> None:
        await asyncio.sleep(0)
        self._on_invoice(message)


def shop(exchange: str = "jararaca") -> Service:
    """The service, with queues of its own."""
    suffix = uuid4().hex[:8]
    return service_of(
        route(
            operation="onPlaced",
            queue=f"placed-{suffix}",
            binding_keys=("shop.*.placed",),
            message=OrderPlaced,
            controller=Shop,
            handler=Shop.on_placed,
            parameters=(("region", 1),),
        ),
        route(
            operation="onInvoice",
            queue=f"invoices-{suffix}",
            binding_keys=("shop.invoice.send",),
            message=SendInvoice,
            controller=Shop,
            handler=Shop.on_invoice,
        ),
        name="shop",
        exchange=exchange,
    )


class Fails:
    """Fails so many times, then does nothing."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self, message: MessageOf[SendInvoice]) -> None:
        if self._left:
            self._left -= 1
            raise ValueError("no paper")


def refuses(message: MessageOf[SendInvoice]) -> None:
    """Gives every invoice up."""
    reject("not today")


@asynccontextmanager
async def running(
    url: str, *integrations: Integration, on_invoice: Callable[[Any], None] = print
) -> AsyncIterator[tuple[Worker, list[Handled]]]:
    """A worker of the shop, and what became of its deliveries."""
    told: list[Handled] = []
    # The queues of other tests in the same vhost get none of it.
    service = shop("jararaca" if url.startswith("memory") else f"shop-{uuid4().hex[:8]}")
    microservice = Microservice(service, controllers=[Shop(on_invoice)], integrations=integrations)
    worker = Worker(microservice, transport_for(url), listener=told.append)
    await worker.start()
    try:
        yield worker, told
    finally:
        await worker.stop()


async def order(worker: Worker, number: int = 1) -> None:
    """Place one, in a unit of work, as an endpoint would."""
    async with worker.host.unit_of_work() as work:
        await work.publisher.publish(OrderPlaced(number=number), parameters={"region": "pt"})


async def until(check: Callable[[], Any]) -> None:
    """Wait for it."""
    async with asyncio.timeout(PATIENCE):
        while not check():
            await asyncio.sleep(0.01)


@pytest.fixture(params=["memory", pytest.param("amqp", marks=pytest.mark.broker)])
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker of each kind."""
    if request.param == "memory":
        yield f"memory://{uuid4()}"
    else:
        yield request.getfixturevalue("scratch_broker_url")


async def fetch(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Status and body, over a real connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
    await writer.drain()
    async with asyncio.timeout(PATIENCE):
        answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body

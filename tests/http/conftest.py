"""FastAPI applications served by a real uvicorn, and a worker that hears what they publish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from jararaca import (
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    Service,
    Worker,
    route,
)
from jararaca.contract.topology import dead_letter_queue
from jararaca.handlers.outcome import Handled
from jararaca.integrations.fastapi import Bus
from jararaca.transport.connect import transport_for

from tests.support.brokers import delete_queues
from tests.support.services import service_of
from tests.support.web import serving

PATIENCE = 20


@pytest.fixture(params=["memory", pytest.param("amqp", marks=pytest.mark.broker)])
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker of each kind."""
    if request.param == "memory":
        yield f"memory://{uuid4()}"
    else:
        yield request.getfixturevalue("scratch_broker_url")


class Shop:
    """A service with one event, the worker that hears it, and the web applications around it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"http-{uuid4().hex[:8]}"
        self.heard: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue()
        self.told: list[Handled] = []
        self.event, self.service = _service(self)
        self.stack = AsyncExitStack()

    async def publish(self, what: str) -> None:
        """Announce an order, as an endpoint does."""
        await self.event.model_validate({"what": what}).publish()

    async def next(self) -> str:
        """The next announcement that the worker has heard."""
        return (await asyncio.wait_for(self.heard.get(), PATIENCE))[0]

    async def hear(self) -> None:
        """Start the worker that hears."""
        worker = Worker(Microservice(self.service), transport_for(self.url))
        await worker.start()
        self.stack.push_async_callback(worker.stop)

    @asynccontextmanager
    async def web(
        self, bus: Bus, add: Callable[[FastAPI], None]
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client of a served application, with the endpoints that `add` adds."""
        api = FastAPI(lifespan=bus.lifespan)
        api.add_middleware(bus.middleware)
        api.include_router(bus.router)
        add(api)
        async with served(api) as client:
            yield client


@asynccontextmanager
async def served(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    async with (
        serving(api, timeout_graceful_shutdown=5) as address,
        httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client,
    ):
        yield client


def _service(shop: Shop) -> tuple[type[Message], Service]:
    class Announced(Message):
        MESSAGE_TOPIC = f"{shop.name}.announced"
        what: str

    class Hears:
        @MessageHandler(Announced)
        async def on_announced(self, message: MessageOf[Announced]) -> None:
            shop.heard.put_nowait((message.payload().what, dict(message.headers)))

    row = route(
        operation="onAnnounced",
        queue=shop.name,
        binding_keys=(f"{shop.name}.announced",),
        message=Announced,
        controller=Hears,
        handler=Hears.on_announced,
    )
    return Announced, service_of(row)


@pytest.fixture
async def shop(broker_url: str) -> AsyncIterator[Shop]:
    made = Shop(broker_url)
    yield made
    await made.stack.aclose()
    if not made.url.startswith("memory:"):
        await delete_queues(made.url, made.name, dead_letter_queue(made.name))

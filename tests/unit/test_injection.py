"""Injection: what controllers are given, how long it lives, and what is told at start."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import pytest
from dishka import Provider, Scope, provide
from jararaca import (
    ConfigurationError,
    Host,
    Integration,
    Message,
    MessageHandler,
    MessageOf,
    Microservice,
    NoProviderError,
    Publisher,
    RetryPolicy,
    Work,
    Worker,
    route,
    use,
)
from jararaca.handlers.outcome import Handled
from jararaca.transport.connect import transport_for

from tests.support.quotes import GetQuote, Quote, quotes_service
from tests.support.services import service_of

if TYPE_CHECKING:
    from decimal import Decimal

LOG: list[str] = []


class Ping(Message):
    MESSAGE_TOPIC = "ping"
    MESSAGE_TYPE = "task"


class Clock:
    """Lives as long as the application."""

    def __init__(self) -> None:
        LOG.append("clock made")


class Session:
    """Lives for one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work


class Store(Protocol):
    def said(self) -> str: ...


class RealStore:
    def said(self) -> str:
        return "real"


class FakeStore:
    def said(self) -> str:
        return "fake"


class Things(Provider):
    clock = provide(Clock, scope=Scope.APP)
    store = provide(RealStore, provides=Store, scope=Scope.APP)

    @provide(scope=Scope.REQUEST)
    async def session(self, work: Work) -> AsyncIterator[Session]:
        await asyncio.sleep(0)
        LOG.append("session opens")
        error = yield Session(work)
        LOG.append(f"session closes {type(error).__name__}")


class Lasting:
    """Asks only for what lives as long as the application."""

    def __init__(self, clock: Clock, store: Store, *, page: int = 20) -> None:
        LOG.append(f"controller made, page {page}")
        self.store = store

    @MessageHandler(Ping, retry=RetryPolicy(max_retries=0))
    async def on_ping(self, message: MessageOf[Ping]) -> None:
        LOG.append(f"handled by {id(self)}, {self.store.said()}")


class Fleeting:
    """Asks for something of the unit of work."""

    def __init__(self, clock: Clock, session: Session) -> None:
        LOG.append("controller made")
        self.session = session

    @MessageHandler(Ping, retry=RetryPolicy(max_retries=0))
    async def on_ping(self, message: MessageOf[Ping]) -> None:
        assert self.session is await use(Session)
        assert self.session.work.message is message
        LOG.append("handled")
        if message.headers.get("fail"):
            raise ValueError("broken")


def app_of(controller: Any, **parts: Any) -> Microservice:
    row = route(
        operation="onPing",
        queue="pings",
        binding_keys=("ping",),
        message=Ping,
        controller=controller,
        handler=controller.on_ping,
    )
    return Microservice(service_of(row), **parts)


async def run(app: Microservice, *headers: dict[str, Any]) -> list[Handled]:
    """A Ping a set of headers, one after the other; what became of each."""
    LOG.clear()
    told: asyncio.Queue[Handled] = asyncio.Queue()
    url = f"memory://{uuid4()}"
    worker = Worker(app, transport_for(url), listener=told.put_nowait)
    await worker.start()
    try:
        async with Publisher.connect(url) as publisher:
            outcomes = []
            for each in headers:
                await publisher.publish(Ping(), headers=each)
                outcomes.append(await asyncio.wait_for(told.get(), 10))
            return outcomes
    finally:
        await worker.stop()


async def test_a_controller_of_the_application_is_made_once_at_start() -> None:
    await run(app_of(Lasting, providers=[Things()]), {}, {})
    assert LOG[:2] == ["clock made", "controller made, page 20"]
    assert len(LOG) == 4 and LOG[2] == LOG[3]


async def test_a_controller_of_the_unit_of_work_is_made_for_each_and_let_go_of_at_its_end() -> None:
    told = await run(app_of(Fleeting, providers=[Things()]), {}, {"fail": True})
    assert [each.outcome for each in told] == ["handled", "dead-lettered"]
    once = ["session opens", "controller made", "handled"]
    expected = ["clock made", *once, "session closes NoneType", *once, "session closes ValueError"]
    assert expected == LOG


class LastingQuotes:
    def __init__(self, store: Store) -> None:
        self.store = store

    @MessageHandler(GetQuote)
    async def quote(self, message: MessageOf[GetQuote]) -> Quote:
        return Quote(item=self.store.said(), price=1)


class FleetingQuotes:
    def __init__(self, session: Session) -> None:
        self.session = session

    @MessageHandler(GetQuote)
    async def quote(self, message: MessageOf[GetQuote]) -> Quote:
        return Quote(item=type(self.session).__name__, price=2)


@pytest.mark.parametrize(
    ("controller", "answer"),
    [
        (LastingQuotes, Quote(item="real", price=1)),
        (FleetingQuotes, Quote(item="Session", price=2)),
    ],
)
async def test_what_such_a_controller_answers_reaches_who_asked(
    controller: Any, answer: Quote
) -> None:
    url = f"memory://{uuid4()}"
    app = Microservice(quotes_service(controller), providers=[Things()])
    worker = Worker(app, transport_for(url))
    await worker.start()
    async with Publisher.connect(url):
        assert await GetQuote(item="lamp").request(timeout=10) == answer
    await worker.stop()


async def test_what_integrations_offer_is_given_and_the_applications_own_wins() -> None:
    class Offers(Integration):
        @property
        def providers(self) -> Sequence[Any]:  # type: ignore[override]
            return (Things(),)

    class Fakes(Provider):
        store = provide(FakeStore, provides=Store, scope=Scope.APP)

    await run(app_of(Lasting, integrations=[Offers()]), {})
    assert LOG[-1].endswith("real")
    await run(app_of(Lasting, integrations=[Offers()], providers=[Fakes()]), {})
    assert LOG[-1].endswith("fake")


async def test_a_test_puts_a_fake_in_the_place_of_the_real_thing() -> None:
    class Fakes(Provider):
        store = provide(FakeStore, provides=Store, scope=Scope.APP)

    app = app_of(Lasting, providers=[Things()])
    await run(app.overridden(Fakes()), {})
    assert LOG[-1].endswith("fake")
    await run(app, {})
    assert LOG[-1].endswith("real")


async def test_an_instance_that_is_given_is_taken_as_it_is() -> None:
    given = Lasting(Clock(), FakeStore())
    await run(app_of(Lasting, controllers=[given], providers=[Things()]), {})
    assert LOG[-1] == f"handled by {id(given)}, fake" and len(LOG) == 1


def host_of(app: Microservice) -> Host:
    return Host(app, transport_for(f"memory://{uuid4()}"))


def told_at_start(controller: Any, *providers: Provider) -> str:
    with pytest.raises(ConfigurationError) as caught:
        host_of(app_of(controller, providers=providers))
    return str(caught.value)


class OnlyClock(Provider):
    clock = provide(Clock, scope=Scope.APP)


def test_a_missing_provider_is_told_by_name_before_anything_starts() -> None:
    assert told_at_start(Lasting, OnlyClock()) == (
        "Lasting(store: Store): no provider gives Store; add one to Microservice(providers=[...])"
    )


def test_a_provider_that_misses_something_itself_is_told_by_name() -> None:
    class NoWork(Provider):
        @provide(scope=Scope.APP)
        def store(self, prices: dict[str, int]) -> Store:
            return RealStore()

    assert told_at_start(Lasting, OnlyClock(), NoWork()) == (
        "test_a_provider_that_misses_something_itself_is_told_by_name.<locals>.NoWork.store("
        "prices: dict[str, int]): no provider gives dict[str, int]; "
        "add one to Microservice(providers=[...])"
    )


def test_what_lives_longer_than_what_it_asks_for_is_told() -> None:
    class Mixed(Provider):
        @provide(scope=Scope.APP)
        def clock(self, session: Session) -> Clock:
            return Clock()

        session = provide(Session, scope=Scope.REQUEST)

    text = told_at_start(Lasting, Things(), Mixed())
    assert text.startswith("test_what_lives_longer_than_what_it_asks_for_is_told.<locals>.Mixed")
    assert "clock(session: Session): Session is given in scope REQUEST, and" in text
    assert "clock lives longer, in scope APP: provide" in text


def test_a_constructor_that_cannot_be_filled_is_told() -> None:
    class Untyped(Lasting):
        def __init__(self, clock) -> None:  # type: ignore[no-untyped-def]
            """No type to fill it by."""

    class Unseen(Lasting):
        def __init__(self, price: Decimal) -> None:
            """A type that is not imported at runtime."""

    assert "Untyped(clock)" in told_at_start(Untyped, Things())
    assert "the type Decimal" in told_at_start(Unseen, Things())


def test_without_providers_a_constructor_with_arguments_is_told_with_both_ways_out() -> None:
    with pytest.raises(ConfigurationError, match=r"providers=\[.*controllers=\["):
        Worker(app_of(Lasting), transport_for(f"memory://{uuid4()}"))


async def test_use_finds_things_inside_a_unit_of_work_only() -> None:
    host = host_of(app_of(Lasting, providers=[Things()]))
    with pytest.raises(NoProviderError, match=r"use\(Session\) finds what"):
        await use(Session)
    async with host.unit_of_work() as work:
        first, second = await asyncio.gather(use(Session), use(Session))
        assert first is second and first.work is work
        with pytest.raises(NoProviderError, match="no provider gives int"):
            await use(int)
    await host.stop()


def test_without_providers_dishka_is_not_imported() -> None:
    code = (
        "import sys, tests.support.counting as c; from jararaca import Worker;"
        "from jararaca.transport.connect import transport_for;"
        "Worker(c.app, transport_for('memory://x')); print('dishka' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

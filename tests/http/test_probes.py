"""Liveness and readiness, and what clients are told while the broker is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from jararaca import AppLifecycle, Integration, Microservice, Work
from jararaca.integrations.fastapi import Bus

from tests.fault.proxy import Proxy
from tests.http.conftest import PATIENCE, Shop


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.05)


@pytest.fixture
async def proxy(scratch_broker_url: str) -> AsyncIterator[Proxy]:
    made = Proxy(urlsplit(scratch_broker_url).port or 5672)
    await made.start()
    yield made
    await made.close()


@pytest.mark.broker
async def test_without_its_broker_it_is_not_ready_says_503_and_recovers(
    scratch_broker_url: str, proxy: Proxy
) -> None:
    parts = urlsplit(scratch_broker_url)
    separator = "&" if parts.query else "?"
    through = parts._replace(netloc=f"guest:guest@127.0.0.1:{proxy.port}").geturl()
    shop = Shop(scratch_broker_url)
    bus = Bus(Microservice(shop.service), f"{through}{separator}publish_timeout=1")

    def add(api: FastAPI) -> None:
        @api.get("/{what}")
        async def get(what: str) -> None:
            await shop.publish(what)

    async with shop.web(bus, add) as client:

        async def status(expected: int) -> bool:
            return (await client.get("/health/ready")).status_code == expected

        assert await status(200)
        await shop.hear()
        await proxy.close()
        await until(lambda: status(503))
        answer = await client.get("/health/ready")
        assert answer.json() == {"status": "not ready", "reasons": ["the broker is not connected"]}
        assert (await client.get("/health/live")).json() == {"status": "live"}
        refused = await client.get("/lost")
        assert (refused.status_code, refused.json()["error"]) == (503, "PublishTimeoutError")
        assert "127.0.0.1" not in refused.text
        await proxy.start()
        await until(lambda: status(200))
        assert (await client.get("/kept")).status_code == 200
        assert await shop.next() == "kept"
    await shop.stack.aclose()


class Database(Integration):
    """One that may be away, and that every unit of work needs."""

    def __init__(self) -> None:
        self.away: str | Exception | None = None
        self.hangs = False

    async def unready(self) -> str | None:
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.away, Exception):
            raise self.away
        return self.away

    def around(self, work: Work) -> None:
        raise ConnectionError("no unit of work without a database")


async def readiness(client: httpx.AsyncClient) -> tuple[int, list[str]]:
    answer = await client.get("/health/ready")
    return answer.status_code, answer.json().get("reasons", [])


async def test_integrations_say_why_it_is_not_ready_and_probes_are_no_units_of_work() -> None:
    database = Database()
    shop = Shop("memory://probes")
    bus = Bus(Microservice(shop.service, integrations=[database]), shop.url)

    def add(api: FastAPI) -> None:
        @api.get("/")
        async def get() -> None: ...

    async with shop.web(bus, add) as client:
        assert (await client.get("/")).status_code == 500
        assert await readiness(client) == (200, [])
        assert (await client.get("/health/live")).status_code == 200
        database.away = "the database does not answer"
        assert await readiness(client) == (503, ["the database does not answer"])
        database.away = OSError("refused")
        assert await readiness(client) == (503, ["Database: OSError: refused"])
        database.hangs = True
        assert (await readiness(client))[0] == 503
        bus.host.stopping.set()
        assert await readiness(client) == (503, ["it is shutting down"])


async def test_what_cannot_start_keeps_the_application_from_starting() -> None:
    class Migrations(AppLifecycle):
        async def start(self) -> None:
            raise ConnectionError("no database")

    bus = Bus(Microservice(lifecycle=Migrations()), "memory://never")
    with pytest.raises(ConnectionError, match="no database"):
        async with bus.lifespan():
            pytest.fail("it has started")

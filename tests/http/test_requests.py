"""Requests as units of work: what is published when, and what the client is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
import websockets
from dishka import Provider, Scope, provide
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, Response, StreamingResponse
from jararaca import (
    ConfigurationError,
    Integration,
    Microservice,
    NoPublisherError,
    Work,
    implicit_headers,
    use,
)
from jararaca.integrations.fastapi import Bus, provided
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from tests.http.conftest import Shop, served


def bus_of(shop: Shop, **options: Any) -> Bus:
    parts = {name: options.pop(name) for name in ("interceptors", "providers") if name in options}
    return Bus(Microservice(shop.service, **parts), shop.url, **options)


class Log:
    """An interceptor that notes what happens, and whose commit may fail."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.broken = False

    @asynccontextmanager
    async def __call__(self, work: Work) -> AsyncIterator[None]:
        if work.kind != "request":
            yield
            return
        work.on_commit(self._commit)
        try:
            yield
            self.lines.append("lasted")
        except Exception as error:
            self.lines.append(f"failed: {type(error).__name__}")
            raise
        except BaseException:
            self.lines.append("rolled back")
            raise
        finally:
            self.lines.append(work.name)

    async def _commit(self) -> None:
        self.lines.append("commit")
        if self.broken:
            raise ConnectionError("the database is gone")


async def test_what_an_endpoint_publishes_goes_out_after_its_commit_and_before_its_response(
    shop: Shop,
) -> None:
    log = Log()
    bus = bus_of(shop, interceptors=[log])

    def add(api: FastAPI) -> None:
        @api.post("/orders/{order_id}")
        async def order(order_id: str) -> dict[str, int]:
            await shop.publish(order_id)
            log.lines.append("endpoint")
            return {"waiting": await bus.host.transport.count(shop.name)}

    async with shop.web(bus, add) as client:
        answer = await client.post("/orders/7")
        assert answer.json() == {"waiting": 0}
        # It is published: the broker has confirmed it to the application, which keeps its queues.
        await shop.hear()
        assert await shop.next() == "7"
    assert log.lines[:2] == ["endpoint", "commit"]
    assert log.lines[-2:] == ["lasted", "POST /orders/{order_id}"]


async def test_a_status_of_400_and_above_and_an_exception_drop_what_was_published(
    shop: Shop,
) -> None:
    log = Log()

    class TeapotError(Exception):
        """One with a handler of the application's own."""

    def add(api: FastAPI) -> None:
        @api.get("/{how}")
        async def get(how: str) -> Any:
            await shop.publish(how)
            match how:
                case "refused":
                    raise HTTPException(409)
                case "returned":
                    return JSONResponse({}, 422)
                case "teapot":
                    raise TeapotError
                case "broken":
                    raise ValueError("broken")
            return {}

        @api.exception_handler(TeapotError)
        async def teapot(request: Request, error: Exception) -> JSONResponse:
            return JSONResponse({}, 418)

    await shop.hear()
    async with shop.web(bus_of(shop, interceptors=[log]), add) as client:
        statuses = [
            (await client.get(f"/{how}")).status_code
            for how in ("refused", "returned", "teapot", "broken")
        ]
        assert statuses == [409, 422, 418, 500]
        assert "commit" not in log.lines
        assert [line for line in log.lines if "{" not in line] == [
            *["rolled back"] * 3,
            "failed: ValueError",
        ]
        assert (await client.get("/fine")).status_code == 200
        assert await shop.next() == "fine"


async def test_a_refusal_is_rolled_back_before_its_answer(shop: Shop) -> None:
    lines: list[str] = []
    read = asyncio.Event()

    @asynccontextmanager
    async def session(work: Work) -> AsyncIterator[None]:
        async def undo() -> None:
            lines.append("rolled back")
            raise ConnectionError("and the connection is lost")

        work.on_rollback(undo)
        yield

    def add(api: FastAPI) -> None:
        @api.get("/")
        async def get() -> StreamingResponse:
            async def parts() -> AsyncIterator[str]:
                await read.wait()
                yield "conflict"

            return StreamingResponse(parts(), 409)

    async with (
        shop.web(bus_of(shop, interceptors=[session]), add) as client,
        client.stream("GET", "/") as answer,
    ):
        assert (answer.status_code, lines) == (409, ["rolled back"])
        read.set()
        assert await answer.aread() == b"conflict"


async def test_a_commit_that_fails_is_a_500_and_nothing_is_published(shop: Shop) -> None:
    log = Log()

    def add(api: FastAPI) -> None:
        @api.get("/{what}")
        async def get(what: str) -> dict[str, str]:
            await shop.publish(what)
            return {"said": "it is done"}

        @api.exception_handler(ConnectionError)
        async def late(request: Request, error: Exception) -> JSONResponse:
            raise AssertionError("the response had begun, as far as the application goes")

    await shop.hear()
    async with shop.web(bus_of(shop, interceptors=[log]), add) as client:
        log.broken = True
        answer = await client.get("/lost")
        assert answer.status_code == 500 and "done" not in answer.text
        log.broken = False
        await client.get("/kept")
        assert await shop.next() == "kept"


async def test_requests_at_the_same_time_do_not_share_publications(shop: Shop) -> None:
    inside = asyncio.Barrier(2)

    def add(api: FastAPI) -> None:
        @api.get("/{what}")
        async def get(what: str) -> None:
            await shop.publish(what)
            await inside.wait()
            if what == "refused":
                raise HTTPException(400)

    await shop.hear()
    async with shop.web(bus_of(shop), add) as client:
        await asyncio.gather(client.get("/kept"), client.get("/refused"))
        assert await shop.next() == "kept"
        await asyncio.gather(client.get("/refused"), client.get("/last"))
        assert await shop.next() == "last"


async def test_what_background_tasks_publish_goes_out_at_their_end_unless_one_fails(
    shop: Shop,
) -> None:
    def add(api: FastAPI) -> None:
        async def later(what: str) -> None:
            await shop.publish(f"{what} later")
            if what == "broken":
                raise ValueError("a task is broken")

        @api.get("/{what}")
        async def get(what: str, tasks: BackgroundTasks) -> None:
            await shop.publish(what)
            tasks.add_task(later, what)

    await shop.hear()
    async with shop.web(bus_of(shop), add) as client:
        for what in ("fine", "broken", "last"):
            assert (await client.get(f"/{what}")).status_code == 200
        heard = [await shop.next() for _ in range(5)]
    assert heard == ["fine", "fine later", "broken", "last", "last later"]


async def test_a_stream_commits_when_it_begins_and_what_it_publishes_goes_out_at_its_end(
    shop: Shop,
) -> None:
    begun = asyncio.Event()

    def add(api: FastAPI) -> None:
        @api.get("/stream")
        async def stream() -> StreamingResponse:
            async def parts() -> AsyncIterator[str]:
                yield "one"
                await begun.wait()
                await shop.publish("end")
                yield "two"

            await shop.publish("begin")
            return StreamingResponse(parts())

    await shop.hear()
    async with (
        shop.web(bus_of(shop), add) as client,
        client.stream("GET", "/stream") as answer,
    ):
        chunks = answer.aiter_text()
        assert await anext(chunks) == "one"
        assert await shop.next() == "begin"
        begun.set()
        assert await anext(chunks) == "two"
        assert await shop.next() == "end"


async def test_a_websocket_publishes_at_once_and_has_units_of_work_of_its_own(shop: Shop) -> None:
    bus = bus_of(shop)

    def add(api: FastAPI) -> None:
        @api.websocket("/talk")
        async def talk(socket: WebSocket) -> None:
            await socket.accept()
            await shop.publish(await socket.receive_text())
            await socket.send_text("published")
            try:
                async with bus.unit_of_work("talk"):
                    await shop.publish("never")
                    raise ValueError("broken")
            except ValueError:
                await socket.send_text("dropped")
            async with bus.unit_of_work("talk"):
                await shop.publish(await socket.receive_text())
            await socket.send_text("published")

    await shop.hear()
    async with shop.web(bus, add) as client:
        address = f"ws://{client.base_url.host}:{client.base_url.port}/talk"
        async with websockets.connect(address) as socket:
            await socket.send("first")
            assert [await socket.recv(), await socket.recv()] == ["published", "dropped"]
            await socket.send("second")
            assert await socket.recv() == "published"
        assert [await shop.next(), await shop.next()] == ["first", "second"]


async def test_the_headers_to_be_carried_go_along_and_no_others(shop: Shop) -> None:
    def add(api: FastAPI) -> None:
        @api.get("/")
        async def get() -> None:
            await shop.publish("it")

    await shop.hear()
    async with shop.web(bus_of(shop, carry=["X-Tenant", "x-user"]), add) as client:
        await client.get("/", headers={"x-tenant": "acme", "x-secret": "s"})
        _, headers = await asyncio.wait_for(shop.heard.get(), 20)
        assert headers["x-tenant"] == "acme"
        assert not {"x-user", "x-secret"} & set(headers)


async def test_middleware_of_starlettes_base_class_may_stand_on_either_side(shop: Shop) -> None:
    class Passing(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            return await call_next(request)

    bus = bus_of(shop)
    api = FastAPI(lifespan=bus.lifespan)
    api.add_middleware(Passing)
    api.add_middleware(bus.middleware)
    api.add_middleware(Passing)

    @api.get("/{what}")
    async def get(what: str) -> None:
        await shop.publish(what)
        if what == "broken":
            raise ValueError(what)

    await shop.hear()
    async with served(api) as client:
        assert (await client.get("/broken")).status_code == 500
        assert (await client.get("/fine")).status_code == 200
        assert await shop.next() == "fine"


async def test_a_dependency_adds_headers_of_its_own(shop: Shop) -> None:
    async def signed_in() -> AsyncIterator[None]:
        with implicit_headers(user="ada"):
            yield

    def add(api: FastAPI) -> None:
        @api.get("/", dependencies=[Depends(signed_in)])
        async def get() -> None:
            await shop.publish("it")

    await shop.hear()
    async with shop.web(bus_of(shop), add) as client:
        assert (await client.get("/")).status_code == 200
        _, headers = await asyncio.wait_for(shop.heard.get(), 20)
        assert headers["user"] == "ada"


def test_a_header_of_our_own_is_not_carried() -> None:
    with pytest.raises(ConfigurationError, match="X-Jararaca-Attempt"):
        Bus(Microservice(), "memory://x", carry=["X-Jararaca-Attempt"])


class Basket:
    def __init__(self, work: Work) -> None:
        self.work = work


class Baskets(Provider):
    basket = provide(Basket, scope=Scope.REQUEST)


async def test_endpoints_are_given_what_providers_give_one_a_request(shop: Shop) -> None:
    seen: list[tuple[Basket, Basket]] = []

    def add(api: FastAPI) -> None:
        @api.get("/{what}")
        async def get(what: str, basket: Annotated[Basket, provided(Basket)]) -> None:
            assert basket.work.headers["x-order"] == what
            seen.append((basket, await use(Basket)))

    async with shop.web(bus_of(shop, providers=[Baskets()]), add) as client:
        for what in ("1", "2"):
            answer = await client.get(f"/{what}", headers={"x-order": what})
            assert answer.status_code == 200
    assert all(one is two for one, two in seen)
    assert seen[0][0] is not seen[1][0]


async def test_the_same_process_may_consume_too(shop: Shop) -> None:
    def add(api: FastAPI) -> None:
        @api.get("/")
        async def get() -> None:
            await shop.publish("to ourselves")

    async with shop.web(bus_of(shop, consume=True), add) as client:
        await client.get("/")
        assert await shop.next() == "to ourselves"


async def test_without_the_middleware_and_without_the_lifespan_it_is_told_what_to_do() -> None:
    bus = Bus(Microservice(), "memory://nobody")
    errors: list[Exception] = []

    class Never(Integration):
        """Nothing to start."""

    def add(api: FastAPI) -> None:
        @api.get("/")
        async def get() -> None:
            try:
                await use(Never)
            except Exception as error:
                errors.append(error)
                raise

    with pytest.raises(ConfigurationError, match=r"FastAPI\(lifespan=bus.lifespan\)"):
        bus.unit_of_work()
    api = FastAPI()
    add(api)
    api.add_middleware(bus.middleware)
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        with pytest.raises(ConfigurationError, match="lifespan"):
            await client.get("/")
    assert errors == []


async def test_publishing_without_the_middleware_is_told(shop: Shop) -> None:
    bus = bus_of(shop)
    api = FastAPI(lifespan=bus.lifespan)
    told: list[Exception] = []

    @api.get("/")
    async def get() -> None:
        try:
            await shop.publish("nowhere")
        except NoPublisherError as error:
            told.append(error)

    async with served(api) as client:
        await client.get("/")
    assert len(told) == 1

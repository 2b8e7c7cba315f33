"""The endpoint with real sockets: who is let in, what is read, and what becomes of slow clients."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from jararaca import ConfigurationError, Message, Microservice, WebSocketMessage
from jararaca.integrations.websockets import Connection, WebSockets
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close

from tests.support.services import service_of
from tests.support.web import serving
from tests.websockets.application import SERVICE, OrderUpdate, Say, user_rooms, web_of


class Heard(Message):
    MESSAGE_TOPIC = "heard"
    text: str


@asynccontextmanager
async def shop(sockets: WebSockets, **settings: Any) -> AsyncIterator[str]:
    """The address of the small shop's endpoint, served with these WebSockets."""
    microservice = Microservice(SERVICE, name=f"test-{uuid4().hex[:8]}", integrations=[sockets])
    web = web_of(microservice, sockets, f"memory://{uuid4()}")
    async with serving(web, **settings) as address:
        yield f"ws://{address}/ws"


async def state_of(client: ClientConnection) -> str:
    """What the next update that a client gets says."""
    frame = json.loads(await asyncio.wait_for(client.recv(), 10))
    assert frame["type"] == "OrderUpdate"
    return str(frame["payload"]["state"])


async def closed(client: ClientConnection) -> Close | None:
    """How the server closed a client; what it still got is passed over."""
    with pytest.raises(ConnectionClosed) as closing:
        async with asyncio.timeout(20):
            while True:
                await client.recv()
    return closing.value.rcvd


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


def update(state: str) -> OrderUpdate:
    return OrderUpdate(number=1, state=state)


async def test_a_client_gets_what_is_sent_to_its_rooms_from_the_moment_it_is_let_in() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    async with (
        shop(sockets) as url,
        connect(f"{url}?user=1") as one,
        connect(f"{url}?user=2") as two,
    ):
        await sockets.manager.send(update("for one"), "user-1")
        await sockets.manager.send(update("for two"), "user-2")
        assert (await state_of(one), await state_of(two)) == ("for one", "for two")


async def test_who_is_refused_is_told_before_the_handshake_is_over() -> None:
    async def no(websocket: WebSocket) -> Sequence[str]:
        raise HTTPException(401)

    async with shop(WebSockets(on_connect=user_rooms)) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 403
    async with shop(WebSockets(on_connect=no)) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 401


async def test_a_page_of_another_site_is_refused_unless_it_is_listed() -> None:
    async with shop(WebSockets(on_connect=user_rooms)) as url:
        with pytest.raises(InvalidStatus):
            await connect(f"{url}?user=1", origin="https://evil.example")  # type: ignore[arg-type]
        own = url.replace("ws://", "http://").removesuffix("/ws")
        async with connect(f"{url}?user=1", origin=own):  # type: ignore[arg-type]
            pass
    listed = WebSockets(on_connect=user_rooms, origins=["https://good.example"])
    async with shop(listed) as url:
        good: Any = "https://good.example"
        async with connect(f"{url}?user=1", origin=good):
            pass


async def test_rooms_that_are_a_text_by_mistake_are_an_error() -> None:
    async def careless(websocket: WebSocket) -> Sequence[str]:
        return "user-1"

    sockets = WebSockets(on_connect=careless)
    async with shop(sockets) as url:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 500
        assert sockets.manager.connections() == ()


async def test_what_clients_send_is_taken_in_a_unit_of_work_and_may_be_answered() -> None:
    async def on_message(connection: Connection, message: WebSocketMessage) -> None:
        assert isinstance(message, Say)
        connection.join(message.room)
        await message.send(message.room)
        await update("said").send(connection.id)

    async with (
        shop(WebSockets(on_connect=user_rooms, on_message=on_message)) as url,
        connect(f"{url}?user=1") as one,
        connect(f"{url}?user=2") as two,
    ):
        say = {"type": "Say", "payload": {"room": "hall", "text": "hello"}}
        await one.send(json.dumps(say))
        assert json.loads(await one.recv()) == say
        assert await state_of(one) == "said"
        await two.send(json.dumps(say))
        assert json.loads(await two.recv()) == say
        assert json.loads(await one.recv()) == say


class Watch(WebSocketMessage):
    number: int


async def test_a_message_by_hand_is_read_where_it_is_named() -> None:
    async def on_message(connection: Connection, message: WebSocketMessage) -> None:
        assert isinstance(message, Watch)
        await OrderUpdate(number=message.number, state="placed").send(connection.id)

    async with (
        shop(WebSockets(on_message=on_message, receives=[Watch])) as url,
        connect(url) as client,
    ):
        await client.send(json.dumps({"type": "Watch", "payload": {"number": 1}}))
        assert await state_of(client) == "placed"


@pytest.mark.parametrize(
    "error",
    [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError],
)
async def test_a_failing_on_message_sends_nothing_and_closes_the_client(
    error: type[BaseException],
) -> None:
    async def on_message(connection: Connection, message: WebSocketMessage) -> None:
        await update("never").send(connection.id)
        raise error("broken")

    async with (
        shop(WebSockets(on_connect=user_rooms, on_message=on_message)) as url,
        connect(f"{url}?user=1") as one,
    ):
        await one.send('{"type": "Say", "payload": {"room": "hall", "text": "hello"}}')
        with pytest.raises(ConnectionClosed) as closing:
            await asyncio.wait_for(one.recv(), 10)
        assert closing.value.rcvd is not None and closing.value.rcvd.code == 1011


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "frame",
    [
        "hello",
        b"\x00\xff",
        "",
        DEEP,
        "9" * 10_000,
        '{"type": "Say", "payload": {}}',
        '{"type": "Say", "payload": {"room": 1, "\\ud800": 1}}',
        '{"type": "Say\\ud800", "payload": {}}',
        '{"type": "OrderUpdate", "payload": {"number": 1, "state": "placed"}}',
        f'{{"type": "Say", "payload": {DEEP}}}',
        '{"type": "Say", "payload": {"room": "\\ud800", "text": ""}}',
    ],
    ids=list(map(str, range(11))),
)
async def test_a_frame_that_is_no_message_closes_the_client_with_the_reason(
    frame: str | bytes,
) -> None:
    async def on_message(connection: Connection, message: WebSocketMessage) -> None:
        raise AssertionError("it is no message")

    async with (
        shop(WebSockets(on_connect=user_rooms, on_message=on_message)) as url,
        connect(f"{url}?user=1") as one,
    ):
        await one.send(frame)
        told = await closed(one)
        assert told is not None and told.code == 1007 and told.reason


async def test_without_on_message_what_clients_send_is_passed_over() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    async with shop(sockets) as url, connect(f"{url}?user=1") as one:
        await one.send("hello")
        await one.send(b"\x00")
        await sockets.manager.send(update("still there"), "user-1")
        assert await state_of(one) == "still there"


def stalled(url: str) -> Any:
    """A client that takes little and reads nothing, once it is let in."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, _, port = url.removeprefix("ws://").partition("/")[0].partition(":")
    small.connect((host, int(port)))
    return small


async def test_a_slow_client_is_dropped_while_the_others_get_all() -> None:
    sockets = WebSockets(on_connect=user_rooms, max_waiting_bytes=256 * 1024)
    async with shop(sockets) as url, AsyncExitStack() as clients:
        slow = await connect(f"{url}?user=slow", sock=stalled(url), compression=None)
        fast = await clients.enter_async_context(connect(f"{url}?user=fast"))
        await until(lambda: len(sockets.manager.connections()) == 2)
        slow.transport.pause_reading()
        for number in range(2000):
            await sockets.manager.send(update(f"{number}" + "." * 8000), "user-slow", "user-fast")
            assert (await state_of(fast)).startswith(f"{number}.")
            if len(sockets.manager.connections()) == 1:
                break
        assert [c.websocket.query_params["user"] for c in sockets.manager.connections()] == ["fast"]
        slow.transport.resume_reading()
        told = await closed(slow)
        assert told is None or told.code == 1013
        await sockets.manager.send(update("on"), "user-fast")
        assert await state_of(fast) == "on"


async def test_a_slow_client_that_reads_again_is_told_why() -> None:
    sockets = WebSockets(on_connect=user_rooms, max_waiting=3)
    async with shop(sockets) as url, connect(f"{url}?user=1") as one:
        for number in range(5):  # without an await in between: nothing can be sent
            for connection in sockets.manager.connections():
                connection.put(str(number))
        told = await closed(one)
        assert told is not None and told.code == 1013


async def test_a_client_that_is_gone_is_in_no_room_any_more() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    async with shop(sockets) as url:
        one = await connect(f"{url}?user=1")
        await until(lambda: len(sockets.manager.connections("user-1")) == 1)
        one.transport.abort()
        await until(lambda: sockets.manager.connections() == ())


async def test_a_client_that_is_silent_to_pings_is_noticed() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    async with (
        shop(sockets, ws_ping_interval=0.2, ws_ping_timeout=0.2) as url,
        connect(f"{url}?user=alive"),
    ):
        dead = await connect(f"{url}?user=dead")
        await until(lambda: len(sockets.manager.connections()) == 2)
        dead.transport.pause_reading()  # as behind a cut network: nothing is closed
        await until(lambda: sockets.manager.connections("user-dead") == ())
        assert len(sockets.manager.connections("user-alive")) == 1
        dead.transport.abort()


async def test_a_server_that_stops_tells_its_clients() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    async with AsyncExitStack() as served:
        url = await served.enter_async_context(shop(sockets))
        one = await connect(f"{url}?user=1")
        closing = asyncio.create_task(closed(one))
        await asyncio.sleep(0)
        await served.aclose()
        told = await closing
        assert told is not None and told.code == 1012


async def test_fastapi_serves_the_endpoint_too() -> None:
    sockets = WebSockets(on_connect=user_rooms)
    name = f"test-{uuid4().hex[:8]}"
    microservice = Microservice(service_of(name=name), integrations=[sockets])
    inner = web_of(microservice, sockets, f"memory://{uuid4()}")
    web = FastAPI(lifespan=inner.router.lifespan_context)
    web.websocket("/live")(sockets.endpoint)
    web.add_api_websocket_route("/also", sockets.endpoint)
    async with serving(web) as address:
        for path in ("live", "also"):
            async with connect(f"ws://{address}/{path}?user=1") as one:
                await sockets.manager.send(update(path), "user-1")
                assert await state_of(one) == path


async def test_an_endpoint_without_a_started_application_says_what_to_do() -> None:
    sockets = WebSockets()
    with pytest.raises(ConfigurationError, match="lifespan"):
        await sockets.endpoint(WebSocket({"type": "websocket", "headers": []}, None, None))  # type: ignore[arg-type]


async def test_a_frame_that_unpacks_to_very_much_closes_its_own_client_alone() -> None:
    async def on_message(connection: Connection, message: WebSocketMessage) -> None:
        raise AssertionError("it is too large")

    sockets = WebSockets(on_connect=user_rooms, on_message=on_message)
    async with (
        shop(sockets) as url,
        connect(f"{url}?user=1", compression="deflate") as one,
        connect(f"{url}?user=2") as two,
    ):
        bomb = " " * 20_000_000
        await one.send([bomb[:10_000_000], bomb[10_000_000:]])
        told = await closed(one)
        assert told is not None and told.code == 1009
        await sockets.manager.send(update("still there"), "user-2")
        assert await state_of(two) == "still there"

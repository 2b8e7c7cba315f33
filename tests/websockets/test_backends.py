"""What every backend of WebSockets keeps to: memory and Redis, each with several ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from jararaca import ConfigurationError, Host, Microservice, WebSocketMessage
from jararaca.integrations.websockets.backend import Backend, ws_backend_for
from jararaca.integrations.websockets.connection import Connection, Limits
from jararaca.integrations.websockets.frames import Frame
from jararaca.integrations.websockets.manager import Manager
from jararaca.transport.connect import transport_for

LIMITS = Limits(100, 1_000_000)
Make = Callable[..., Backend]


class Note(WebSocketMessage):
    text: str


@pytest.fixture(params=["memory", "redis"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Backends of an application of the test's own (or another one), closed at the end."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    name = f"test-{uuid4().hex[:8]}"
    made: list[Backend] = []

    def backend(other: str = "", url: str | None = url) -> Backend:
        made.append(ws_backend_for(url, name + other))
        return made[-1]

    yield backend
    for each in made:
        await each.close()


@pytest.fixture
def other_database(redis_url: str) -> str:
    """The same Redis, another database."""
    return redis_url.rpartition("/")[0] + "/14"


class Hearing:
    """What one end has heard."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.heard: list[bytes] = []

    async def start(self) -> Hearing:
        await self.backend.subscribe(self.heard.append)
        return self

    async def until(self, count: int) -> list[bytes]:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                await asyncio.sleep(0.01)
        return self.heard


async def test_what_one_end_publishes_all_hear_in_its_order_and_the_sender_too(make: Make) -> None:
    one, two = await Hearing(make()).start(), await Hearing(make()).start()
    sent = [str(number).encode() for number in range(50)]
    for data in sent:
        await one.backend.publish(data)
    assert await one.until(50) == sent
    assert await two.until(50) == sent


@pytest.mark.parametrize("data", [b"", b"\x00", b"a\x00b\x00\x00", bytes(range(256)), b"\xff\xfe"])
async def test_any_bytes_arrive_as_they_were(make: Make, data: bytes) -> None:
    one = await Hearing(make()).start()
    await make().publish(data)
    assert await one.until(1) == [data]


async def test_who_only_sends_hears_nothing_and_is_heard(make: Make) -> None:
    one, sender = await Hearing(make()).start(), Hearing(make())
    await sender.backend.publish(b"hello")
    assert await one.until(1) == [b"hello"]
    assert sender.heard == []


async def test_applications_of_other_names_do_not_hear_each_other(make: Make) -> None:
    one, other = await Hearing(make()).start(), await Hearing(make("-other")).start()
    await other.backend.publish(b"theirs")
    await one.backend.publish(b"ours")
    assert await one.until(1) == [b"ours"]
    assert await other.until(1) == [b"theirs"]


async def test_databases_of_one_redis_do_not_hear_each_other(
    redis_url: str, other_database: str
) -> None:
    name = f"test-{uuid4().hex[:8]}"
    one = await Hearing(ws_backend_for(redis_url, name)).start()
    other = await Hearing(ws_backend_for(other_database, name)).start()
    await other.backend.publish(b"theirs")
    await one.backend.publish(b"ours")
    assert (await one.until(1), await other.until(1)) == ([b"ours"], [b"theirs"])
    await one.backend.close()
    await other.backend.close()


async def test_a_closed_end_hears_nothing_more(make: Make) -> None:
    one, two = await Hearing(make()).start(), await Hearing(make()).start()
    await one.backend.close()
    await two.backend.publish(b"late")
    assert await two.until(1) == [b"late"]
    assert one.heard == []


class Client:
    """A client of a manager without a network: what was handed over to be sent to it."""

    def __init__(self, manager: Manager, *rooms: str) -> None:
        nobody: Any = None
        self.connection: Connection = manager.add(nobody, rooms)
        self.frames: list[Frame] = []
        self._sending = asyncio.create_task(self.connection.drain(self._take))

    async def _take(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def until(self, count: int) -> list[Frame]:
        async with asyncio.timeout(10):
            while len(self.frames) < count:
                await asyncio.sleep(0.01)
        return self.frames


async def test_rooms_are_reached_in_every_process_each_client_once(make: Make) -> None:
    here, there = Manager(make(), LIMITS), Manager(make(), LIMITS)
    await here.listen()
    await there.listen()
    both, one, none = Client(here, "a", "b"), Client(there, "b"), Client(there, "c")
    await here.send(Note(text="to a and b"), "a", "b")
    await there.send(b"\x00raw\x00", "b")
    await here.broadcast("to all")
    note = '{"type":"Note","payload":{"text":"to a and b"}}'
    expected = [note, b"\x00raw\x00", "to all"]
    assert sorted(map(str, await both.until(3))) == sorted(map(str, expected))
    assert sorted(map(str, await one.until(3))) == sorted(map(str, expected))
    assert await none.until(1) == ["to all"]


async def test_a_message_without_a_room_reaches_nobody(make: Make) -> None:
    manager = Manager(make(), LIMITS)
    await manager.listen()
    client = Client(manager, "a")
    await manager.send(Note(text="to nobody"))
    await manager.send(Note(text="to a"), "a")
    assert len(await client.until(1)) == 1


async def test_a_connections_id_is_a_room_of_its_own_in_every_process(make: Make) -> None:
    here, there = Manager(make(), LIMITS), Manager(make(), LIMITS)
    await here.listen()
    one, other = Client(here, "a"), Client(here, "a")
    await there.send("only you", one.connection.id)
    await there.send("both", "a")
    assert await one.until(2) == ["only you", "both"]
    assert await other.until(1) == ["both"]


async def test_who_left_a_room_or_is_gone_is_not_sent_to(make: Make) -> None:
    manager = Manager(make(), LIMITS)
    await manager.listen()
    left, gone, stays = Client(manager, "a"), Client(manager, "a"), Client(manager, "a")
    left.connection.leave("a")
    manager.remove(gone.connection)
    await manager.send("to a", "a")
    assert await stays.until(1) == ["to a"]
    assert (left.frames, gone.frames) == ([], [])
    assert manager.connections("a") == (stays.connection,)
    assert gone.connection.rooms == frozenset()


async def test_what_is_not_ours_on_the_backend_is_left_out(make: Make) -> None:
    backend = make()
    manager = Manager(backend, LIMITS)
    await manager.listen()
    client = Client(manager, "a")
    for foreign in (b"", b"hello", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x10not json at all!"):
        await backend.publish(foreign)
    await manager.send("still there", "a")
    assert await client.until(1) == ["still there"]


async def test_a_redis_url_that_is_none_is_told_before_anything_starts() -> None:
    from jararaca.integrations.websockets import WebSockets

    for url in ("http://localhost", "redis://localhost:port/0"):
        sockets = WebSockets(backend_url=url)
        host = Host(Microservice(integrations=[sockets]), transport_for(f"memory://{uuid4()}"))
        with pytest.raises(ConfigurationError):
            await host.start()


def test_a_password_is_not_told() -> None:
    backend = ws_backend_for("redis://user:secret@example.org:6379/3", "shop")
    assert backend.place == "Redis, redis://example.org:6379/3"

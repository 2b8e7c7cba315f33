"""A message of a stream that ends its process harms only itself, wherever offsets are stored."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jararaca import Publisher
from jararaca.contract import headers
from jararaca.contract.topology import dead_letter_queue
from jararaca.messagebus.blame.verdict import CULPRIT
from jararaca.routing.declarations import topology_of
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for
from jararaca.transport.url import with_transport

from tests.fault.culprit import Notes, Told, service
from tests.fault.test_streams import workers
from tests.support.rabbitmqs import BOTH
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.broker
PATIENCE = 120.0
COUNT = 40
EVENTS = 200
REPEATED = 100
"""What comes again after each death at most."""


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Where the offsets are."""
    if request.param == "database":
        return str(request.getfixturevalue("postgresql_url"))
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        return server.url
    return "rabbitmq"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The broker, with the transport that the case names."""
    broker, transport = request.param
    return with_transport(request.getfixturevalue(broker).url, transport)


@asynccontextmanager
async def published(url: str, notes: Notes, *events: Told) -> AsyncIterator[Transport]:
    """These events are in the stream."""
    outside = transport_for(url)
    await outside.connect()
    try:
        made, _ = service(notes, None)
        await outside.declare(topology_of(made))
        async with Publisher.connect(url) as publisher:
            for event in events:
                await publisher.publish(event)
        yield outside
    finally:
        await outside.close()


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not met():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("url", "store", "batch", "culprits"),
    [
        ((BOTH[0], "plain"), "rabbitmq", 0, {0, 23}),
        ((BOTH[1], "fast"), "rabbitmq", 7, {23}),
        ((BOTH[1], "plain"), "database", 7, {0, 23}),
        ((BOTH[0], "fast"), "database", 0, {23}),
        ((BOTH[0], "fast"), "redis", 0, {23}),
    ],
    indirect=["url", "store"],
)
async def test_what_ends_its_process_each_time_is_a_dead_letter_and_reading_goes_on(
    url: str, store: str, batch: int, culprits: set[int], tmp_path: Path
) -> None:
    notes = Notes(tmp_path)
    events = [Told(number=each, kills=999 if each in culprits else 0) for each in range(COUNT)]
    expected = [number for number in range(COUNT) if number not in culprits]
    async with published(url, notes, *events) as outside:
        async with workers(1, url, store, str(tmp_path), str(batch), of="culprit") as ends:
            await until(lambda: set(expected) <= set(notes.read("done")))
        letters = [await outside.fetch(dead_letter_queue(notes.queue)) for _ in range(3)]
        numbers = [Told.decode(letter.body).number for letter in letters if letter]
        assert numbers == sorted(culprits)
        for letter in letters[: len(culprits)]:
            assert letter is not None
            assert "it seems to end the process" in str(letter.headers[headers.REASON])
            assert letter.headers[headers.STREAM] == notes.stream
    # The strikes; before, one to be noticed at all, and one to be found among its neighbours.
    assert CULPRIT <= ends.count(9) / len(culprits) <= CULPRIT + 2
    firsts = list(dict.fromkeys(notes.read("done")))
    assert firsts == expected


@pytest.mark.parametrize(
    ("url", "store"),
    [((BOTH[0], "plain"), "rabbitmq"), ((BOTH[0], "plain"), "redis")],
    indirect=True,
)
async def test_a_stop_is_no_strike(url: str, store: str, tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    command = (sys.executable, "-m", "tests.fault.culprit", url, store, str(tmp_path), "0")
    async with published(url, notes, Told(number=0, fails=True)) as outside:
        for life in range(CULPRIT + 2):
            process = await asyncio.create_subprocess_exec(*command)
            await until(lambda life=life: len(notes.read("begun")) > life)  # type: ignore[misc]
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
        assert await outside.fetch(dead_letter_queue(notes.queue)) is None


@pytest.mark.parametrize("url", [(BOTH[0], "fast")], indirect=True)
async def test_offsets_in_redis_lose_nothing_where_processes_die_and_repeat_nothing_after_a_stop(
    url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    notes, dying = Notes(tmp_path), {0, 41, 150, 151}
    events = [Told(number=each, kills=int(each in dying)) for each in range(EVENTS)]
    arguments = (url, redis_server.url, str(tmp_path), "0")
    async with published(url, notes, *events):
        async with workers(2, *arguments, of="culprit") as ends:
            await until(lambda: len(set(notes.read("done"))) == EVENTS)
            assert ends.count(9) == len(dying)
        assert list(dict.fromkeys(notes.read("done"))) == [*range(EVENTS)]
        # Those two were killed: what was not stored comes again, and ends with the stop.
        command = (sys.executable, "-m", "tests.fault.culprit", *arguments)
        for number in (EVENTS, EVENTS + 1):
            process = await asyncio.create_subprocess_exec(*command)
            async with Publisher.connect(url) as publisher:
                await publisher.publish(Told(number=number))
            await until(lambda number=number: number in notes.read("done"))  # type: ignore[misc]
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    assert notes.read("done")[-2:] == [EVENTS, EVENTS + 1]
    assert len(notes.read("done")) - EVENTS <= REPEATED * (len(dying) + 2)

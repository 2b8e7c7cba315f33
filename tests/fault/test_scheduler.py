"""Several schedulers, each occurrence once: through kills, without Redis, without a broker."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.fault.proxy import Proxy
from tests.fault.ticking import NAMES, Received, Schedulers
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.broker
PATIENCE = 90


@pytest.fixture
def schedulers(scratch_broker_url: str, redis_url: str, tmp_path: Path) -> Iterator[Schedulers]:
    made = Schedulers(scratch_broker_url, redis_url, f"ticking-{uuid4().hex[:8]}", tmp_path)
    yield made
    made.kill()
    made.backend_url = redis_url
    made.forget()


@pytest.fixture
async def received(scratch_broker_url: str) -> AsyncIterator[Received]:
    made = Received(scratch_broker_url)
    await made.start()
    yield made
    await made.close()


async def until(check: Callable[[], bool], schedulers: Schedulers) -> None:
    deadline = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < deadline, schedulers.output()
        await asyncio.sleep(0.05)


async def more(count: int, received: Received, schedulers: Schedulers) -> None:
    wanted = received.fewest + count
    await until(lambda: received.fewest >= wanted, schedulers)


async def test_three_schedulers_publish_hundreds_of_occurrences_once_each_through_kills(
    schedulers: Schedulers, received: Received
) -> None:
    since = datetime.now(UTC)
    schedulers.start(3)
    await more(30, received, schedulers)
    for _ in range(2):
        schedulers.leader().kill()
        schedulers.start(1)
        await more(30, received, schedulers)
    quiet = received.doubled()
    leader = schedulers.leader()
    leader.terminate()
    assert leader.wait(30) == 0
    await more(20, received, schedulers)
    statuses = schedulers.stop()
    assert received.missing(since) == dict.fromkeys(NAMES, 0)
    # A kill between the broker's confirm and the record: with the same id, so that an idempotent
    # handler does it once. At most one of each schedule is on its way.
    assert quiet <= 2 * len(NAMES)
    assert received.doubled() == quiet
    assert sorted(statuses) == [-9, -9, 0, 0, 0]


async def test_a_leader_that_was_paused_and_replaced_does_not_go_on(
    schedulers: Schedulers, received: Received
) -> None:
    since = datetime.now(UTC)
    schedulers.start(2)
    await more(10, received, schedulers)
    paused = schedulers.leader()
    paused.send_signal(signal.SIGSTOP)
    await more(30, received, schedulers)
    assert schedulers.leader() is not paused
    paused.send_signal(signal.SIGCONT)
    await more(20, received, schedulers)
    assert schedulers.leader() is not paused
    assert schedulers.stop() == [0, 0]
    assert received.missing(since) == dict.fromkeys(NAMES, 0)
    # At most what it had on its way when it was paused.
    assert received.doubled() <= len(NAMES)


async def test_what_is_due_while_the_broker_is_cut_off_is_published_afterwards(
    schedulers: Schedulers, received: Received
) -> None:
    since, parts = datetime.now(UTC), urlsplit(schedulers.broker_url)
    proxy = Proxy(parts.port or 5672)
    await proxy.start()
    schedulers.broker_url = schedulers.broker_url.replace(f":{parts.port}/", f":{proxy.port}/")
    schedulers.start(2)
    await more(20, received, schedulers)
    proxy.stall()
    await asyncio.sleep(2)
    proxy.cut()
    await asyncio.sleep(1)
    proxy.resume()
    await more(40, received, schedulers)
    # Not here: the proxy passes nothing on while this event loop waits for a process.
    assert await asyncio.to_thread(schedulers.stop) == [0, 0], schedulers.output()
    await proxy.close()
    assert received.missing(since) == dict.fromkeys(NAMES, 0)


@pytest.mark.parametrize("silent", ["stall", "stall_answers", "close"])
async def test_schedulers_whose_broker_is_silent_end_by_themselves(
    schedulers: Schedulers, received: Received, silent: str
) -> None:
    parts = urlsplit(schedulers.broker_url)
    proxy = Proxy(parts.port or 5672)
    await proxy.start()
    schedulers.broker_url = schedulers.broker_url.replace(f":{parts.port}/", f":{proxy.port}/")
    schedulers.start(2, "--shutdown-timeout", "1")
    await until(lambda: schedulers.output().count("ready: ") == 2, schedulers)
    await more(10, received, schedulers)
    ended = getattr(proxy, silent)()
    if ended is not None:
        await ended
    await asyncio.sleep(0.5)
    statuses = await asyncio.to_thread(schedulers.stop)
    # What the leader has in flight is never confirmed, and cancelled.
    assert set(statuses) <= {0, 1}, schedulers.output()
    assert "keeps running" not in schedulers.output()
    await proxy.close()


async def test_what_is_due_while_redis_is_away_is_published_afterwards(
    schedulers: Schedulers, received: Received, tmp_path: Path
) -> None:
    since, redis = datetime.now(UTC), RedisServer(tmp_path, lasting=True)
    redis.start()
    schedulers.backend_url = redis.url
    schedulers.start(2)
    await more(20, received, schedulers)
    redis.stop()
    await asyncio.sleep(7)
    redis.start()
    await more(60, received, schedulers)
    assert schedulers.stop() == [0, 0]
    redis.stop()
    assert received.missing(since) == dict.fromkeys(NAMES, 0)

"""What only Redis can do to us: restarts, silence, and other users of the same server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from jararaca.errors import BackendError
from jararaca.integrations.websockets import redis as backend
from jararaca.integrations.websockets.redis import InRedis
from redis.asyncio import Redis

from tests.fault.proxy import Proxy
from tests.support.redis_server import RedisServer


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[Proxy]:
    made = Proxy(redis_server.port)
    await made.start()
    yield made
    await made.close()


async def heard_again(sender: InRedis, heard: list[bytes]) -> None:
    """Return once something new is heard of what is sent now, and now, and now."""
    before = len(heard)
    async with asyncio.timeout(30):
        while len(heard) == before:
            await sender.publish(b"again")
            await asyncio.sleep(0.05)


async def test_a_process_that_only_sends_does_not_subscribe(redis_server: RedisServer) -> None:
    name = f"test-{uuid4().hex[:8]}"
    sender, server = InRedis(redis_server.url, name), InRedis(redis_server.url, name)
    redis: Redis = Redis.from_url(redis_server.url)
    await sender.publish(b"hello")
    assert await redis.pubsub_numsub(sender.channel) == [(sender.channel.encode(), 0)]
    await server.subscribe(lambda data: None)
    assert await redis.pubsub_numsub(sender.channel) == [(sender.channel.encode(), 1)]
    await redis.aclose()
    await sender.close()
    await server.close()


async def test_a_subscription_is_made_again_after_each_restart(redis_server: RedisServer) -> None:
    heard: list[bytes] = []
    ours = InRedis(redis_server.url, "test")
    await ours.subscribe(heard.append)
    for _ in range(3):
        redis_server.stop()
        redis_server.start()
        await heard_again(ours, heard)
    await ours.close()


async def test_a_redis_that_has_gone_silent_is_left_for_a_new_connection(
    redis_server: RedisServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "SILENT_SECONDS", 0.2)
    heard: list[bytes] = []
    ours = InRedis(f"redis://127.0.0.1:{proxy.port}/0", "test")
    direct = InRedis(redis_server.url, "test")
    await ours.subscribe(heard.append)
    await heard_again(direct, heard)
    await asyncio.sleep(1)  # silence that a ping ends is no reason to leave
    assert proxy.connections == 2
    proxy.abandon()
    await heard_again(direct, heard)
    await ours.close()
    await direct.close()


async def test_without_a_redis_a_subscription_is_an_error_and_made_later(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "CONNECT_SECONDS", 0.3)
    redis_server.stop()
    heard: list[bytes] = []
    ours = InRedis(redis_server.url, "test")
    with pytest.raises(BackendError, match=f"127.0.0.1:{redis_server.port}"):
        await ours.subscribe(heard.append)
    redis_server.start()
    await heard_again(ours, heard)
    await ours.close()

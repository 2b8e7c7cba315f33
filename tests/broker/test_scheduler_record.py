"""The schedulers' record in Redis: one leader, and nothing recorded by one that was replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from jararaca import BackendError
from jararaca.scheduling.store.redis import ScheduleStoreInRedis
from redis.asyncio import Redis

from tests.support.nodes import free_port

pytestmark = pytest.mark.broker


class Application:
    """Records of one application, as two processes have them."""

    def __init__(self, url: str) -> None:
        self.name = f"record-{uuid4().hex[:8]}"
        self.one, self.two = ScheduleStoreInRedis(url, self.name), ScheduleStoreInRedis(
            url, self.name
        )
        self.redis: Redis = Redis.from_url(url)

    def key(self, part: str) -> str:
        return f"jararaca:scheduler:{{{self.name}}}:{part}"

    async def expire(self) -> None:
        """The lease is over: its leader was not heard of."""
        await self.redis.delete(self.key("leader"))

    async def close(self) -> None:
        await self.redis.delete(*map(self.key, ("leader", "number", "done")))
        for each in (self.one, self.two):
            await each.close()
        await self.redis.aclose()


@pytest.fixture
async def application(redis_url: str) -> AsyncIterator[Application]:
    made = Application(redis_url)
    yield made
    await made.close()


async def test_one_leads_and_stays_the_leader_while_it_is_heard_of(
    application: Application,
) -> None:
    leadership = await application.one.lead()
    assert leadership is not None
    assert await application.two.lead() is None
    assert await application.one.lead() == leadership
    assert 0 < await application.redis.pttl(application.key("leader")) <= 5000


async def test_a_leader_that_was_replaced_records_nothing_any_more(
    application: Application,
) -> None:
    first = await application.one.lead()
    assert first is not None
    assert await application.one.save(first, "nightly", "monday")
    await application.expire()
    second = await application.two.lead()
    assert second is not None and second > first
    assert not await application.one.save(first, "nightly", "sunday")
    assert await application.two.save(second, "nightly", "tuesday")
    assert await application.one.load() == {"nightly": "tuesday"}


async def test_a_lease_that_is_over_still_records_until_another_leads(
    application: Application,
) -> None:
    leadership = await application.one.lead()
    assert leadership is not None
    await application.expire()
    assert await application.one.save(leadership, "nightly", "monday")


async def test_only_the_leader_resigns(application: Application) -> None:
    await application.one.lead()
    await application.two.resign()
    assert await application.two.lead() is None
    await application.one.resign()
    assert await application.two.lead() is not None


async def test_a_record_that_is_closed_leaves_no_connection(application: Application) -> None:
    number = await application.one._redis.client_id()
    there = [int(each["id"]) for each in await application.redis.client_list()]
    assert number in there
    await application.one.close()
    async with asyncio.timeout(20):
        while number in [int(each["id"]) for each in await application.redis.client_list()]:
            await asyncio.sleep(0.01)


async def test_a_redis_that_does_not_answer_is_told() -> None:
    record = ScheduleStoreInRedis(f"redis://127.0.0.1:{free_port()}/0", "nowhere")
    with pytest.raises(BackendError, match="could not be reached"):
        await record.lead()
    with pytest.raises(BackendError):
        await record.load()
    await record.close()

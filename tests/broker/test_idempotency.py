"""Idempotent handlers with their record in Redis: once in all workers, and honest without Redis."""

from __future__ import annotations

import asyncio
import logging
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Publisher,
    RetryPolicy,
    Worker,
    route,
)
from jararaca.handlers.outcome import Handled
from jararaca.handling.idempotency import REMEMBER_SECONDS
from jararaca.transport.connect import transport_for
from redis.asyncio import Redis

from tests.support.services import service_of


class Charge(Message):
    MESSAGE_TOPIC = "charge"
    MESSAGE_TYPE = "task"


class Bench:
    """A broker of its own, one queue, and workers that share a Redis."""

    def __init__(self) -> None:
        self.url = f"memory://{uuid4()}"
        self.queue = f"charges-{uuid4().hex[:8]}"
        self.told: list[Handled] = []

        @MessageBusController()
        class Charges:
            @MessageHandler(
                Charge, idempotent=True, retry=RetryPolicy(max_retries=1, initial_delay=0.1)
            )
            async def charge(self, message: MessageOf[Charge]) -> None: ...

        self.service = service_of(
            route(
                operation="charge",
                queue=self.queue,
                binding_keys=("charge",),
                message=Charge,
                controller=Charges,
                handler=Charges.charge,
            )
        )

    async def worker(self, backend_url: str) -> Worker:
        """One that runs."""
        worker = Worker(
            Microservice(self.service),
            transport_for(self.url),
            backend_url=backend_url,
            listener=self.told.append,
        )
        await worker.start()
        return worker

    async def charge(self, message_id: str, until: int) -> None:
        """Publish and wait for so many outcomes in all."""
        async with Publisher.connect(self.url):
            await Charge().publish(message_id=message_id)
        async with asyncio.timeout(10):
            while len(self.told) < until:
                await asyncio.sleep(0.01)

    @property
    def outcomes(self) -> list[str]:
        """What became of each delivery."""
        return [each.outcome for each in self.told]


async def test_a_message_that_one_worker_handled_is_a_duplicate_for_the_next(
    redis_url: str,
) -> None:
    bench, message_id = Bench(), str(uuid4())
    first = await bench.worker(redis_url)
    await bench.charge(message_id, 1)
    await first.stop()
    second = await bench.worker(redis_url)
    await bench.charge(message_id, 2)
    await bench.charge(str(uuid4()), 3)
    await second.stop()
    assert bench.outcomes == ["handled", "duplicate", "handled"]


async def test_the_record_is_under_our_prefix_and_ends_by_itself(redis_url: str) -> None:
    bench, message_id = Bench(), str(uuid4())
    worker = await bench.worker(redis_url)
    await bench.charge(message_id, 1)
    await worker.stop()
    async with Redis.from_url(redis_url) as redis:
        key = f"jararaca:handled:{bench.queue}:charge:{message_id}"
        assert 0 < await redis.ttl(key) <= REMEMBER_SECONDS


async def test_without_redis_a_message_waits_and_is_not_handled_blindly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    worker = await bench.worker("redis://127.0.0.1:1/0")
    await bench.charge("x", 0)
    async with asyncio.timeout(20):
        while "is paused: BackendError: Redis" not in caplog.text:
            await asyncio.sleep(0.01)
    await worker.stop()
    assert {"handled", "retried", "dead-lettered"}.isdisjoint(bench.outcomes)


async def test_a_worker_says_where_its_record_is(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for url, place in (("memory://", "this process's memory"), (redis_url, "Redis")):
        caplog.clear()
        await (await Bench().worker(url)).stop()
        assert place in caplog.text

"""The process is killed at every step between handler, commit, relay, confirm and ack."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from jararaca import Publisher, Queue, QueueBinding, Topology
from jararaca.integrations.sqlalchemy.engine import engine_for
from jararaca.integrations.sqlalchemy.outbox import table
from jararaca.integrations.sqlalchemy.tables import OUTBOX
from jararaca.publishing.publication import publication_of
from jararaca.transport import Transport
from jararaca.transport.connect import transport_for
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.brokers import delete_queues

pytestmark = pytest.mark.broker
PREFIX = f"dying-{uuid4().hex[:8]}"
os.environ["DYING_PREFIX"] = PREFIX

from tests.support.dying import SERVICE, STEPS, Do, Done, Effect  # noqa: E402

ROOT = Path(__file__).parents[2]
NUMBERS = range(20)
MANY = 600
PATIENCE = 60
TAP = Queue(f"{PREFIX}.tap", arguments={"x-queue-type": "quorum"})
"""Keeps every publication that reaches the broker."""


class Scene:
    """Processes that work on one broker and one database."""

    def __init__(self, broker_url: str, database_url: str, folder: Path) -> None:
        self.broker_url = broker_url
        self.engine = engine_for(database_url, {})
        self._folder = folder
        self._environment = {
            **os.environ,
            "BROKER_URL": broker_url,
            "DATABASE_URL": database_url,
            "DYING_PREFIX": PREFIX,
        }

    def start(self, step: str) -> subprocess.Popen[bytes]:
        """A process that dies at a step; returns when it is ready, or dead."""
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.dying", step],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    async def declare(self) -> None:
        """The queues, and one more that hears what the first handler publishes."""
        shared = SERVICE.topology.exchanges
        tapping = QueueBinding(shared[0].name, TAP.name, Done.MESSAGE_TOPIC)
        async with self._connected() as transport:
            await transport.declare(SERVICE.topology)
            await transport.declare(Topology(shared, (TAP,), (tapping,)))

    async def publish(self) -> None:
        """The tasks, confirmed; their queues are declared first."""
        await self.declare()
        async with Publisher.connect(self.broker_url) as publisher:
            for number in NUMBERS:
                await publisher.publish(Do(number=number), message_id=f"do-{number}")

    async def put(self, numbers: Iterable[int]) -> None:
        """Commit a transaction with publications."""
        async with AsyncSession(self.engine) as session:
            publications = [publication_of(Done(number=number)) for number in numbers]
            await table.put(session, publications, "jararaca")
            await session.commit()

    async def effects(self) -> Counter[tuple[str, int]]:
        """How often each handler's work lasted, by number."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(Effect.handler, Effect.number))
            return Counter((row.handler, row.number) for row in rows)

    async def over(self) -> None:
        """Wait until all is done, and nothing waits in the outbox."""
        expected = {(handler, number) for handler in ("do", "done") for number in NUMBERS}
        async with asyncio.timeout(PATIENCE):
            while (await self.effects()).keys() != expected or await self.unsent():
                await asyncio.sleep(0.1)

    async def drained(self) -> None:
        """Wait until no queue holds anything."""
        queues = [queue.name for queue in SERVICE.topology.queues]
        async with self._connected() as transport, asyncio.timeout(PATIENCE):
            while sum([await transport.count(queue) for queue in queues]):
                await asyncio.sleep(0.1)

    async def tapped(self) -> list[int]:
        """Every number that reached the broker, in order; a number has one message id."""
        found: list[int] = []
        ids: dict[int, str | None] = {}
        async with self._connected() as transport:
            while (delivery := await transport.fetch(TAP.name)) is not None:
                number, message_id = (
                    Done.decode(delivery.body).number,
                    delivery.properties.message_id,
                )
                assert ids.setdefault(number, message_id) == message_id
                found.append(number)
                await transport.ack(delivery)
        return found

    async def unsent(self) -> int:
        """How many rows the outbox has."""
        async with self.engine.connect() as connection:
            return int(await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Transport]:
        transport = transport_for(self.broker_url)
        await transport.connect()
        yield transport
        await transport.close()


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_each_effect_is_there_once_and_each_publication_arrives(
    step: str, scratch_broker_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    await _kill_and_judge(step, Scene(scratch_broker_url, postgresql_url, tmp_path))


@pytest.mark.parametrize("step", ["outbox written", "committed", "relay has its confirm"])
async def test_the_same_over_sqlite(step: str, scratch_broker_url: str, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'dying.db'}"
    await _kill_and_judge(step, Scene(scratch_broker_url, url, tmp_path))


async def _kill_and_judge(step: str, scene: Scene) -> None:
    await scene.publish()
    dying = await asyncio.to_thread(scene.start, step)
    assert await asyncio.to_thread(dying.wait, PATIENCE) == -signal.SIGKILL, step
    healthy = await asyncio.to_thread(scene.start, "never")
    try:
        await scene.over()
        # What was redelivered or sent again is there by now: nothing came of it twice.
        await scene.drained()
        published = await scene.tapped()
        assert set((await scene.effects()).values()) == {1}
    finally:
        healthy.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(healthy.wait, PATIENCE)
        await scene.engine.dispose()
        queues = [queue.name for queue in (*SERVICE.topology.queues, TAP)]
        await delete_queues(scene.broker_url, *queues)
    assert status == 0
    assert set(published) == set(NUMBERS)
    sent_again = len(published) > len(NUMBERS)
    if step in ("relay has its confirm", "relay has deleted the row"):
        assert sent_again
    if step in ("handler returned", "outbox written"):
        assert not sent_again


@pytest.mark.parametrize("killed", [False, True])
async def test_three_relay_processes_send_in_order_and_twice_only_after_a_kill(
    killed: bool, scratch_broker_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    scene = Scene(scratch_broker_url, postgresql_url, tmp_path)
    await scene.declare()
    relays = [await asyncio.to_thread(scene.start, "relay") for _ in range(3)]
    try:
        for start in range(0, MANY, 10):
            await scene.put(range(start, start + 10))
            if killed and start == MANY // 2:
                for each in relays[:2]:
                    each.kill()
        async with asyncio.timeout(PATIENCE):
            while await scene.unsent():
                await asyncio.sleep(0.05)
        published = await scene.tapped()
    finally:
        for each in relays:
            each.terminate()
            await asyncio.to_thread(each.wait, PATIENCE)
        await scene.engine.dispose()
        queues = [queue.name for queue in (*SERVICE.topology.queues, TAP)]
        await delete_queues(scene.broker_url, *queues)
    assert list(dict.fromkeys(published)) == list(range(MANY))
    assert killed or len(published) == MANY

"""The process is killed at every step between handler, commit, relay, confirm and ack."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from jararaca import Publisher, Queue, QueueBinding, Topology
from jararaca.integrations.sqlalchemy.engine import engine_for
from jararaca.integrations.sqlalchemy.tables import OUTBOX
from jararaca.transport.connect import transport_for
from sqlalchemy import func, select

from tests.support.brokers import delete_queues

pytestmark = pytest.mark.broker
PREFIX = f"dying-{uuid4().hex[:8]}"
os.environ["DYING_PREFIX"] = PREFIX

from tests.support.dying import SERVICE, STEPS, Do, Done, Effect  # noqa: E402

ROOT = Path(__file__).parents[2]
NUMBERS = range(20)
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

    async def publish(self) -> None:
        """The tasks, confirmed; their queues are declared first."""
        transport = transport_for(self.broker_url)
        await transport.connect()
        await transport.declare(SERVICE.topology)
        shared = SERVICE.topology.exchanges
        tapping = QueueBinding(shared[0].name, TAP.name, Done.MESSAGE_TOPIC)
        await transport.declare(Topology(shared, (TAP,), (tapping,)))
        publisher = Publisher(transport)
        for number in NUMBERS:
            await publisher.publish(Do(number=number), message_id=f"do-{number}")
        await transport.close()

    async def effects(self) -> Counter[tuple[str, int]]:
        """How often each handler's work lasted, by number."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(Effect.handler, Effect.number))
            return Counter((row.handler, row.number) for row in rows)

    async def over(self) -> None:
        """Wait until all is done, and nothing waits in the outbox."""
        expected = {(handler, number) for handler in ("do", "done") for number in NUMBERS}
        async with asyncio.timeout(PATIENCE):
            while (await self.effects()).keys() != expected or await self._unsent():
                await asyncio.sleep(0.1)

    async def drained(self) -> dict[int, list[str | None]]:
        """Wait until no queue holds anything; the ids that each number was published with."""
        transport = transport_for(self.broker_url)
        await transport.connect()
        queues = [queue.name for queue in SERVICE.topology.queues]
        async with asyncio.timeout(PATIENCE):
            while sum([await transport.count(queue) for queue in queues]):
                await asyncio.sleep(0.1)
        found: dict[int, list[str | None]] = {}
        while (delivery := await transport.fetch(TAP.name)) is not None:
            number = Done.decode(delivery.body).number
            found.setdefault(number, []).append(delivery.properties.message_id)
            await transport.ack(delivery)
        await transport.close()
        return found

    async def _unsent(self) -> int:
        async with self.engine.connect() as connection:
            return int(await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)


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
        published = await scene.drained()
        assert set((await scene.effects()).values()) == {1}
    finally:
        healthy.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(healthy.wait, PATIENCE)
        await scene.engine.dispose()
        queues = [queue.name for queue in (*SERVICE.topology.queues, TAP)]
        await delete_queues(scene.broker_url, *queues)
    assert status == 0
    assert published.keys() == set(NUMBERS)
    assert all(len(set(ids)) == 1 for ids in published.values())
    sent_again = any(len(ids) > 1 for ids in published.values())
    assert sent_again == (step in ("relay has its confirm", "relay has deleted the row"))

"""The outbox's relay by itself: its pauses, its end, and what it makes of each refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from jararaca import BrokerUnreachableError, PublishNackedError
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.sqlalchemy.inbox import KEPT
from jararaca.integrations.sqlalchemy.outbox import relay as module
from jararaca.integrations.sqlalchemy.outbox import table
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.integrations.sqlalchemy.outbox.relay_lock import SqliteRelayLock, relay_lock_for
from jararaca.integrations.sqlalchemy.outbox.rows import row_of
from jararaca.integrations.sqlalchemy.outbox.status import status
from jararaca.integrations.sqlalchemy.tables import INBOX, OUTBOX
from jararaca.transport import Publication
from sqlalchemy import insert, select

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Broker:
    """A transport that fails as it is told to, by topic, and may not answer at all."""

    exchange = "jararaca"
    sends = True

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.answers = asyncio.Event()
        self.answers.set()

    async def publish(self, publication: Publication) -> None:
        await self.answers.wait()
        if error := self.fails.get(publication.routing_key):
            raise error
        self.sent.append(publication.routing_key)


class Scripted(Relay):
    """A relay whose turns a test makes up: what each tells, and how long it rested after it."""

    def __init__(self, turns: Sequence[str]) -> None:
        super().__init__(Database("sqlite+aiosqlite://").engine, cast(Any, Broker()))
        self._turns = list(turns)
        self.rests: list[tuple[float, bool]] = []

    async def _attempt(self) -> Any:
        assert not self._woken.is_set(), "a wake is for the turn that follows it"
        told = self._turns.pop(0)
        self._stopping = self._stopping or told.endswith("!")
        return told.rstrip("!")

    async def _rest(self, seconds: float, *, wakeful: bool = True) -> None:
        self.rests.append((seconds, wakeful))

    async def run(self) -> int:
        """Run it to its end; how many turns are left."""
        await self._run()
        return len(self._turns)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{folder}/shop.db", outbox=True, create_tables=True)
    async with database.opened():
        yield database


async def add(database: Database, topic: str, exchange: str | None = None, **more: Any) -> None:
    row = row_of(Publication(topic, more.pop("body", b"{}"), exchange), "jararaca", NOW)
    async with database.engine.begin() as connection:
        await connection.execute(insert(OUTBOX).values({**row, **more}))


async def test_pauses_double_up_to_a_limit_and_begin_anew_after_anything_else() -> None:
    busy, down = ["busy"] * 6, ["down"] * 6
    turns = [*busy, "idle", *down, "sent", "busy", "down", "idle", "idle!", "idle"]
    relay = Scripted(turns)
    relay.wake()
    assert await relay.run() == 0
    expected = [
        *((seconds, False) for seconds in (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)),
        (1.0, True),
        *((seconds, False) for seconds in (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)),
        *((0.05, False), (1.0, False), (1.0, True), (1.0, True)),
    ]
    assert relay.rests == expected


@pytest.mark.parametrize(
    ("turns", "left"),
    [
        (["idle!", "idle", "never"], 1),
        (["sent!", "sent", "sent", "idle", "never"], 1),
        (["sent!", "down", "never"], 1),
        (["idle!", "busy", "never"], 1),
    ],
)
async def test_one_that_is_stopped_looks_once_more_and_sends_all_that_is_there(
    turns: list[str], left: int
) -> None:
    """What was committed while its last turn went on is sent too."""
    assert await Scripted(turns).run() == left


async def test_a_stop_ends_a_turn_that_does_not_end_and_leaves_the_turn_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.05)
    async with opened(tmp_path) as database:
        broker = Broker()
        broker.answers.clear()
        await add(database, "one")
        relay = Relay(database.engine, cast(Any, broker))
        relay.start()
        other = relay_lock_for(database.engine)
        task = relay._task
        assert task is not None
        async with asyncio.timeout(20):
            while relay._lock._lock is None:  # type: ignore[attr-defined]
                await asyncio.sleep(0.001)
        async with other() as transaction:
            assert transaction is None, "the file is this relay's"
        await relay.stop()
        assert task.done() and broker.sent == []
        async with other() as transaction:
            assert transaction is not None
        other.close()


async def test_a_relay_that_never_began_is_stopped_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        relay = Relay(database.engine, cast(Any, Broker()))
        assert await relay.turn() == "idle"
        await relay.stop()
        relay = Relay(database.engine, cast(Any, Broker()))
        relay.start()
        task = relay._task
        await relay.stop()
        assert task is not None and task.done() and not task.cancelled()


async def test_what_the_broker_says_decides_what_becomes_of_each_row(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as database:
        broker = Broker()
        for topic in ("good", "away", "refused", "again"):
            await add(database, topic)
        broker.fails = {
            "away": BrokerUnreachableError("the broker is away"),
            "refused": PublishNackedError("a queue is full"),
            "again": ValueError("odd"),
        }
        relay = Relay(database.engine, cast(Any, broker))
        assert await relay.turn() == "down"
        async with database.engine.connect() as connection:
            rows = (await connection.execute(select(OUTBOX).order_by(OUTBOX.c.id))).mappings().all()
        told = [(row["routing_key"], row["attempts"], row["error"]) for row in rows]
        assert told == [
            ("away", 0, None),
            ("refused", 1, "PublishNackedError: a queue is full"),
            ("again", 1, "ValueError: odd"),
        ]
        assert broker.sent == ["good"]
        assert "refused None was refused (attempt 1): PublishNackedError" in caplog.text
        await relay.stop()


async def test_what_is_parked_is_told_with_the_way_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as database:
        broker = Broker()
        broker.fails = {"full": PublishNackedError("a queue is full")}
        await add(database, "full", attempts=table.ATTEMPTS - 2)
        await add(database, "full", attempts=table.ATTEMPTS - 1)
        relay = Relay(database.engine, cast(Any, broker))
        assert await relay.turn() == "sent"
        now = await status(database.engine)
        assert [each.parked for each in now.stuck] == [False, True]
        told = [(each.levelno, each.message) for each in caplog.records]
        assert told[0] == (
            logging.WARNING,
            f"full None was refused (attempt {table.ATTEMPTS - 1}): PublishNackedError: a queue is "
            "full",
        )
        assert told[1][0] == logging.ERROR
        assert f"full None is parked after {table.ATTEMPTS} attempts" in told[1][1]
        assert "`jararaca outbox status` and `requeue`" in told[1][1]
        await relay.stop()


async def test_the_record_of_handled_messages_is_pruned_once_an_hour(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        relay = Relay(database.engine, cast(Any, Broker()))

        async def turn_with_an_old_record() -> bool:
            old = datetime.now(UTC) - KEPT - timedelta(seconds=1)
            async with database.engine.begin() as connection:
                await connection.execute(insert(INBOX).values(key="old", handled_at=old))
            assert await relay.turn() == "idle"
            async with database.engine.begin() as connection:
                there = await connection.scalar(select(INBOX.c.key)) == "old"
                await connection.execute(INBOX.delete())
            return there

        assert not await turn_with_an_old_record()
        assert await turn_with_an_old_record(), "it was pruned a moment ago"
        relay._pruned -= module.PRUNING
        assert not await turn_with_an_old_record()
        await relay.stop()


async def test_what_was_handled_within_the_time_is_known_after_a_pruning(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        young = datetime.now(UTC) - KEPT + timedelta(hours=1)
        async with database.engine.begin() as connection:
            await connection.execute(insert(INBOX).values(key="young", handled_at=young))
        relay = Relay(database.engine, cast(Any, Broker()))
        assert await relay.turn() == "idle"
        async with database.engine.connect() as connection:
            assert await connection.scalar(select(INBOX.c.key)) == "young"
        await relay.stop()


async def test_a_broker_that_takes_nothing_is_told_once_and_once_that_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "jararaca.outbox")
    async with opened(tmp_path) as database:
        broker = Broker()
        broker.fails = {"one": BrokerUnreachableError("it is away")}
        await add(database, "one")
        relay = Relay(database.engine, cast(Any, broker))
        assert [await relay.turn(), await relay.turn()] == ["down", "down"]
        broker.fails = {}
        assert await relay.turn() == "sent"
        await relay.stop()
    told = [each.message for each in caplog.records]
    waiting = "the outbox is waiting; no message is lost: it is away"
    assert told == [waiting, "the outbox is sending again"]


async def test_a_database_that_fails_is_told_by_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    relay = Relay(Database("sqlite+aiosqlite:////nowhere/at/all.db").engine, cast(Any, Broker()))
    assert await relay._attempt() == "down"
    assert await relay._attempt() == "down"
    [told] = [each.message for each in caplog.records]
    assert "no message is lost: sqlite+aiosqlite:////nowhere/at/all.db: Operational" in told
    await relay.stop()


async def test_a_rest_ends_with_a_wake_a_stop_or_its_time() -> None:
    relay = Relay(Database("sqlite+aiosqlite://").engine, cast(Any, Broker()))
    await relay._rest(0.01)
    await relay._rest(0.01, wakeful=False)
    resting = asyncio.create_task(relay._rest(3600))
    await asyncio.sleep(0.01)
    assert not resting.done(), "nobody woke it"
    relay.wake()
    await asyncio.wait_for(resting, 20)
    relay._woken.clear()
    resting = asyncio.create_task(relay._rest(3600, wakeful=False))
    for _ in range(3):
        await asyncio.sleep(0.01)
        relay.wake()
    await asyncio.sleep(0.01)
    assert not resting.done(), "no commit ends it"
    await relay.stop()
    await asyncio.wait_for(resting, 20)
    await asyncio.wait_for(relay._rest(3600), 20)


async def test_trouble_of_another_kind_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jararaca.outbox")
    relay = Relay(Database("sqlite+aiosqlite://").engine, cast(Any, Broker()))
    for trouble in (None, "one", "two", None, None, "three"):
        relay._trouble_is(trouble)
    waiting = "the outbox is waiting; no message is lost: "
    told = [each.message for each in caplog.records]
    assert told == [f"{waiting}one", "the outbox is sending again", f"{waiting}three"]


@pytest.fixture
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The current folder, in which no file may be left."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("in_an_empty_folder")
async def test_a_database_in_memory_has_one_relay_and_no_file() -> None:
    for url in ("sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"):
        lock = relay_lock_for(Database(url).engine)
        assert isinstance(lock, SqliteRelayLock)
        async with lock() as transaction:
            assert transaction is not None
        lock.close()
        lock.close()

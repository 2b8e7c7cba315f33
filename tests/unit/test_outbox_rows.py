"""The outbox's rows: which are due, what a refusal makes of them, and what is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.sqlalchemy.outbox import table
from jararaca.integrations.sqlalchemy.outbox.rows import publication_of, row_of, utc
from jararaca.integrations.sqlalchemy.outbox.status import STUCK_ROWS, counted, requeue, status
from jararaca.integrations.sqlalchemy.tables import OUTBOX
from jararaca.transport import Publication
from sqlalchemy import insert

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{folder}/shop.db", outbox=True, create_tables=True)
    async with database.opened():
        yield database


async def add(database: Database, topic: str, exchange: str | None = None, **more: Any) -> None:
    row = row_of(Publication(topic, more.pop("body", b"{}"), exchange), "jararaca", NOW)
    async with database.engine.begin() as connection:
        await connection.execute(insert(OUTBOX).values({**row, **more}))


async def due(database: Database, now: datetime) -> list[str]:
    async with database.engine.connect() as connection:
        return [
            f"{row['exchange']}/{row['routing_key']}" for row in await table.due(connection, now)
        ]


@pytest.mark.parametrize(
    ("before", "seconds", "parked"),
    [(0, 1, False), (1, 2, False), (2, 4, False), (7, 128, False), (8, 256, False), (9, 300, True)],
)
def test_a_refused_row_waits_twice_as_long_each_time(
    before: int, seconds: int, parked: bool
) -> None:
    made = table.refusal(cast(Any, {"attempts": before}), ValueError("x" * 5_000), NOW)
    assert made.available_at - NOW == timedelta(seconds=seconds)
    assert (made.attempts, made.parked) == (before + 1, parked)
    assert len(made.error) == table.MAX_TEXT


async def test_a_refused_row_holds_up_its_own_topic_in_its_own_exchange(tmp_path: Path) -> None:
    later = NOW + timedelta(seconds=10)
    async with opened(tmp_path) as database:
        await add(database, "a", attempts=1, available_at=later)
        await add(database, "a")
        await add(database, "a", "other")
        await add(database, "b")
        assert await due(database, NOW) == ["other/a", "jararaca/b"]
        whole = ["jararaca/a", "jararaca/a", "other/a", "jararaca/b"]
        assert await due(database, later) == whole
        await add(database, "b", attempts=10, available_at=later, parked_at=NOW)
        assert await due(database, NOW) == ["other/a", "jararaca/b"], "a parked row holds up nobody"


async def test_a_batch_ends_before_the_row_that_begins_at_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "BATCH_BYTES", 10)
    async with opened(tmp_path) as database:
        for body in (b"x" * 5, b"x" * 5, b"x"):
            await add(database, "a", body=body)
        assert len(await due(database, NOW)) == 2
        monkeypatch.setattr(table, "BATCH_BYTES", 11)
        assert len(await due(database, NOW)) == 3
        monkeypatch.setattr(table, "BATCH", 1)
        assert len(await due(database, NOW)) == 1


def test_a_header_that_only_looks_like_one_of_ours_stays_as_it_is() -> None:
    odd = {
        "a": {"$time": "x", "b": 1},
        "c": {"$bytes": "eA==", "d": 1},
        "e": {"$decimal": "1", "f": 2},
    }
    row = row_of(Publication("a", b"", headers=odd), "jararaca", NOW)
    assert publication_of(row, NOW).headers == odd
    with pytest.raises(TypeError, match="an AMQP header cannot contain a set"):
        row_of(Publication("a", b"", headers={"a": {1}}), "jararaca", NOW)


def test_a_time_that_sqlite_gives_back_is_utc() -> None:
    naive = NOW.replace(tzinfo=None)
    elsewhere = NOW.astimezone()
    assert (utc(naive), utc(NOW), utc(None)) == (NOW, NOW, None)
    found = utc(elsewhere)
    assert found is elsewhere


async def test_status_counts_and_shows_what_was_refused(tmp_path: Path) -> None:
    old, future = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    async with opened(tmp_path) as database:
        empty = await status(database.engine)
        assert (empty.waiting, empty.oldest_seconds, empty.stuck) == (0, 0.0, ())
        await add(database, "new", created_at=future)
        assert (await status(database.engine)).oldest_seconds == 0.0, "a clock that was set back"
        await add(database, "refused", attempts=1, created_at=old)
        await add(database, "parked", attempts=9, error="full", parked_at=NOW, created_at=NOW)
        found = await status(database.engine)
        assert (found.waiting, found.refused, found.parked) == (2, 1, 1)
        assert 3600 <= found.oldest_seconds < 7200
        assert round(found.oldest_seconds, 3) == found.oldest_seconds
        told = [(each.routing_key, each.attempts, each.error, each.parked) for each in found.stuck]
        assert told == [("refused", 1, "", False), ("parked", 9, "full", True)]
        *counts, age = await counted(database.engine)
        states = {each.labels["state"]: each.value for each in counts}
        assert states == {"waiting": 2, "refused": 1, "parked": 1}
        assert 3600 <= age.value < 7200
        assert await requeue(database.engine) == 2
        now = await status(database.engine)
        assert (now.waiting, now.refused, now.parked) == (3, 0, 0)
        for _ in range(STUCK_ROWS + 1):
            await add(database, "many", attempts=1)
        assert len((await status(database.engine)).stuck) == STUCK_ROWS

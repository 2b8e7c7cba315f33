"""The outbox beside its happy path: what is told, what is put back, and what tools find."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from jararaca import ConfigurationError
from jararaca.errors import BrokerUnreachableError
from jararaca.integrations.sqlalchemy import Database
from jararaca.integrations.sqlalchemy.inspection import inspect_database
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.integrations.sqlalchemy.outbox.rows import publication_of, row_of
from jararaca.integrations.sqlalchemy.outbox.status import requeue, status
from jararaca.integrations.sqlalchemy.tables import OUTBOX, ddl
from jararaca.transport import Properties, Publication, Terms
from sqlalchemy import insert, select, update


class Broker:
    """A transport that notes what it sends, or is away."""

    exchange = "jararaca"
    sends = True

    def __init__(self) -> None:
        self.away = False
        self.sent: list[Publication] = []

    async def publish(self, publication: Publication) -> None:
        if self.away:
            raise BrokerUnreachableError("the broker is away")
        self.sent.append(publication)


def database_of(folder: Path, **more: Any) -> Database:
    return Database(f"sqlite+aiosqlite:///{folder}/shop.db", outbox=True, **more)


async def add(database: Database, key: str, **more: Any) -> None:
    row = row_of(Publication(key, b"{}"), "jararaca", datetime.now(UTC))
    async with database.engine.begin() as connection:
        await connection.execute(insert(OUTBOX).values(**row, **more))


WHOLE = Publication(
    "orders.placed",
    b"\xff",
    "events",
    Properties("1", "Placed", timestamp=datetime(2026, 1, 31, tzinfo=UTC), priority=3),
    {"at": datetime(2026, 1, 31, tzinfo=UTC), "octets": b"\xff", "part": Decimal("1.50"), "n": [1]},
    mandatory=True,
    signed=True,
    delay=30.0,
    terms=Terms(expiration=60_000, persistent=False),
)


@pytest.mark.parametrize(
    "publication", [WHOLE, Publication("a", b""), replace(WHOLE, exchange="", terms=None)]
)
def test_a_row_keeps_all_of_its_publication(publication: Publication) -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    row = row_of(publication, "jararaca", now)
    kept = replace(
        publication, exchange="jararaca" if publication.exchange is None else publication.exchange
    )
    assert publication_of({**row, "id": 1}, now) == kept
    later = publication_of(row, now + timedelta(seconds=20))
    assert later.delay == max(0.0, publication.delay - 20)
    assert publication_of(row, now + timedelta(days=1)).delay == 0


def test_a_row_has_at_least_what_is_needed_to_send_it() -> None:
    needed = {column.name for column in OUTBOX.columns if not column.nullable}
    assert needed >= {"exchange", "routing_key", "envelope", "body", "created_at", "attempts"}
    assert not needed & {"available_at", "parked_at", "error", "deliver_at"}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_statements_make_all_tables_and_each_ends(dialect: str) -> None:
    text = ddl(dialect)
    assert text.endswith(";\n")
    statements = [each.strip() for each in text.split(";")[:-1]]
    assert all(each.startswith("CREATE ") for each in statements)
    assert sum(each.startswith("CREATE TABLE") for each in statements) == 3


def test_the_statements_run_as_they_are() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(ddl("sqlite"))
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert {"jararaca_outbox", "jararaca_inbox", "jararaca_outbox_refused"} <= names


async def test_a_tool_that_opens_a_database_is_told_of_missing_tables(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no table jararaca_"):
        async with database_of(tmp_path).opened():
            pass
    made = database_of(tmp_path, create_tables=True)
    async with made.opened():
        pass
    async with database_of(tmp_path).opened():
        pass


async def test_a_look_at_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    assert (await inspect_database(database_of(tmp_path))).is_new
    assert not (tmp_path / "shop.db").exists()
    sqlite3.connect(tmp_path / "shop.db").execute("PRAGMA user_version = 1")
    state = await inspect_database(database_of(tmp_path))
    assert not state.is_new and set(state.missing) == {"jararaca_outbox", "jararaca_inbox"}
    async with database_of(tmp_path, create_tables=True).opened():
        pass
    state = await inspect_database(database_of(tmp_path))
    assert state.missing == () and state.outbox is not None and state.outbox.waiting == 0


async def test_what_is_put_back_begins_anew(tmp_path: Path) -> None:
    database = database_of(tmp_path, create_tables=True)
    await database.prepare()
    parked = {"attempts": 10, "error": "refused", "parked_at": datetime.now(UTC)}
    for key in ("one", "two"):
        await add(database, key, available_at=datetime.now(UTC), **parked)
    await add(database, "three")
    before = await status(database.engine)
    assert (before.waiting, before.refused, before.parked) == (1, 0, 2)
    assert [each.parked for each in before.stuck] == [True, True]
    assert await requeue(database.engine, [before.stuck[0].id]) == 1
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(OUTBOX).order_by(OUTBOX.c.id))).mappings().all()
    told = [(row["attempts"], row["error"], row["available_at"], row["parked_at"]) for row in rows]
    assert told[0] == (0, None, None, None) and told[1][0] == 10
    assert await requeue(database.engine) == 1
    await database.engine.dispose()


async def test_trouble_is_told_once_and_once_that_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "jararaca.outbox")
    database, broker = database_of(tmp_path, create_tables=True), Broker()
    await database.prepare()
    relay = Relay(database.engine, cast(Any, broker))
    await add(database, "one")
    broker.away = True
    assert [await relay.turn() for _ in range(3)] == ["down"] * 3
    assert caplog.text.count("the outbox is waiting; no message is lost: the broker is away") == 1
    broker.away = False
    assert [await relay.turn() for _ in range(2)] == ["sent", "idle"]
    assert caplog.text.count("the outbox is sending again") == 1
    assert [each.routing_key for each in broker.sent] == ["one"]
    broker.sends = False
    assert await relay.turn() == "down"
    assert caplog.text.count("the outbox is waiting") == 2
    await relay.stop()
    await database.engine.dispose()


async def test_a_commit_wakes_a_relay_that_is_idle_and_not_one_that_waits_for_the_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, looks = Relay(database_of(tmp_path).engine, cast(Any, Broker())), 0
    wait_for = asyncio.wait_for

    async def counted(what: Any, seconds: float) -> Any:
        nonlocal looks
        looks += 1
        return await wait_for(what, seconds)

    monkeypatch.setattr(asyncio, "wait_for", counted)
    loop = asyncio.get_running_loop()
    began = loop.time()
    relay.wake()
    await relay._rest(0.2, wakeful=False)
    assert loop.time() - began >= 0.19 and looks <= 3
    relay.wake()
    began = loop.time()
    await relay._rest(60)
    assert loop.time() - began < 5
    resting = asyncio.create_task(relay._rest(60, wakeful=False))
    await asyncio.sleep(0.01)
    await relay.stop()
    await asyncio.wait_for(resting, 5)


async def test_a_row_that_cannot_be_read_is_refused_and_the_next_one_is_sent(
    tmp_path: Path,
) -> None:
    database, broker = database_of(tmp_path, create_tables=True), Broker()
    await database.prepare()
    for key in ("odd", "good"):
        await add(database, key)
    async with database.engine.begin() as connection:
        await connection.execute(
            update(OUTBOX).where(OUTBOX.c.routing_key == "odd").values(envelope="no JSON")
        )
    relay = Relay(database.engine, cast(Any, broker))
    assert await relay.turn() == "sent"
    assert [each.routing_key for each in broker.sent] == ["good"]
    found = await status(database.engine)
    assert (found.waiting, found.refused) == (1, 1)
    assert [(each.routing_key, each.attempts) for each in found.stuck] == [("odd", 1)]
    await relay.stop()
    await database.engine.dispose()


async def test_a_database_in_memory_is_never_new() -> None:
    for url in ("sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"):
        assert not (await inspect_database(Database(url))).is_new

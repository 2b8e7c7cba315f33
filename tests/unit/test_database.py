"""A database by itself: its start and end, its sessions, and what it tells of its state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from jararaca import (
    ConfigurationError,
    DatabaseUnreachableError,
    Exchange,
    HandledBeforeError,
    Microservice,
    NoSessionError,
    Topology,
    Work,
    use_session,
)
from jararaca.application.host import Host
from jararaca.integrations.sqlalchemy import Database, database, engine, session
from jararaca.integrations.sqlalchemy.engine import shown
from jararaca.integrations.sqlalchemy.inspection import DatabaseState, inspect_database
from jararaca.integrations.sqlalchemy.outbox.rows import publication_of, row_of
from jararaca.integrations.sqlalchemy.tables import INBOX, OUTBOX
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Publication
from jararaca.transport.connect import transport_for
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.orders import Base, Order

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def of(folder: Path, **more: Any) -> Database:
    return Database(f"sqlite+aiosqlite:///{folder}/shop.db", **more)


@asynccontextmanager
async def hosted(*databases: Database) -> AsyncIterator[Host]:
    """A host of an application with these, which has started."""
    transport = transport_for(f"memory://{uuid4()}")
    await transport.connect()
    await transport.declare(Topology((Exchange("jararaca", shared=True),), (), ()))
    host = Host(Microservice(name="shop", integrations=databases), transport)
    await host.start()
    try:
        yield host
    finally:
        host.stopping.set()
        await host.stop()
        await transport.close()


async def put(of: Database, key: str = "a") -> None:
    async with of.engine.begin() as connection:
        row = row_of(Publication(key, b"{}"), "jararaca", NOW)
        await connection.execute(insert(OUTBOX).values(**row))


@pytest.mark.parametrize("outbox", [True, False])
@pytest.mark.parametrize("relay", [True, False])
async def test_a_relay_runs_where_there_is_an_outbox_and_it_is_not_left_to_others(
    tmp_path: Path, outbox: bool, relay: bool
) -> None:
    found = of(tmp_path, outbox=outbox, relay=relay, create_tables=True)
    assert found.relays is (outbox and relay)
    async with hosted(found) as host:
        running = found._running[host]
        assert (running is not None) is (outbox and relay)
        assert found.record == (f"jararaca_inbox of {shown(found.engine.url)}" if outbox else None)
        assert len(await found.measured()) == (4 if outbox else 0)
        assert await found.idle()
        if outbox:
            await put(found)
            assert (await found.idle()) is not relay, "what is there is the relay's to send"
            if running is not None:
                found.wake()
    if running is not None:
        assert running._task is not None and running._task.done()
    assert found.engine.pool.checkedin() == 0, "no connection is left open"  # type: ignore[attr-defined]


async def test_what_is_committed_to_the_outbox_is_sent_before_it_has_stopped(
    tmp_path: Path,
) -> None:
    found = of(tmp_path, outbox=True, create_tables=True)
    async with hosted(found):
        await put(found)
    async with found.engine.connect() as connection:
        assert (await connection.execute(select(OUTBOX))).all() == []
    await found.engine.dispose()


async def test_two_databases_have_two_names_and_one_outbox(tmp_path: Path) -> None:
    one, two = of(tmp_path, create_tables=True), of(tmp_path, name="reports")
    async with hosted(one, two):
        pass
    for others, told in (
        ((one, of(tmp_path)), "two databases have the same name"),
        (
            (
                of(tmp_path, outbox=True, create_tables=True),
                of(tmp_path, name="b", outbox=True, create_tables=True),
            ),
            "only one outbox",
        ),
    ):
        with pytest.raises(ConfigurationError, match=told):
            async with hosted(*others):
                pass
    assert [len(one.providers), two.providers] == [1, ()]


async def test_tables_are_made_where_that_is_asked_for_and_missed_where_they_are_needed(
    tmp_path: Path,
) -> None:
    await of(tmp_path).prepare()
    with pytest.raises(ConfigurationError, match="has no table jararaca_inbox and no jararaca_out"):
        await of(tmp_path, outbox=True).prepare()
    with pytest.raises(ConfigurationError, match="has no table"):
        await of(tmp_path, outbox=True, create_tables=False).prepare()
    await of(tmp_path, create_tables=Base.metadata).prepare()
    with pytest.raises(ConfigurationError, match="has no table"):
        await of(tmp_path, outbox=True).prepare()
    found = of(tmp_path, outbox=True, create_tables=Base.metadata)
    await found.prepare()
    async with of(tmp_path, outbox=True).opened():
        pass
    opened = of(tmp_path, outbox=True)
    async with opened.opened():
        pass
    assert opened.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    async with found.engine.connect() as connection:
        assert (await connection.execute(select(Order))).all() == []
    await found.engine.dispose()


async def test_a_database_that_is_busy_answers_and_one_that_is_away_does_not(
    tmp_path: Path,
) -> None:
    found = of(tmp_path, pool_timeout=0.01)
    assert await found.unready() is None
    async with found.engine.connect():
        assert await found.unready() is None, "its only connection is in use"
    away = Database("sqlite+aiosqlite:////nowhere/at/all.db")
    assert await away.unready() == (
        "the database sqlite+aiosqlite:////nowhere/at/all.db does not answer (unable to open "
        "database file)"
    )
    with pytest.raises(DatabaseUnreachableError, match="could not be used .unable to open"):
        await away.prepare()
    await found.engine.dispose()


async def test_a_session_is_its_units_own_and_ends_with_it(tmp_path: Path) -> None:
    found = of(tmp_path, create_tables=Base.metadata)
    await found.prepare()
    async with hosted(found) as host:
        async with host.unit_of_work():
            mine = use_session()
            assert use_session() is mine
            order = Order(number=1)
            mine.add(order)
        assert order.number == 1, "what was committed can be read without a session"
        with pytest.raises(NoSessionError, match="no unit of work is active"):
            use_session()
        with pytest.raises(ValueError, match="broken"):
            async with host.unit_of_work():
                use_session().add(Order(number=2))
                await use_session().flush()
                raise ValueError("broken")
        async with host.unit_of_work():
            assert (await use_session().scalars(select(Order.number))).all() == [1]
            assert use_session() is not mine


async def test_a_session_is_refused_after_its_unit_of_work(tmp_path: Path) -> None:
    async with hosted(of(tmp_path)) as host:
        go_on = asyncio.Event()

        async def late() -> AsyncSession:
            await go_on.wait()
            return use_session()

        async with host.unit_of_work():
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(NoSessionError, match="its session have ended"):
            await task


async def test_what_was_handled_before_is_refused_before_it_begins(tmp_path: Path) -> None:
    found = of(tmp_path, outbox=True, create_tables=True, relay=False)
    async with hosted(found) as host:

        def work(once: str | None) -> Work:
            return Work(publisher=StagedPublisher(host.transport), host=host, once=once)

        for once in ("one", "two", None, None):
            made = work(once)
            async with host.unit_of_work(made):
                pass
        with pytest.raises(HandledBeforeError):
            async with host.unit_of_work(work("one")):
                raise AssertionError("it began")
        async with found.engine.connect() as connection:
            keys = (await connection.scalars(select(INBOX.c.key))).all()
        assert sorted(keys) == ["one", "two"]


@pytest.mark.parametrize("publishes", [True, False])
@pytest.mark.parametrize("once", ["one", None])
async def test_what_a_handler_left_unwritten_fails_first_as_its_own_error(
    tmp_path: Path, publishes: bool, once: str | None
) -> None:
    """Also where another worker has handled the message in the meantime."""
    found = of(tmp_path, outbox=True, create_tables=Base.metadata, relay=False)
    async with hosted(found) as host:
        async with found.engine.begin() as connection:
            await connection.execute(insert(INBOX).values(key="two", handled_at=NOW))
            await connection.execute(insert(Order).values(id=1, number=1))
        publisher = StagedPublisher(host.transport)
        if publishes:
            publisher.stage(Publication("orders.placed", b"{}"))
        work = Work(publisher=publisher, host=host, once=once)
        part = session.UnitOfWorkSession(found, work)
        async with part:
            part.session().add(Order(id=1, number=2))
            if once:
                work.once = "two"
            with pytest.raises(IntegrityError, match="orders"):
                await part._commit()
        async with found.engine.connect() as connection:
            assert (await connection.execute(select(OUTBOX))).all() == []


async def test_a_unit_of_work_that_commits_twice_is_recorded_once(tmp_path: Path) -> None:
    """As one does that acks before its handler returns."""
    found = of(tmp_path, outbox=True, create_tables=True, relay=False)
    async with hosted(found) as host:
        work = Work(publisher=StagedPublisher(host.transport), host=host, once="one")
        part = session.UnitOfWorkSession(found, work)
        async with part:
            await part._commit()
            await part._commit()


@pytest.mark.parametrize("publishes", [True, False])
async def test_what_is_published_is_kept_with_the_commit_and_the_relay_woken_for_it_alone(
    tmp_path: Path, publishes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, woken = of(tmp_path, outbox=True, create_tables=True, relay=False), list[str]()
    monkeypatch.setattr(found, "wake", lambda: woken.append("woken"))
    async with hosted(found) as host:
        publisher = StagedPublisher(host.transport)
        if publishes:
            publisher.stage(Publication("orders.placed", b"{}"))
        part = session.UnitOfWorkSession(found, Work(publisher=publisher, host=host))
        async with part:
            await part._commit()
        async with found.engine.connect() as connection:
            kept = (await connection.scalars(select(OUTBOX.c.routing_key))).all()
    assert (kept, woken) == ((["orders.placed"], ["woken"]) if publishes else ([], []))


async def test_without_an_outbox_nothing_is_recorded_and_nothing_is_taken(tmp_path: Path) -> None:
    found = of(tmp_path)
    async with hosted(found) as host:
        for _ in range(2):
            publisher = StagedPublisher(host.transport)
            publisher.stage(Publication("nobody", b"{}"))
            part = session.UnitOfWorkSession(
                found, Work(publisher=publisher, host=host, once="one")
            )
            async with part:
                await part._commit()
            assert publisher.staged == 1


async def test_sqlite_begins_as_it_is_told_and_keeps_its_references(tmp_path: Path) -> None:
    found = of(tmp_path)
    async with found.engine.begin() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
        raw = await connection.get_raw_connection()
        assert cast(Any, raw.driver_connection)._conn.in_transaction, "it locks at its begin"
    await found.engine.dispose()
    pool = cast(Any, found.engine.pool)
    assert (pool.size(), pool._max_overflow) == (1, 0), "one connection, in turn"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("no url", "the database URL is invalid: it must be postgresql"),
        ("postgresql://u:p@ss@host/shop", "percent-encode an @"),
        ("postgresql://u:p@s/secret@host/shop", "percent-encode an @"),
        ("mysql://u:secret@host/shop", r"mysql://u:\*\*\*@host/shop is not supported"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as error:
        Database(url)
    assert "secret" not in str(error.value)


def test_a_url_means_our_drivers_and_their_words() -> None:
    found = Database("postgres://u:secret@host/shop?sslmode=require").engine
    assert (found.url.drivername, dict(found.url.query)) == (
        "postgresql+asyncpg",
        {"ssl": "require"},
    )
    assert shown(found.url) == "postgresql+asyncpg://u:***@host/shop"
    pool = cast(Any, found.pool)
    assert (pool.size(), pool._max_overflow, pool._pre_ping) == (20, 5, True)
    lite = Database("sqlite:///file@home.db").engine
    assert (lite.url.drivername, lite.url.database) == ("sqlite+aiosqlite", "file@home.db")
    with pytest.raises(ConfigurationError, match=r"Database\('sqlite.*no_such_option"):
        Database("sqlite://", no_such_option=1)


def test_what_a_database_says_is_one_line() -> None:
    assert engine.reason(ValueError("first\nsecond")) == "first"
    assert engine.reason(ValueError("")) == "ValueError"
    assert engine.reason(TimeoutError()) == "TimeoutError"


async def test_a_look_tells_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.db"
    assert await inspect_database(of(tmp_path)) == DatabaseState(url, is_new=True)
    await of(tmp_path, create_tables=Base.metadata).prepare()
    assert await inspect_database(of(tmp_path)) == DatabaseState(url)
    state = await inspect_database(of(tmp_path, outbox=True))
    assert state == DatabaseState(url, missing=("jararaca_inbox", "jararaca_outbox"))
    found = of(tmp_path, outbox=True, create_tables=True)
    await found.prepare()
    state = await inspect_database(found)
    assert state.outbox is not None and (state.missing, state.is_new) == ((), False)
    assert found.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    for odd in ("file:nowhere?mode=memory&uri=true", ":memory:", ""):
        assert not (await inspect_database(Database(f"sqlite+aiosqlite:///{odd}"))).is_new
    (tmp_path / "folder.db").mkdir()
    state = await inspect_database(Database(f"sqlite+aiosqlite:///{tmp_path}/folder.db"))
    assert not state.is_new and "unable to open" in (state.unreached or "")


def test_a_row_of_an_older_version_is_not_signed() -> None:
    row = row_of(Publication("a", b"", signed=True), "jararaca", NOW)
    older = {**json.loads(row["envelope"])}
    del older["signed"]
    assert publication_of(row, NOW).signed
    assert not publication_of({**row, "envelope": json.dumps(older)}, NOW).signed


def test_the_default_is_a_file_beside_the_application() -> None:
    assert database.DEFAULT_URL == "sqlite+aiosqlite:///jararaca.db"
    assert Database().engine.url.database == "jararaca.db"

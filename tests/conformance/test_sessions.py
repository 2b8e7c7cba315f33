"""A session around each unit of work, over each database: committed with it, or rolled back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from dishka import Provider, Scope
from jararaca import (
    ConfigurationError,
    DatabaseUnreachableError,
    MessageOf,
    Microservice,
    NoSessionError,
    RetryPolicy,
    Worker,
    ack,
    reject,
    use,
    use_session,
)
from jararaca.application.host import Host
from jararaca.integrations.sqlalchemy import Database
from jararaca.transport.connect import transport_for
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.databases import execute
from tests.support.orders import Base, Bench, Order, Place, Placed, place


async def test_rows_and_publications_last_together_after_success(database_url: str) -> None:
    bench = Bench(database_url)
    await bench.worker()
    await bench.send(1, 2, 3)
    await bench.until(place=3, placed=3)
    assert await bench.orders() == {1: 1, 2: 1, 3: 1}
    assert sorted(bench.numbers) == [1, 2, 3]
    await bench.close()


@pytest.mark.parametrize("outbox", [True, False])
async def test_neither_lasts_after_a_failure_or_a_reject(database_url: str, outbox: bool) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        await place(message)
        await use_session().flush()
        if message.payload().number == 1:
            raise ValueError("broken")
        if message.payload().number == 2:
            reject("not ours")

    bench = Bench(database_url, handle, outbox=outbox)
    await bench.worker()
    await bench.send(1, 2, 3)
    await bench.until(place=3, placed=1)
    assert await bench.orders() == {3: 1}
    assert bench.numbers == [3]
    await bench.close()


async def test_a_commit_that_fails_follows_the_policy_and_publishes_nothing(
    database_url: str,
) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        number = message.payload().number
        use_session().add(Order(id=1, number=number))
        await Placed(number=number).publish()

    bench = Bench(database_url, handle)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1, placed=1)
    await bench.send(2)
    await bench.until(place=2)
    assert list(bench.outcomes()) == ["handled", "dead-lettered"]
    assert "IntegrityError" in (bench.told[-1].reason or "")
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    await bench.close()


async def test_nested_calls_and_tasks_have_the_units_session_and_no_other(
    database_url: str,
) -> None:
    seen: list[Any] = []

    async def deep() -> None:
        seen.append(use_session())

    async def handle(message: MessageOf[Place]) -> None:
        seen.append(use_session())
        await deep()
        await asyncio.create_task(deep())
        async with asyncio.TaskGroup() as group:
            group.create_task(deep())

    bench = Bench(database_url, handle)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1)
    await bench.send(2)
    await bench.until(place=2)
    assert len(seen) == 8
    assert len(set(map(id, seen[:4]))) == len(set(map(id, seen[4:]))) == 1
    assert seen[0] is not seen[4]
    await bench.close()


async def test_a_task_that_outlives_its_unit_is_told_so(database_url: str) -> None:
    late: list[asyncio.Task[Any]] = []

    async def use_it_later(over: asyncio.Event) -> None:
        await over.wait()
        use_session()

    over = asyncio.Event()

    async def handle(message: MessageOf[Place]) -> None:
        late.append(asyncio.create_task(use_it_later(over)))

    bench = Bench(database_url, handle)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1)
    over.set()
    with pytest.raises(NoSessionError, match="await the task"):
        await late[0]
    await bench.close()


async def test_outside_of_a_unit_of_work_the_error_says_what_to_do() -> None:
    with pytest.raises(NoSessionError, match="call use_session\\(\\) in a message handler"):
        use_session()


async def test_without_a_database_or_of_another_name_the_error_says_so(tmp_path: Any) -> None:
    none = Host(Microservice(), transport_for(f"memory://{uuid4()}"))
    async with none.unit_of_work():
        with pytest.raises(NoSessionError, match="has no database"):
            use_session()
    named = Database(f"sqlite+aiosqlite:///{tmp_path}/a.db", name="reports")
    host = Host(Microservice(integrations=[named]), transport_for(f"memory://{uuid4()}"))
    async with host.unit_of_work():
        with pytest.raises(NoSessionError, match="without a name; known: 'reports'"):
            use_session()


async def test_several_databases_each_have_their_session(database_url: str, tmp_path: Any) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        use_session("reports").add(Order(number=7))
        await place(message)

    reports = Database(
        f"sqlite+aiosqlite:///{tmp_path}/reports.db", name="reports", create_tables=Base.metadata
    )
    bench = Bench(database_url, handle)
    await bench.worker(reports, bench.database)
    await bench.send(1)
    await bench.until(place=1, placed=1)
    assert await bench.orders() == {1: 1}
    async with reports.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Order)) == 1
    await bench.close()


async def test_requests_and_runs_of_ones_own_have_a_session_too(database_url: str) -> None:
    bench = Bench(database_url)
    await bench.worker()
    host = Host(bench.microservice(), transport_for(bench.broker_url))
    await host.start()
    async with host.unit_of_work():
        use_session().add(Order(number=1))
        await Placed(number=1).publish()
    with pytest.raises(ValueError, match="broken"):
        async with host.unit_of_work():
            use_session().add(Order(number=2))
            await Placed(number=2).publish()
            raise ValueError("broken")
    await bench.until(placed=1)
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    await host.stop()
    await bench.close()


async def test_what_fails_before_an_exception_handlers_ack_is_not_committed(
    database_url: str,
) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        await place(message)
        await use_session().flush()
        raise ValueError("broken")

    async def on_error(message: MessageOf[Any], error: Exception) -> None:
        use_session().add(Order(number=99))
        await ack()

    bench = Bench(database_url, handle, on_error=on_error)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1)
    assert (await bench.orders(), bench.numbers) == ({99: 1}, [])
    await bench.close()


async def test_an_ack_commits_and_what_fails_after_it_is_rolled_back(database_url: str) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        await place(message)
        order = await use_session().get_one(Order, 1)
        await ack()
        # What was read before the ack can be read on: nothing is fetched again behind one's back.
        assert order.number == 1
        use_session().add(Order(number=2))
        await Placed(number=2).publish()
        await use_session().flush()
        if message.payload().number == 1:
            raise ValueError("too late")

    bench = Bench(database_url, handle)
    await bench.worker()
    await bench.send(1)
    await bench.until(place=1, placed=1)
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    await bench.send(3)
    await bench.until(place=2, placed=3)
    assert (await bench.orders(), bench.numbers) == ({1: 1, 2: 1, 3: 1}, [1, 3, 2])
    await bench.close()


async def test_units_that_read_before_they_write_lose_no_update(database_url: str) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        order = (await use_session().scalars(select(Order).with_for_update())).first()
        if order is None:
            raise LookupError
        await asyncio.sleep(0)
        order.number += 1

    bench = Bench(database_url, handle)
    await bench.worker(prefetch=3)
    await bench.worker(bench.another(), prefetch=3)
    async with bench.database.engine.begin() as connection:
        await connection.execute(text("INSERT INTO orders (number) VALUES (0)"))
    await bench.send(*range(30))
    await bench.until(place=30)
    assert await bench.orders() == {30: 1}
    await bench.close()


async def test_injection_gives_the_same_session(database_url: str) -> None:
    seen: list[bool] = []

    async def handle(message: MessageOf[Place]) -> None:
        seen.append((await use(AsyncSession)) is use_session())
        await place(message)

    bench = Bench(database_url, handle)
    provider = Provider()
    provider.provide(lambda: 1, provides=int, scope=Scope.REQUEST)
    worker = Worker(
        Microservice(bench.service, integrations=[bench.database], providers=[provider]),
        transport_for(bench.broker_url),
        listener=bench.told.append,
    )
    bench.workers.append(worker)
    await worker.start()
    await bench.send(1)
    await bench.until(place=1, placed=1)
    assert (seen, await bench.orders()) == ([True], {1: 1})
    await bench.close()


async def test_a_handler_cut_off_in_a_statement_leaves_no_broken_connection(
    postgresql_url: str,
) -> None:
    async def handle(message: MessageOf[Place]) -> None:
        await place(message)
        if message.attempt == 1:
            async with asyncio.timeout(0.2):
                await use_session().execute(text("SELECT pg_sleep(60)"))

    policy = RetryPolicy(max_retries=1, initial_delay=0.1)
    bench = Bench(postgresql_url, handle, retry=policy, pool_size=1, max_overflow=1)
    await bench.worker()
    await bench.send(1, 2, 3)
    await bench.until(place=6, placed=3)
    assert sorted(bench.outcomes()) == ["handled"] * 3 + ["retried"] * 3
    assert await bench.orders() == {1: 1, 2: 1, 3: 1}
    await bench.close()


async def test_a_database_that_is_away_pauses_the_handlers_that_need_it(
    postgresql_url: str,
) -> None:
    bench = Bench(
        postgresql_url, retry=RetryPolicy(max_retries=50, initial_delay=0.1, max_delay=0.2)
    )
    await bench.worker()
    admin = postgresql_url.rpartition("/")[0] + "/postgres"
    name = postgresql_url.rpartition("/")[2]
    await execute(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await execute(admin, kill)
    assert "does not answer" in (await bench.database.unready() or "")
    await bench.send(1)
    await asyncio.sleep(1.0)
    assert bench.outcomes() == []
    await execute(admin, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    async with asyncio.timeout(20):
        while "handled" not in bench.outcomes():
            await asyncio.sleep(0.05)
    await bench.until(placed=1)
    assert (await bench.orders(), bench.numbers) == ({1: 1}, [1])
    assert await bench.database.unready() is None
    await bench.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql+aiomysql://me:secret@host/db", "is not supported: it must be postgresql"),
        ("postgresql+psycopg2://me:secret@host/db", "is not supported: it must be postgresql"),
        ("postgresql+asyncpg://me:secret@host:port/db", "is invalid: it must be"),
        ("secret", "is invalid: it must be"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_url_as_other_clients_of_postgresql_write_it_is_understood() -> None:
    url = Database("postgres://me:secret@host/db?sslmode=require").engine.url
    assert url.render_as_string(hide_password=True) == (
        "postgresql+asyncpg://me:***@host/db?ssl=require"
    )


def test_without_the_extra_a_database_says_what_to_install_and_the_rest_is_there() -> None:
    script = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from jararaca import ConfigurationError, use_session\n"
        "try:\n    from jararaca.integrations.sqlalchemy import Database\n"
        "except ConfigurationError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    told = "pip install 'jararaca-contracts[sqlalchemy]'"
    assert done.stdout == f"a Database needs the extra: {told}\n"


def test_a_missing_driver_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'jararaca-contracts\[sqlalchemy\]'"):
        Database("postgresql://me:secret@host/db")


@pytest.mark.parametrize("port", [1, 5432])
async def test_an_unreachable_database_ends_the_start_with_one_error(port: int) -> None:
    url = f"postgresql+asyncpg://nobody:secret@127.0.0.1:{port}/nothing"
    bench = Bench(url)
    with pytest.raises(DatabaseUnreachableError, match="could not be used") as caught:
        await bench.worker()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is not None


async def test_missing_tables_end_the_start_and_the_error_says_how_they_come(
    database_url: str,
) -> None:
    bench = Bench(database_url, create_tables=False)
    with pytest.raises(ConfigurationError, match="no table jararaca_inbox and no jararaca_outbox"):
        await bench.worker()


async def test_two_outboxes_or_two_of_one_name_end_the_start(tmp_path: Any) -> None:
    one, two = (
        Database(f"sqlite:///{tmp_path}/{name}.db", name=name, outbox=True, create_tables=True)
        for name in ("one", "two")
    )
    same = Database(f"sqlite:///{tmp_path}/three.db", name="one")
    for databases, told in (((one, two), "outbox=True"), ((one, same), "the same name")):
        host = Host(Microservice(integrations=databases), transport_for(f"memory://{uuid4()}"))
        with pytest.raises(ConfigurationError, match=told):
            await host.start()

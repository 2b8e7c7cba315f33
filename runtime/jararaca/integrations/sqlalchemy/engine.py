"""From a database URL to an engine: drivers, SQLite's manners, and errors without passwords."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from jararaca_shared.distribution import install
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from jararaca.errors import ConfigurationError, DatabaseUnreachableError, JararacaError

DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}
"""What a URL without a driver means."""

ALLOWED = "postgresql+asyncpg://user:password@host/database or sqlite+aiosqlite:///file.db"

LIBPQ = {"sslmode": "ssl"}
"""What other clients of PostgreSQL write in a URL, and asyncpg's word for it."""

SQLITE_PATIENCE = 30.0
"""Seconds that one process waits for another's transaction on the same file."""

POSTGRESQL_OPTIONS = {"pool_size": 20, "max_overflow": 5, "pool_pre_ping": True}
SQLITE_OPTIONS = {
    # One connection, in turn: a transaction locks the whole file anyway.
    "poolclass": AsyncAdaptedQueuePool,
    "pool_size": 1,
    "max_overflow": 0,
    "connect_args": {"timeout": SQLITE_PATIENCE},
}


def engine_for(database_url: str, options: dict[str, Any]) -> AsyncEngine:
    """The engine of a URL; nothing is connected. Raises ConfigurationError."""
    url = _parsed(database_url)
    lite = url.drivername == DRIVERS["sqlite"]
    try:
        engine = create_async_engine(
            url, **{**(SQLITE_OPTIONS if lite else POSTGRESQL_OPTIONS), **options}
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the database URL {shown(url)} needs {error.name}: {install('sqlalchemy')}"
        ) from error
    except TypeError as error:
        raise ConfigurationError(f"Database({shown(url)!r}): {error}") from error
    if lite:
        _teach_manners(engine)
    return engine


def shown(url: URL) -> str:
    """The URL without its password and its parameters."""
    return url.set(query={}).render_as_string(hide_password=True)


@asynccontextmanager
async def reaching(engine: AsyncEngine) -> AsyncIterator[None]:
    """Errors of the database inside become ours. Raises DatabaseUnreachableError."""
    try:
        yield
    except JararacaError:
        raise
    except Exception as error:
        raise DatabaseUnreachableError(
            f"the database {shown(engine.url)} could not be used ({reason(error)}): does it run, "
            "and is the URL right?"
        ) from error


def reason(error: BaseException) -> str:
    """What a database says, on one line and without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def _parsed(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        # The text itself may hold a password: it is not shown.
        raise ConfigurationError(f"the database URL is invalid: it must be {ALLOWED}") from None
    if "@" in (url.host or "") or (url.host and "@" in (url.database or "")):
        raise ConfigurationError(
            "the database URL is invalid: percent-encode an @ (%40) and all that is neither letter "
            "nor digit in its user and password"
        )
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in DRIVERS.values():
        raise ConfigurationError(
            f"the database URL {shown(url)} is not supported: it must be {ALLOWED}"
        )
    query = {LIBPQ.get(name, name): value for name, value in url.query.items()}
    return url.set(drivername=driver, query=query)


def _teach_manners(engine: AsyncEngine) -> None:
    """Transactions of SQLite that begin when they are said to, and lock at their begin.

    Python's sqlite3 would begin one at the first write only, and one that read before it writes
    would fail where another has written in between.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

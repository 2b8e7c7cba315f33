"""Whose turn it is to send: of all relays on a database one at a time, for the order's sake."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

TRY = text(
    "SELECT pg_try_advisory_xact_lock(hashtext('jararaca_relay'), "
    "('x' || substr(md5('jararaca_outbox'::regclass::oid::text), 1, 8))::bit(32)::int)"
)
"""The lock of this very table: two schemas of a database have two outboxes."""


class RelayLock(Protocol):
    """Takes turns with the relays of other processes."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction | None]:
        """The transactions of one turn; None where it is another's."""

    def close(self) -> None:
        """Leave it to others for good."""


class PostgresRelayLock:
    """A turn is one transaction with a lock that ends with it, also when the process is killed."""

    def __init__(self, engine: AsyncEngine) -> None:
        # Each statement sees what the relay before has deleted, whatever the engine's default is.
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Transaction | None]:
        """One transaction; None where another relay holds the lock."""
        async with self._engine.begin() as connection:
            mine = await connection.scalar(TRY)
            yield (lambda: nullcontext(connection)) if mine else None

    def close(self) -> None:
        """The lock has ended with its transaction."""


class SqliteRelayLock:
    """The first relay keeps its turn: a locked file beside the database ends with the process.

    A turn is of short transactions here, so that handlers write while messages are sent.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock: sqlite3.Connection | None = None

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Transaction | None]:
        """Transactions of the engine; None where another process has the file."""
        yield self._engine.begin if self._mine() else None

    def close(self) -> None:
        """Unlock the file."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _mine(self) -> bool:
        place = self._engine.url.database
        if self._lock is not None or not place or place == ":memory:":
            return True
        lock = sqlite3.connect(f"{place}-relay", timeout=0, isolation_level=None)
        with suppress(sqlite3.OperationalError):
            lock.execute("BEGIN EXCLUSIVE")
            self._lock = lock
            return True
        lock.close()
        return False


# Never by a comparison whose other branch is a file: what is no SQLite gets no file.
LOCKS: Mapping[str, Callable[[AsyncEngine], RelayLock]] = {
    "postgresql": PostgresRelayLock,
    "sqlite": SqliteRelayLock,
}


def relay_lock_for(engine: AsyncEngine) -> RelayLock:
    """What fits the database."""
    return LOCKS[engine.dialect.name](engine)

"""Offsets of streams, in the transaction that handled what was read up to there."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from jararaca.application.progress import Place, Progress
from jararaca.errors import StreamTakenError
from jararaca.integrations.sqlalchemy.engine import reaching, shown
from jararaca.integrations.sqlalchemy.tables import OFFSETS


class OffsetsInDatabase:
    """A row for each name."""

    in_transaction = True

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @property
    def place(self) -> str:
        """Where they are, for people."""
        return f"{OFFSETS.name} of {shown(self._engine.url)}"

    async def load(self, name: str) -> Place | None:
        """The offset; None where nothing was begun. Raises DatabaseUnreachableError."""
        async with reaching(self._engine), self._engine.connect() as connection:
            columns = select(OFFSETS.c.position, OFFSETS.c.strikes)
            row = (await connection.execute(columns.where(OFFSETS.c.name == name))).first()
            return None if row is None else Place(row.position, row.strikes)

    async def advance(self, progress: Progress) -> None:
        """Store it, where nothing was done. Raises StreamTakenError, DatabaseUnreachableError."""
        async with reaching(self._engine), self._engine.begin() as connection:
            await _advance(connection, progress)


async def record(session: AsyncSession, progress: Progress) -> None:
    """Store it in the session's transaction.

    Raises StreamTakenError where another worker has gone on from the same offset: it is waited for.
    """
    await _advance(await session.connection(), progress)


async def _advance(connection: AsyncConnection, progress: Progress) -> None:
    values = {
        "stream": progress.stream,
        "position": progress.after,
        "strikes": progress.strikes,
        "stored_at": datetime.now(UTC),
    }
    if progress.before is None:
        # Both dialects have ON CONFLICT, each its own class for it.
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = insert(OFFSETS).values(name=progress.name, **values)
        done = await connection.execute(row.on_conflict_do_nothing())
    else:
        own = (OFFSETS.c.name == progress.name) & (OFFSETS.c.position == progress.before)
        done = await connection.execute(update(OFFSETS).where(own).values(**values))
    if done.rowcount == 0:
        raise StreamTakenError(
            f"another worker has gone on with {progress.stream} as {progress.name}: what was done "
            "here is rolled back"
        )

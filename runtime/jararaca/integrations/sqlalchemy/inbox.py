"""The inbox: which messages were handled, in the transaction that handled them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from jararaca.application.unit_of_work import HandledBeforeError
from jararaca.integrations.sqlalchemy.tables import INBOX

KEPT = timedelta(days=7)
"""How long a handled message is known."""


async def refuse_known(engine: AsyncEngine, key: str) -> None:
    """Raise HandledBeforeError for a message that was handled.

    In a transaction of its own: the handler's begins when it needs one.
    """
    async with engine.connect() as connection:
        if await connection.scalar(select(INBOX.c.key).where(INBOX.c.key == key)) is not None:
            raise HandledBeforeError


async def record(session: AsyncSession, key: str) -> None:
    """Record a message in the session's transaction.

    Raises HandledBeforeError where another worker has handled it meanwhile: it is waited for.
    """
    connection = await session.connection()
    # Both dialects have ON CONFLICT, each its own class for it.
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(INBOX).values(key=key, handled_at=datetime.now(UTC))
    done = await connection.execute(row.on_conflict_do_nothing())
    if done.rowcount == 0:
        raise HandledBeforeError


async def prune(connection: AsyncConnection, now: datetime) -> None:
    """Forget what was handled longer than KEPT ago."""
    await connection.execute(delete(INBOX).where(INBOX.c.handled_at < now - KEPT))

"""The outbox as a table: what is put in, what is due, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from jararaca.contract.exception_types import described
from jararaca.integrations.sqlalchemy.outbox.rows import row_of
from jararaca.integrations.sqlalchemy.tables import OUTBOX
from jararaca.transport import Publication

BATCH = 500
BATCH_BYTES = 32 * 1024 * 1024
"""How much a relay takes at a time, so that its memory is bounded; one message at least."""

ATTEMPTS = 10
"""How often the broker may refuse a message before it is parked: for about eight minutes."""

LONGEST_PAUSE = 300.0
MAX_TEXT = 1_000

Row = RowMapping


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that the broker did not take, and what becomes of it."""

    row: Row
    error: str
    attempts: int
    available_at: datetime
    parked: bool


def refusal(row: Row, error: BaseException, now: datetime) -> Refusal:
    """Another try after a pause that doubles from a second, or the end of it."""
    attempts = row["attempts"] + 1
    pause = min(2.0 ** (attempts - 1), LONGEST_PAUSE)
    return Refusal(
        row,
        described(error)[:MAX_TEXT],
        attempts,
        now + timedelta(seconds=pause),
        attempts >= ATTEMPTS,
    )


async def put(session: AsyncSession, publications: Sequence[Publication], exchange: str) -> None:
    """Add publications, in order, to what the session commits."""
    now = datetime.now(UTC)
    rows = [row_of(publication, exchange, now) for publication in publications]
    connection = await session.connection()
    await connection.execute(insert(OUTBOX), rows)


async def due(connection: AsyncConnection, now: datetime) -> Sequence[Row]:
    """What is to be sent next, oldest first.

    Rows of a routing key of which one was refused wait with it, so that they do not overtake it.
    All unsent rows are looked at, not those after the last one sent: a transaction that began
    early and committed late has low numbers.
    """
    first = (
        select(OUTBOX.c.id, func.length(OUTBOX.c.body).label("size"))
        .where(OUTBOX.c.parked_at.is_(None), ~_held(now))
        .order_by(OUTBOX.c.id)
        .limit(BATCH)
        .subquery()
    )
    before = func.sum(first.c.size).over(order_by=first.c.id) - first.c.size
    sized = select(first.c.id, before.label("before")).subquery()
    chosen = (
        select(OUTBOX)
        .join(sized, sized.c.id == OUTBOX.c.id)
        .where(sized.c.before < BATCH_BYTES)
        .order_by(OUTBOX.c.id)
    )
    return (await connection.execute(chosen)).mappings().all()


async def remove(connection: AsyncConnection, sent: Sequence[Row]) -> None:
    """Delete what was confirmed."""
    if sent:
        gone = delete(OUTBOX).where(OUTBOX.c.id == bindparam("gone"))
        await connection.execute(gone, [{"gone": row["id"]} for row in sent])


async def put_off(connection: AsyncConnection, refusals: Sequence[Refusal], now: datetime) -> None:
    """Record refusals: tried again later, or parked."""
    for each in refusals:
        await connection.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id == each.row["id"])
            .values(
                attempts=each.attempts,
                error=each.error,
                available_at=each.available_at,
                parked_at=now if each.parked else None,
            )
        )


def _held(now: datetime) -> ColumnElement[bool]:
    held = OUTBOX.alias("held")
    return (
        select(held.c.id)
        .where(
            held.c.available_at > now,
            held.c.parked_at.is_(None),
            held.c.routing_key == OUTBOX.c.routing_key,
            held.c.exchange == OUTBOX.c.exchange,
        )
        .exists()
    )

"""How the outbox stands, for people; and what they put back into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from jararaca.application.integration import Measure
from jararaca.integrations.sqlalchemy.outbox.rows import utc
from jararaca.integrations.sqlalchemy.tables import OUTBOX

STUCK_ROWS = 50


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message that the broker refused; parked ones are not tried again on their own."""

    id: int
    message_id: str | None
    name: str | None
    routing_key: str
    attempts: int
    error: str
    created_at: datetime | None
    parked: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of messages; `refused` are among those that wait. `oldest_seconds` is an age."""

    waiting: int
    refused: int
    parked: int
    oldest_seconds: float
    stuck: tuple[Stuck, ...]


def _counts() -> Select[int, int, int, Any]:
    """How many wait, of these how many were refused, how many are parked, since when any waits."""
    parked = OUTBOX.c.parked_at.is_not(None)
    return select(
        func.count().filter(~parked),
        func.count().filter(~parked, OUTBOX.c.attempts > 0),
        func.count().filter(parked),
        func.min(OUTBOX.c.created_at).filter(~parked),
    )


def _age(oldest: Any) -> float:
    since = utc(oldest)
    age = (datetime.now(UTC) - since).total_seconds() if since else 0.0
    return round(max(0.0, age), 3)


async def counted(engine: AsyncEngine) -> Sequence[Measure]:
    """The numbers of `status`, for metrics: without the rows."""
    async with engine.connect() as connection:
        waiting, refused, parked, oldest = (await connection.execute(_counts())).one()
    states = {"waiting": waiting, "refused": refused, "parked": parked}
    name, about = "jararaca_outbox_messages", "Messages in the outbox; the refused wait as well."
    return (
        *(Measure(name, about, number, {"state": state}) for state, number in states.items()),
        Measure(
            "jararaca_outbox_oldest_seconds",
            "How long the oldest message that is not parked has waited in the outbox.",
            _age(oldest),
        ),
    )


async def status(engine: AsyncEngine) -> Status:
    """How many wait, how old the oldest is, and the first STUCK_ROWS that were refused."""
    rows = select(OUTBOX).where(OUTBOX.c.attempts > 0).order_by(OUTBOX.c.id).limit(STUCK_ROWS)
    async with engine.connect() as connection:
        waiting, refused, given_up, oldest = (await connection.execute(_counts())).one()
        found = (await connection.execute(rows)).mappings().all()
    return Status(
        waiting,
        refused,
        given_up,
        _age(oldest),
        tuple(
            Stuck(
                row["id"],
                row["message_id"],
                row["name"],
                row["routing_key"],
                row["attempts"],
                row["error"] or "",
                utc(row["created_at"]),
                row["parked_at"] is not None,
            )
            for row in found
        ),
    )


async def requeue(engine: AsyncEngine, ids: Sequence[int] = ()) -> int:
    """Have refused and parked messages tried again, now and from the start; how many."""
    chosen = update(OUTBOX).where(OUTBOX.c.attempts > 0)
    if ids:
        chosen = chosen.where(OUTBOX.c.id.in_(ids))
    async with engine.begin() as connection:
        done = await connection.execute(
            chosen.values(attempts=0, available_at=None, parked_at=None, error=None)
        )
    return done.rowcount

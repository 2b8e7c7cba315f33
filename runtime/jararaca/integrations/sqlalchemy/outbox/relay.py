"""The relay: sends what is committed to the outbox, in order, until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from jararaca.errors import BrokerUnreachableError, PublishTimeoutError
from jararaca.integrations.sqlalchemy import inbox
from jararaca.integrations.sqlalchemy.engine import reason, shown
from jararaca.integrations.sqlalchemy.outbox import table
from jararaca.integrations.sqlalchemy.outbox.relay_lock import Transaction, relay_lock_for
from jararaca.integrations.sqlalchemy.outbox.rows import publication_of
from jararaca.integrations.sqlalchemy.outbox.table import Refusal, Row, refusal
from jararaca.printable import logger_named
from jararaca.transport import Transport

logger = logger_named("jararaca.outbox")

POLL_SECONDS = 1.0
"""How often a relay looks that nobody wakes: for what other processes have committed."""

BUSY_SECONDS = 0.05
DOWN_SECONDS = 30.0
STOP_SECONDS = 5.0
"""How long a relay that is stopped goes on sending what is there."""

PRUNING = timedelta(hours=1)
AWAY = (BrokerUnreachableError, PublishTimeoutError)
"""What says nothing against a message: it stays first in line, however often."""

Told = Literal["sent", "idle", "busy", "down"]


class Relay:
    """Takes the oldest rows, publishes them, and deletes those that the broker has confirmed.

    A process killed in between leaves them there: they are sent again, with the same message ids.
    """

    def __init__(self, engine: AsyncEngine, transport: Transport) -> None:
        self._engine = engine
        self._transport = transport
        self._lock = relay_lock_for(engine)
        self._woken = asyncio.Event()
        self._stopping = False
        self._trouble: str | None = None
        self._pruned = datetime.min.replace(tzinfo=UTC)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name="jararaca outbox relay")

    def wake(self) -> None:
        """Look now: something was committed."""
        self._woken.set()

    async def stop(self) -> None:
        """Send what is there, for STOP_SECONDS at most, and end."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            _, late = await asyncio.wait({self._task}, timeout=STOP_SECONDS)
            if late:
                self._task.cancel()
                await asyncio.wait({self._task})
        self._lock.close()

    async def turn(self) -> Told:
        """Send the next batch, if it is this relay's turn."""
        if not self._transport.sends:
            self._trouble_is("the broker is not connected, or takes no messages")
            return "down"
        async with self._lock() as transaction:
            if transaction is None:
                return "busy"
            async with transaction() as connection:
                rows = await table.due(connection, datetime.now(UTC))
            if not rows:
                await self._prune(transaction)
                return "idle"
            return await self._send(rows, transaction)

    async def _send(self, rows: Sequence[Row], transaction: Transaction) -> Told:
        now = datetime.now(UTC)
        errors = await asyncio.gather(
            *(self._publish(row, now) for row in rows), return_exceptions=True
        )
        told = list(zip(rows, errors, strict=True))
        away = next((error for error in errors if isinstance(error, AWAY)), None)
        now = datetime.now(UTC)
        refusals = [
            refusal(row, error, now)
            for row, error in told
            if error is not None and not isinstance(error, AWAY)
        ]
        async with transaction() as connection:
            await table.remove(connection, [row for row, error in told if error is None])
            await table.put_off(connection, refusals, now)
        _tell(refusals)
        self._trouble_is(str(away) if away else None)
        return "down" if away else "sent"

    async def _publish(self, row: Row, now: datetime) -> None:
        # In a coroutine of its own: a row that cannot be read is refused like any other.
        await self._transport.publish(publication_of(row, now))

    async def _run(self) -> None:
        busy, down = BUSY_SECONDS, POLL_SECONDS
        while True:
            last = self._stopping
            self._woken.clear()
            told = await self._attempt()
            if last and told != "sent":
                return
            match told:
                case "idle":
                    await self._rest(POLL_SECONDS)
                case "busy":
                    await self._rest(busy, wakeful=False)
                case "down":
                    await self._rest(down, wakeful=False)
            busy = min(busy * 2, POLL_SECONDS) if told == "busy" else BUSY_SECONDS
            down = min(down * 2, DOWN_SECONDS) if told == "down" else POLL_SECONDS

    async def _attempt(self) -> Told:
        try:
            return await self.turn()
        except Exception as error:
            self._trouble_is(f"{shown(self._engine.url)}: {type(error).__name__}: {reason(error)}")
            return "down"

    async def _rest(self, seconds: float, *, wakeful: bool = True) -> None:
        """Wait so long; a commit ends it early where it is `wakeful`, a stop always."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self._stopping and (left := until - loop.time()) > 0:
            try:
                await asyncio.wait_for(self._woken.wait(), left)
            except TimeoutError:
                return
            if wakeful:
                return
            self._woken.clear()

    async def _prune(self, transaction: Transaction) -> None:
        now = datetime.now(UTC)
        if now - self._pruned > PRUNING:
            async with transaction() as connection:
                await inbox.prune(connection, now)
            self._pruned = now

    def _trouble_is(self, trouble: str | None) -> None:
        """One line when it begins, one when it is over."""
        if trouble and not self._trouble:
            logger.warning("the outbox is waiting; no message is lost: %s", trouble)
        elif self._trouble and not trouble:
            logger.info("the outbox is sending again")
        self._trouble = trouble


def _tell(refusals: Sequence[Refusal]) -> None:
    for each in refusals:
        what = f"{each.row['routing_key']} {each.row['message_id']}"
        if each.parked:
            logger.error(
                "%s is parked after %d attempts: %s (see `jararaca outbox status` and `requeue`)",
                what,
                each.attempts,
                each.error,
            )
        else:
            logger.warning("%s was refused (attempt %d): %s", what, each.attempts, each.error)

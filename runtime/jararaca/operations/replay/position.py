"""How far a replay has come: one message in a queue of its own, which goes after a week."""

from __future__ import annotations

import time

from jararaca.contract.positions import position_queue
from jararaca.contract.topology import Queue, Topology
from jararaca.messagebus.streams.kept_position import Kept, kept_in, token
from jararaca.transport import Delivery, Transport

KEPT_DAYS = 7
STORED_SECONDS = 1.0


class ReplayPosition:
    """The offset of the last event that was sent, stored under `name` once a second."""

    def __init__(self, transport: Transport, name: str) -> None:
        self._transport = transport
        self._queue = position_queue(name)
        self._stored_at = 0.0

    async def load(self) -> int | None:
        """The offset; None where nothing was sent, or all was."""
        expires = KEPT_DAYS * 86_400_000
        arguments = {"x-queue-type": "classic", "x-expires": expires}
        await self._transport.declare(Topology(queues=(Queue(self._queue, arguments=arguments),)))
        kept = await self._taken()
        offsets = [kept_in(each).offset for each in kept]
        found = max((each for each in offsets if each is not None), default=None)
        if found is not None:
            await self._transport.publish(token(self._queue, Kept(found)))
        for each in kept:
            await self._transport.ack(each)
        return found

    async def store(self, offset: int, *, at_once: bool = False) -> None:
        """Store it, unless that was done within the last second."""
        now = time.monotonic()
        if not at_once and now - self._stored_at < STORED_SECONDS:
            return
        self._stored_at = now
        before = await self._transport.fetch(self._queue)
        await self._transport.publish(token(self._queue, Kept(offset)))
        if before is not None:
            await self._transport.ack(before)

    async def forget(self) -> None:
        """All was sent: the same replay begins anew."""
        for each in await self._taken():
            await self._transport.ack(each)

    async def _taken(self) -> list[Delivery]:
        """All that is in the queue, unsettled."""
        found: list[Delivery] = []
        while (each := await self._transport.fetch(self._queue)) is not None:
            found.append(each)
        return found

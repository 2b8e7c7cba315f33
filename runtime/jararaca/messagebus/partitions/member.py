"""A worker's part: it tells what it has, and begins and leaves partitions as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from jararaca.contract.message_ids import new_message_id
from jararaca.errors import JararacaError
from jararaca.messagebus.partitions.leader import Leader
from jararaca.messagebus.partitions.roster import beat_publication, mine_in
from jararaca.messagebus.partitions.shares import Beat
from jararaca.printable import logger_named
from jararaca.publishing.requests import request
from jararaca.transport import Transport

logger = logger_named("jararaca.worker")

BEAT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
LEAVE_SECONDS = 2.0
ROSTER_PREFETCH = 100

Leave = Callable[[], Awaitable[None]]
"""Stops consuming a partition: what is in hand is finished, the rest goes to who is next."""

Begin = Callable[[str], Awaitable[Leave]]
"""Begins to consume a partition, by the name of its queue."""


class Member:
    """Has a worker's share of its service's partitions consumed.

    `queue` is the one that the workers agree by, `serves` has by queue its partitions.
    """

    def __init__(
        self,
        transport: Transport,
        queue: str,
        serves: Mapping[str, tuple[str, ...]],
        begin: Begin,
    ) -> None:
        self._transport = transport
        self._queue = queue
        self._serves = serves
        self._begin = begin
        self._name = new_message_id()
        self._held: dict[str, Leave] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._missed = False

    @property
    def held(self) -> frozenset[str]:
        """The partitions that are consumed here."""
        return frozenset(self._held)

    async def start(self) -> None:
        """Take a first share, if there is one, and go on with the others from then on."""
        leader = Leader(self._transport, self._queue)
        await self._transport.consume(self._queue, ROSTER_PREFETCH, leader.on_delivery)
        await self._beat()
        self._loop = asyncio.create_task(self._go_on())

    async def stop_taking(self) -> None:
        """Keep what is consumed, and take nothing new; the others may take their shares of it."""
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop

    async def leave(self) -> None:
        """Leave all, and say so; not for long, where the broker is silent."""
        for task in self._leaving.values():
            task.cancel()
        with suppress(JararacaError, TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await asyncio.gather(*(self._leave(item) for item in self.held))
                beat = Beat(self._name, self._serves, self.held, leaving=True)
                await self._transport.publish(beat_publication(self._queue, beat))

    async def _go_on(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), BEAT_SECONDS)
            self._news.clear()
            try:
                await self._beat()
            except JararacaError as error:
                logger.warning("%s: partitions could not be shared: %s", self._queue, error)

    async def _beat(self) -> None:
        """Tell, and do as is told; what is left is told as soon as it is."""
        publication = beat_publication(self._queue, Beat(self._name, self._serves, self.held))
        try:
            mine = mine_in(await request(self._transport, publication, ANSWER_SECONDS))
        except (JararacaError, json.JSONDecodeError, ValueError) as error:
            if not self._missed:
                logger.warning("%s: no answer about partitions: %s", self._queue, error)
            self._missed = True
            return
        self._missed = False
        for item in self.held - set(mine) - self._leaving.keys():
            self._leaving[item] = asyncio.create_task(self._leave(item))
        taken = [item for item in mine if item not in self._held]
        if taken:
            await asyncio.gather(*(self._take(item) for item in taken))
            logger.info("%s: partitions here: %s", self._queue, ", ".join(sorted(self.held)))

    async def _take(self, item: str) -> None:
        self._held[item] = await self._begin(item)

    async def _leave(self, item: str) -> None:
        await self._held[item]()
        del self._held[item]
        self._leaving.pop(item, None)
        self._news.set()

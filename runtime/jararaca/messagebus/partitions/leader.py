"""The leader among a service's workers: whoever the broker hands the workers' beats to."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from jararaca.errors import BrokerError
from jararaca.messagebus.partitions.roster import answer_to, beat_in
from jararaca.messagebus.partitions.shares import GONE_SECONDS, Shares
from jararaca.printable import logger_named
from jararaca.transport import Delivery, Transport

logger = logger_named("jararaca.worker")

LATE_SECONDS = 1.4
"""After so long without a beat it is asked whether the worker is still there."""


class Leader:
    """Answers each beat. The broker lets one worker at a time be it, and the next one at its end.

    A new one gives nothing away until it has heard all, or would have.
    """

    def __init__(
        self, transport: Transport, queue: str, now: Callable[[], float] = monotonic
    ) -> None:
        self._transport = transport
        self._queue = queue
        self._now = now
        self._shares = Shares()
        self._since = self._last = -GONE_SECONDS
        self._knows_all = False

    async def on_delivery(self, delivery: Delivery) -> None:
        """Take one beat, and answer it."""
        beat, now = beat_in(delivery), self._now()
        await self._transport.ack(delivery)
        if beat is None:
            return
        if now - self._last > GONE_SECONDS:
            self._shares, self._since, self._knows_all = Shares(), now, False
        self._last = now
        first = self._shares.beat(beat, now, gives=self._knows_all)
        if await self._learns():
            first = self._shares.beat(beat, now, gives=True)
        answer = answer_to(delivery, first)
        if answer is not None:
            try:
                await self._transport.publish(answer)
            except BrokerError as error:
                logger.debug("%s: a worker was not answered: %s", self._queue, error)

    async def _learns(self) -> bool:
        """Whether this changes what may be given: all were heard, or one is gone."""
        quiet = self._shares.quiet(self._now(), LATE_SECONDS)
        if self._knows_all and not quiet:
            return False
        try:
            there = (await self._transport.depth(self._queue)).consumers
        except BrokerError:
            return False
        if quiet and there < self._shares.workers:
            self._shares.drop_longest_quiet()
        waited = self._now() - self._since > GONE_SECONDS
        self._knows_all = self._knows_all or waited or there <= self._shares.workers
        return self._knows_all

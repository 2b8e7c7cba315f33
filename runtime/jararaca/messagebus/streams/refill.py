"""Events of a stream go to one queue again, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jararaca.contract import headers
from jararaca.handling.redelivery import sendable
from jararaca.transport import Delivery, Publication, Transport

WAITING, LOOKED_AFTER, LOOK_SECONDS = 1_000, 500, 0.1
"""So many of these events may wait in the queue, asked after so many more, so often."""

LOWEST = 0
"""Their priority: a quorum queue of RabbitMQ 4.3 gives live messages before them."""


class Refill:
    """Sends events of `stream` to `queue`, not faster than they are handled there.

    With `quiet`, what its handlers publish for them is dropped.
    """

    def __init__(self, transport: Transport, stream: str, queue: str, *, quiet: bool) -> None:
        self._transport = transport
        self._stream = stream
        self._queue = queue
        self._quiet = quiet
        self.sent = 0

    async def send(self, events: Sequence[Delivery]) -> None:
        """Send events, confirmed; returns once few of them wait."""
        await asyncio.gather(*(self._transport.publish(self._again(each)) for each in events))
        before, self.sent = self.sent, self.sent + len(events)
        if before // LOOKED_AFTER != self.sent // LOOKED_AFTER:
            while await self._transport.count(self._queue) > WAITING:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)

    def _again(self, delivery: Delivery) -> Publication:
        """The same event, with its identity, for the queue alone."""
        told: dict[str, Any] = {
            headers.TOPIC: delivery.routing_key,
            headers.EXCHANGE: delivery.exchange,
            headers.STREAM: self._stream,
            headers.OFFSET: delivery.offset,
        }
        if self._quiet:
            told[headers.QUIET] = True
        return Publication(
            routing_key=self._queue,
            body=delivery.body,
            exchange="",
            properties=replace(sendable(delivery.properties), priority=LOWEST),
            headers={**delivery.theirs, **told},
            mandatory=True,
            signed=True,
        )

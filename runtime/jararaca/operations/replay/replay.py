"""Replaying: events of a stream go to one handler's own queue again, and to nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.matching import Chooser
from jararaca.handling.redelivery import as_published
from jararaca.messagebus.streams.ends import last_message
from jararaca.messagebus.streams.history import AT_ONCE, Span, history
from jararaca.messagebus.streams.refill import Refill
from jararaca.operations.body_values import asked_of_broker, has_values
from jararaca.operations.replay.position import ReplayPosition
from jararaca.routing.table import Route
from jararaca.transport import Delivery, StreamStart, Transport


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events go to the handler: from `since` on, before `until`, with these values.

    `rate` is how many go in a second at most. What the handler publishes for them is `published`,
    or kept to itself.
    """

    since: datetime | None = None
    until: datetime | None = None
    where: tuple[tuple[str, str], ...] = ()
    rate: float | None = None
    published: bool = False

    @property
    def span(self) -> Span:
        """When they were published."""
        return Span(self.since, self.until)

    @property
    def key(self) -> str:
        """What tells one replay from another: an interrupted one goes on when it is asked again."""
        told = json.dumps([str(self.since), str(self.until), self.where, self.published])
        return hashlib.sha256(told.encode()).hexdigest()[:8]


@dataclass(slots=True)
class Replayed:
    """What a replay has come to: `read` events of the stream, `sent` of them to the handler.

    `resumed` is the offset behind which it has gone on, `samples` are the first that were sent.
    """

    read: int = 0
    sent: int = 0
    resumed: int | None = None
    samples: list[Delivery] = field(default_factory=list)


Told = Callable[[int, int], None]
"""Told how many offsets of how many are done."""


def routes_called(routes: Sequence[Route], handler: str) -> tuple[Route, ...]:
    """The routes of a handler by its name, or Controller.name, whose channel keeps a stream.

    Raises ConfigurationError where there is none, or it is ambiguous.
    """
    found = [route for route in routes if handler in (_name(route), spec_of(route.handler).name)]
    names = sorted({_name(route) for route in found})
    if len(names) > 1:
        raise ConfigurationError(f"several handlers are called {handler}: {', '.join(names)}")
    if not found:
        there = ", ".join(sorted({_name(route) for route in routes})) or "none"
        raise ConfigurationError(f"no handler is called {handler}; there are: {there}")
    kept = tuple(route for route in found if route.stream is not None)
    if not kept and found[0].message.MESSAGE_TYPE == "task":
        raise ConfigurationError(
            f"{names[0]} takes a task, which is done once, and which no stream keeps: replay its "
            f"dead letters (`jararaca dead-letters replay {found[0].queue}`), or events"
        )
    if not kept:
        raise ConfigurationError(
            f"no events of {names[0]} are kept: add `x-stream: {{max-age: 30d}}` to the channel of "
            f"its operation {found[0].operation}, and run `jararaca codegen`. What is published "
            "once that is deployed can be replayed"
        )
    return kept


class Replay:
    """One replay of a stream to the handler of `routes`; `others` are all routes of its queue."""

    def __init__(
        self,
        transport: Transport,
        routes: Sequence[Route],
        others: Sequence[Route],
        wanted: Wanted,
        told: Told,
    ) -> None:
        first = routes[0]
        assert first.stream is not None
        self._transport = transport
        self._stream, self._queue = first.stream, first.queue
        self._handler = first.handler
        self._chooser = Chooser(others)
        self._wanted = wanted
        self._told = told
        self._by = first.filter_by
        self._span = wanted.span
        self._refill = Refill(transport, self._stream, self._queue, quiet=not wanted.published)
        self._position = ReplayPosition(transport, f"{self._queue}.replay.{wanted.key}")
        self._sent: int | None = None
        self.result = Replayed()

    async def run(self, *, dry: bool = False) -> Replayed:
        """Send all that is wanted and there now, in order; `dry` only counts it.

        What is interrupted goes on behind what was sent. Raises QueueNotFoundError.
        """
        end = await last_message(self._transport, self._stream)
        if end is None or end.offset is None or self._span.is_early(end):
            return self.result
        last = end.offset
        resumed = None if dry else await self._position.load()
        self.result.resumed = resumed
        if resumed is not None and resumed >= last:
            await self._position.forget()
            return self.result
        begin: StreamStart = self._wanted.since or "first"
        start = begin if resumed is None else resumed + 1
        try:
            await self._until(start, end, dry=dry)
        except BaseException:
            if not dry and self._sent is not None:
                await self._position.store(self._sent, at_once=True)
            raise
        if not dry:
            await self._position.forget()
        return self.result

    async def _until(self, start: StreamStart, end: Delivery, *, dry: bool) -> None:
        """Read up to the message that was the last, in groups that are confirmed together."""
        rate, first, last = self._wanted.rate, None, end.offset or 0
        only = asked_of_broker(self._by, self._wanted.where, end)
        most = AT_ONCE // 2 if rate is None else 1
        read = history(self._transport, self._stream, start, last, most, only)
        async with aclosing(read) as groups:
            async for group in groups:
                offset = group[-1].offset or 0
                first = (group[0].offset or 0) if first is None else first
                chosen = [each for each in map(as_published, group) if self._is_wanted(each)]
                if dry:
                    self.result.samples += chosen[: 5 - len(self.result.samples)]
                else:
                    await self._refill.send(chosen)
                    await asyncio.sleep(0 if rate is None else len(chosen) / rate)
                    self._sent = offset
                    await self._position.store(offset)
                self.result.read += len(group)
                self.result.sent += len(chosen)
                self._told(offset - first + 1, last - first + 1)
                if self._span.is_late(group[-1]):
                    return

    def _is_wanted(self, delivery: Delivery) -> bool:
        if self._span.is_late(delivery) or self._span.is_early(delivery):
            return False
        route = self._chooser.of(delivery)
        if route is None or route.handler is not self._handler:
            return False
        return has_values(delivery.body, self._wanted.where)


def _name(route: Route) -> str:
    return f"{route.controller.__qualname__}.{spec_of(route.handler).name}"

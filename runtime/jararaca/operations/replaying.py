"""Replaying: events of a stream go to one handler's own queue again, and to nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from jararaca.contract import headers
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.matching import choose
from jararaca.handling.redelivery import as_published, sendable
from jararaca.messagebus.streams.ends import last_message
from jararaca.operations.replay_position import ReplayPosition
from jararaca.routing.table import Route
from jararaca.transport import Delivery, Publication, StreamStart, Transport

AT_ONCE = 200
"""Events that are read and sent before the first of them is confirmed."""

WAITING, LOOKED_AFTER, LOOK_SECONDS = 1_000, 500, 0.1
"""So many replayed events may wait in the queue, asked after so many more, so often."""

FIRST_SECONDS = 10.0
"""How long the first event may take: of a time at which none was published, none comes."""

LOWEST = 0
"""Priority of what is replayed: a quorum queue of RabbitMQ 4.3 gives live messages before it."""


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
        self._others = others
        self._wanted = wanted
        self._told = told
        self._position = ReplayPosition(transport, f"{self._queue}.replay.{wanted.key}")
        self._come: asyncio.Queue[Delivery] = asyncio.Queue()
        self._sent: int | None = None
        self.result = Replayed()

    async def run(self, *, dry: bool = False) -> Replayed:
        """Send all that is wanted and there now, in order; `dry` only counts it.

        What is interrupted goes on behind what was sent. Raises QueueNotFoundError.
        """
        end = await last_message(self._transport, self._stream)
        if end is None or end.offset is None or self._is_early(end):
            return self.result
        last = end.offset
        resumed = None if dry else await self._position.load()
        self.result.resumed = resumed
        if resumed is not None and resumed >= last:
            await self._position.forget()
            return self.result
        begin: StreamStart = self._wanted.since or "first"
        start = begin if resumed is None else resumed + 1
        consumer = await self._transport.read(self._stream, AT_ONCE, self._received, start)
        try:
            await self._until(last, dry=dry)
        except BaseException:
            if not dry and self._sent is not None:
                await self._position.store(self._sent, at_once=True)
            raise
        finally:
            await consumer.cancel()
        if not dry:
            await self._position.forget()
        return self.result

    async def _received(self, delivery: Delivery) -> None:
        self._come.put_nowait(delivery)

    async def _until(self, last: int, *, dry: bool) -> None:
        """Read up to the message that was the last, in groups that are confirmed together."""
        first = None
        while True:
            try:
                async with asyncio.timeout(FIRST_SECONDS if first is None else None):
                    group = await self._group()
            except TimeoutError:
                return
            offset = group[-1].offset or 0
            first = (group[0].offset or 0) if first is None else first
            chosen = [each for each in map(as_published, group) if self._is_wanted(each, last)]
            if dry:
                self.result.samples += chosen[: 5 - len(self.result.samples)]
            else:
                await self._send(chosen)
                self._sent = offset
                await self._position.store(offset)
            self.result.read += sum((each.offset or 0) <= last for each in group)
            self.result.sent += len(chosen)
            for each in group:
                await self._transport.ack(each)
            self._told(min(offset, last) - first + 1, last - first + 1)
            if offset >= last or self._is_late(group[-1]):
                return

    async def _group(self) -> list[Delivery]:
        """What has come, at least one message; with a rate, one."""
        most = AT_ONCE // 2 if self._wanted.rate is None else 1
        group = [await self._come.get()]
        while len(group) < most and not self._come.empty():
            group.append(self._come.get_nowait())
        return group

    async def _send(self, chosen: Sequence[Delivery]) -> None:
        await asyncio.gather(*(self._transport.publish(self._again(each)) for each in chosen))
        if self._wanted.rate is not None:
            await asyncio.sleep(len(chosen) / self._wanted.rate)
        before, after = self.result.sent, self.result.sent + len(chosen)
        if before // LOOKED_AFTER != after // LOOKED_AFTER:
            while await self._transport.count(self._queue) > WAITING:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)

    def _again(self, delivery: Delivery) -> Publication:
        """The same event, with its identity, for the handler's queue alone."""
        told: dict[str, Any] = {
            headers.TOPIC: delivery.routing_key,
            headers.EXCHANGE: delivery.exchange,
            headers.STREAM: self._stream,
            headers.OFFSET: delivery.offset,
        }
        if not self._wanted.published:
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

    def _is_wanted(self, delivery: Delivery, last: int) -> bool:
        wanted = self._wanted
        if (delivery.offset or 0) > last or self._is_late(delivery) or self._is_early(delivery):
            return False
        route = choose(
            self._others,
            delivery.properties.type,
            delivery.routing_key,
            delivery.theirs,
            delivery.body,
        )
        if route is None or route.handler is not self._handler:
            return False
        return not wanted.where or _has(delivery.body, wanted.where)

    def _is_early(self, delivery: Delivery) -> bool:
        published, since = delivery.properties.timestamp, self._wanted.since
        return since is not None and published is not None and published < since

    def _is_late(self, delivery: Delivery) -> bool:
        published, until = delivery.properties.timestamp, self._wanted.until
        return until is not None and published is not None and published >= until


def _has(body: bytes, where: Sequence[tuple[str, str]]) -> bool:
    """Whether the body has these values: `total.amount` is a field in a field."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return all(_text(_value(whole, path)) == value for path, value in where)


def _value(whole: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(whole, Mapping) or name not in whole:
            return None
        whole = whole[name]
    return whole


def _text(value: Any) -> str:
    """A value as somebody writes it in a shell: a text without quotes, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _name(route: Route) -> str:
    return f"{route.controller.__qualname__}.{spec_of(route.handler).name}"

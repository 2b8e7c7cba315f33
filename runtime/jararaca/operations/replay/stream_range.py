"""Events of a stream that are taken for a fixture: which stream a name means, and its range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jararaca.contract.topics import binding_key
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.redelivery import as_published
from jararaca.messagebus.streams.ends import last_message
from jararaca.messagebus.streams.history import history
from jararaca.messages.message import Message
from jararaca.operations.body_values import asked_of_broker, has_values
from jararaca.operations.replay.replay import Told, Wanted, routes_called
from jararaca.routing.table import Service
from jararaca.transport import Delivery, Properties, StreamStart, Transport, provenance


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a stream that have one of these names; all of them where there are none."""

    stream: str
    names: frozenset[str] = frozenset()
    filter_by: str | None = None

    def have(self, delivery: Delivery) -> bool:
        """Whether it is one of them; one that has no type may be."""
        kind = delivery.properties.type
        return not self.names or kind is None or kind in self.names


@dataclass(frozen=True, slots=True)
class Taken:
    """An event as it was published, as recordings are made of; `at` is when."""

    exchange: str
    routing_key: str
    body: bytes
    at: datetime
    properties: Properties
    headers: Mapping[str, Any]
    user: str = ""

    @classmethod
    def of(cls, delivery: Delivery) -> Taken:
        """What was read from a stream."""
        return cls(
            delivery.exchange,
            delivery.routing_key,
            delivery.body,
            delivery.properties.timestamp or datetime.now(UTC),
            delivery.properties,
            provenance.without_brokers(delivery.theirs),
        )


def events_called(services: Sequence[Service], name: str) -> Events:
    """What a handler takes of its stream, the events of a message's name, or a whole stream.

    A message is found in any spelling: `orderPlaced`, `order_placed`.
    Raises ConfigurationError where nothing of that name is kept.
    """
    routes = [route for service in services for route in service.routes]
    if any(name in _names_of_handler(each.handler, each.controller) for each in routes):
        found = routes_called(routes, name)
        names = frozenset(each.message.MESSAGE_NAME for each in found)
        return Events(found[0].stream or "", names, found[0].filter_by)
    streams = list(dict.fromkeys(each for service in services for each in _streams(service)))
    if name in streams:
        return Events(name)
    for service in services:
        for message in service.messages:
            if _spelt(message.MESSAGE_NAME) == _spelt(name):
                for stream in _keeping(service, message):
                    names = frozenset({message.MESSAGE_NAME})
                    return Events(stream, names, message.MESSAGE_FILTER_BY)
    raise ConfigurationError(
        f"no stream keeps {name}: name a handler, a message or a stream; the streams are: "
        f"{', '.join(streams) or 'none (add `x-stream: {max-age: 30d}` to a channel)'}"
    )


async def take(
    transport: Transport,
    events: Events,
    wanted: Wanted,
    limit: int | None,
    keep: Callable[[Taken], None],
    told: Told,
) -> None:
    """Have the wanted events kept that are there now, the oldest first, `limit` at most.

    Raises QueueNotFoundError.
    """
    end = await last_message(transport, events.stream)
    span = wanted.span
    if end is None or end.offset is None or span.is_early(end):
        return
    start: StreamStart = wanted.since or "first"
    first, last, taken = None, end.offset, 0
    only = asked_of_broker(events.filter_by, wanted.where, end)
    async with aclosing(history(transport, events.stream, start, last, only=only)) as groups:
        async for group in groups:
            first = group[0].offset or 0 if first is None else first
            for each in map(as_published, group):
                if span.is_late(each) or taken == limit:
                    return
                if _is_wanted(each, events, wanted):
                    keep(Taken.of(each))
                    taken += 1
            told((group[-1].offset or 0) - first + 1, last - first + 1)


def _is_wanted(delivery: Delivery, events: Events, wanted: Wanted) -> bool:
    if wanted.span.is_early(delivery) or not events.have(delivery):
        return False
    return has_values(delivery.body, wanted.where)


def _names_of_handler(handler: Callable[..., object], controller: type[object]) -> tuple[str, str]:
    name = spec_of(handler).name
    return name, f"{controller.__qualname__}.{name}"


def _streams(service: Service) -> Iterator[str]:
    for queue in service.topology.queues:
        if queue.arguments.get("x-queue-type") == "stream":
            yield queue.name


def _keeping(service: Service, message: type[Message]) -> Iterator[str]:
    """The streams that a message's topic leads to."""
    key = binding_key(message.MESSAGE_TOPIC)
    streams = set(_streams(service))
    for binding in service.topology.bindings:
        if binding.queue in streams and binding.routing_key == key:
            yield binding.queue


def _spelt(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(".", "").casefold()

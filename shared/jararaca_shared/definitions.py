"""A topology as RabbitMQ's definitions: the JSON that `rabbitmqctl import_definitions` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

Item = dict[str, Any]
Arguments = Mapping[str, Any] | Iterable[tuple[str, Any]]
"""By name, or as pairs."""


class Exchange(Protocol):
    """An exchange, of the compiler or of the runtime."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def durable(self) -> bool: ...
    @property
    def auto_delete(self) -> bool: ...
    @property
    def arguments(self) -> Arguments: ...


class Queue(Protocol):
    """A queue, of the compiler or of the runtime."""

    @property
    def name(self) -> str: ...
    @property
    def durable(self) -> bool: ...
    @property
    def exclusive(self) -> bool: ...
    @property
    def auto_delete(self) -> bool: ...
    @property
    def arguments(self) -> Arguments: ...


class QueueBinding(Protocol):
    """A binding of a queue to an exchange."""

    @property
    def exchange(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def routing_key(self) -> str: ...
    @property
    def arguments(self) -> Arguments: ...


class ExchangeBinding(Protocol):
    """A binding of an exchange to another."""

    @property
    def source(self) -> str: ...
    @property
    def destination(self) -> str: ...
    @property
    def routing_key(self) -> str: ...


class Topology(Protocol):
    """Everything that a service declares on the broker."""

    @property
    def exchanges(self) -> Sequence[Exchange]: ...
    @property
    def queues(self) -> Sequence[Queue]: ...
    @property
    def bindings(self) -> Sequence[QueueBinding]: ...
    @property
    def exchange_bindings(self) -> Sequence[ExchangeBinding]: ...


def definitions(
    topologies: Iterable[Topology], vhost: str = "/", between: Iterable[ExchangeBinding] = ()
) -> Mapping[str, list[Item]]:
    """The definitions of several topologies in one, each item once; `between` binds exchanges.

    An exclusive queue belongs to a connection: it and its bindings cannot stand in definitions.
    """
    every = list(topologies)
    exclusive = {queue.name for each in every for queue in each.queues if queue.exclusive}
    queues = [q for each in every for q in each.queues if q.name not in exclusive]
    bindings = [b for each in every for b in each.bindings if b.queue not in exclusive]
    return {
        "exchanges": _once(_exchange(e, vhost) for each in every for e in each.exchanges),
        "queues": _once(_queue(queue, vhost) for queue in queues),
        "bindings": _once(
            [
                *(_binding(binding, vhost) for binding in bindings),
                *(_exchange_binding(b, vhost) for each in every for b in each.exchange_bindings),
                *(_exchange_binding(binding, vhost) for binding in between),
            ]
        ),
    }


def _exchange(exchange: Exchange, vhost: str) -> Item:
    return {
        "name": exchange.name,
        "vhost": vhost,
        "type": exchange.type,
        "durable": exchange.durable,
        "auto_delete": exchange.auto_delete,
        "internal": False,
        "arguments": dict(exchange.arguments),
    }


def _queue(queue: Queue, vhost: str) -> Item:
    return {
        "name": queue.name,
        "vhost": vhost,
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "arguments": dict(queue.arguments),
    }


def _binding(binding: QueueBinding, vhost: str) -> Item:
    return {
        "source": binding.exchange,
        "vhost": vhost,
        "destination": binding.queue,
        "destination_type": "queue",
        "routing_key": binding.routing_key,
        "arguments": dict(binding.arguments),
    }


def _exchange_binding(binding: ExchangeBinding, vhost: str) -> Item:
    return {
        "source": binding.source,
        "vhost": vhost,
        "destination": binding.destination,
        "destination_type": "exchange",
        "routing_key": binding.routing_key,
        "arguments": {},
    }


def _once(items: Iterable[Item]) -> list[Item]:
    seen: list[Item] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen

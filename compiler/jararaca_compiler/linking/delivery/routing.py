"""Which queues of a system get a publication, as RabbitMQ routes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.keys import (
    Key,
    all_kinds,
    example_of,
    is_one_of,
    meeting,
)
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower.topology import DEFAULT_EXCHANGE

_WHOLE_KEY = "direct"
_BY_WORDS = "topic"
_ALTERNATE = "alternate-exchange"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A publication comes to a queue, for example under `routing_key`."""

    queue: str
    routing_key: str


class Broker:
    """The exchanges, queues and bindings of all participants, put together."""

    def __init__(self, participants: Iterable[Participant]) -> None:
        self._exchanges: dict[str, ir.Exchange] = {}
        self._bindings: dict[str, list[ir.QueueBinding]] = {}
        self._queues: dict[str, None] = {}
        for participant in participants:
            self._declare(participant.service.topology)

    def _declare(self, topology: ir.Topology) -> None:
        for exchange in topology.exchanges:
            self._exchanges.setdefault(exchange.name, exchange)
        for queue in topology.queues:
            self._queues.setdefault(queue.name)
        for binding in topology.bindings:
            self._bindings.setdefault(binding.exchange, []).append(binding)

    def arrivals(self, exchange: str, key: Key) -> Iterator[Arrival]:
        """The queues that get what is published to `exchange` under `key`, each once."""
        found: dict[str, Arrival] = {}
        for arrival in self._all(exchange, key, frozenset()):
            found.setdefault(arrival.queue, arrival)
        yield from found.values()

    def _all(self, exchange: str, key: Key, before: frozenset[str]) -> Iterator[Arrival]:
        """`before` are the exchanges that it could not be routed by; none is tried again."""
        yield from self._direct(exchange, key)
        alternate = self._alternate(exchange)
        if alternate is None or alternate in before or alternate == exchange:
            return
        for rest in self._unrouted(exchange, alternate, key):
            yield from self._all(alternate, rest, before | {exchange})

    def _direct(self, exchange: str, key: Key) -> Iterator[Arrival]:
        """What the exchange's own bindings do."""
        if exchange == DEFAULT_EXCHANGE:
            for queue in self._queues:
                if is_one_of(key, queue):
                    yield Arrival(queue, queue)
            return
        type_ = self._type(exchange)
        for binding in self._bindings.get(exchange, ()):
            routing_key = _through(binding.routing_key, type_, key)
            if routing_key is not None:
                yield Arrival(binding.queue, routing_key)

    def _type(self, exchange: str) -> str:
        declared = self._exchanges.get(exchange)
        return _BY_WORDS if declared is None else declared.type

    def _alternate(self, exchange: str) -> str | None:
        """Where an exchange sends what it cannot route, if there is such an exchange."""
        declared = self._exchanges.get(exchange)
        name = None if declared is None else dict(declared.arguments).get(_ALTERNATE)
        return name if name == DEFAULT_EXCHANGE or name in self._exchanges else None

    def _unrouted(self, exchange: str, alternate: str, key: Key) -> Iterator[Key]:
        """Keys that no binding of the exchange takes; `key` itself where there are too many."""
        near = [*self._bindings.get(exchange, ()), *self._bindings.get(alternate, ())]
        queues = self._queues if alternate == DEFAULT_EXCHANGE else ()
        kinds = all_kinds(key, (*(binding.routing_key for binding in near), *queues))
        if kinds is None:
            yield key
        for text in kinds or ():
            exact = tuple((word,) for word in text.split("."))
            if next(self._direct(exchange, exact), None) is None:
                yield exact


def _through(binding_key: str, type_: str, key: Key) -> str | None:
    """A routing key of `key` under which a binding takes it.

    A headers exchange takes everything: documents have no arguments of bindings, and without any
    there is nothing that has to match.
    """
    if type_ == _BY_WORDS:
        return meeting(key, binding_key)
    if type_ == _WHOLE_KEY:
        return binding_key if is_one_of(key, binding_key) else None
    return example_of(key)

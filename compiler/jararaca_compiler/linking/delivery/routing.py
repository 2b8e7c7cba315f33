"""Which queues of a system get a publication, as RabbitMQ routes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.binding_tree import BindingTree
from jararaca_compiler.linking.delivery.keys import Key, all_kinds, example_of
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower.partitioning.queues import undivided
from jararaca_compiler.lower.topology import DEFAULT_EXCHANGE

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
        self._queues: dict[str, int] = {}
        self._trees: dict[str, BindingTree] = {}
        for participant in participants:
            self._declare(undivided(participant.service.topology))

    def _declare(self, topology: ir.Topology) -> None:
        for exchange in topology.exchanges:
            self._exchanges.setdefault(exchange.name, exchange)
        for queue in topology.queues:
            self._queues.setdefault(queue.name, len(self._queues))
        for binding in topology.bindings:
            self._bindings.setdefault(binding.exchange, []).append(binding)

    def arrivals(self, exchange: str, key: Key) -> Iterator[Arrival]:
        """The queues that get what is published to `exchange` under `key`, each once, in order."""
        found: dict[str, Arrival] = {}
        for arrival in self._all(exchange, key, frozenset()):
            found.setdefault(arrival.queue, arrival)
        yield from (found[queue] for queue in sorted(found, key=self._queues.__getitem__))

    def _all(self, exchange: str, key: Key, before: frozenset[str]) -> Iterator[Arrival]:
        """`before` are the exchanges that it could not be routed by; none is tried again."""
        yield from self._direct(exchange, key)
        alternate = self._alternate(exchange)
        if alternate is None or alternate in before or alternate == exchange:
            return
        for rest in self._unrouted(exchange, key):
            yield from self._all(alternate, rest, before | {exchange})

    def _words_after(self, exchange: str) -> Iterator[str]:
        """The binding keys of an exchange, of its alternate, of the alternate of that one."""
        seen: set[str] = set()
        name: str | None = exchange
        while name is not None and name not in seen:
            seen.add(name)
            yield from (binding.routing_key for binding in self._bindings.get(name, ()))
            yield from self._queues if name == DEFAULT_EXCHANGE else ()
            name = self._alternate(name)

    def _direct(self, exchange: str, key: Key) -> Iterator[Arrival]:
        """What the exchange's own bindings do."""
        if self._type(exchange) in ir.KEYLESS:
            # A headers exchange takes everything: documents have no arguments of bindings, and
            # without any there is nothing that has to match.
            for binding in self._bindings.get(exchange, ()):
                yield Arrival(binding.queue, example_of(key))
            return
        for queue, routing_key in self._tree(exchange).meetings(key):
            yield Arrival(queue, routing_key)

    def _tree(self, exchange: str) -> BindingTree:
        if exchange not in self._trees:
            bindings = ((b.routing_key, b.queue) for b in self._bindings.get(exchange, ()))
            if exchange == DEFAULT_EXCHANGE:
                bindings = ((queue, queue) for queue in self._queues)
            by_words = self._type(exchange) == _BY_WORDS
            self._trees[exchange] = BindingTree(bindings, by_words)
        return self._trees[exchange]

    def _type(self, exchange: str) -> str:
        declared = self._exchanges.get(exchange)
        known = "direct" if exchange == DEFAULT_EXCHANGE else _BY_WORDS
        return known if declared is None else declared.type

    def _alternate(self, exchange: str) -> str | None:
        """Where an exchange sends what it cannot route, if there is such an exchange."""
        declared = self._exchanges.get(exchange)
        name = None if declared is None else dict(declared.arguments).get(_ALTERNATE)
        return name if name == DEFAULT_EXCHANGE or name in self._exchanges else None

    def _unrouted(self, exchange: str, key: Key) -> Iterator[Key]:
        """Keys that no binding of the exchange takes; `key` itself where there are too many.

        They are told apart by the bindings of every exchange that may still get them.
        """
        kinds = all_kinds(key, self._words_after(exchange))
        if kinds is None:
            yield key
        for text in kinds or ():
            exact = tuple((word,) for word in text.split("."))
            if next(self._direct(exchange, exact), None) is None:
                yield exact

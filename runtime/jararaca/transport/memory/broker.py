"""The in-process broker: exchanges, bindings, routing, delays and dead letters."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, Literal

from jararaca.contract import topics
from jararaca.contract.topology import (
    Exchange,
    ExchangeBinding,
    Queue,
    QueueBinding,
    Topology,
)
from jararaca.errors import (
    PublishNackedError,
    QueueNotFoundError,
    TopologyMismatchError,
    UnroutableError,
)
from jararaca.transport import Finding, Publication, provenance
from jararaca.transport.memory import wire_values
from jararaca.transport.memory.clock import Clock, SystemClock
from jararaca.transport.memory.queue import MemoryQueue, Stored
from jararaca.transport.memory.stream import MemoryStream
from jararaca.transport.mismatch import mismatch

EARLY = 0.002
"""Seconds by which an event loop may call too early: uvloop counts in milliseconds."""

_brokers: dict[str, MemoryBroker] = {}


def broker_named(name: str) -> MemoryBroker:
    """The broker of that name: one in this process, made at its first use."""
    return _brokers.setdefault(name, MemoryBroker())


class MemoryBroker:
    """Keeps everything in memory; a message is there until it is settled, or the process ends."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.queues: dict[str, MemoryQueue | MemoryStream] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._bindings: list[QueueBinding] = []
        self._between: list[ExchangeBinding] = []
        self._delayed: list[tuple[float, int, str, Publication]] = []
        self._count = 0

    def declare(self, topology: Topology) -> None:
        """Make what is missing. Raises TopologyMismatchError."""
        for exchange in topology.exchanges:
            _same("exchange", exchange, self._exchanges.setdefault(exchange.name, exchange))
        for queue in topology.queues:
            made = self.queues.setdefault(queue.name, self._made(queue))
            _same("queue", queue, made.spec)
        self._bindings += [each for each in topology.bindings if each not in self._bindings]
        between = topology.exchange_bindings
        self._between += [each for each in between if each not in self._between]
        self._bindings = [each for each in self._bindings if each not in topology.unbound]

    def inspect(self, topology: Topology) -> tuple[Finding, ...]:
        """How each exchange and queue of a topology stands to what is here."""
        found = [_finding("exchange", e, self._exchanges.get(e.name)) for e in topology.exchanges]
        made = {name: queue.spec for name, queue in self.queues.items()}
        return (*found, *(_finding("queue", q, made.get(q.name)) for q in topology.queues))

    def _made(self, queue: Queue) -> MemoryQueue | MemoryStream:
        if queue.arguments.get("x-queue-type") == "stream":
            return MemoryStream(queue)
        return MemoryQueue(queue, self._dead_letter)

    def queue(self, name: str) -> MemoryQueue | MemoryStream:
        """A queue, or a stream, by its name. Raises QueueNotFoundError."""
        if name not in self.queues:
            raise QueueNotFoundError(f"there is no queue {name!r} on this broker")
        return self.queues[name]

    def delete(self, name: str) -> None:
        """Delete a queue with all that is in it; its consumers end."""
        self.queues.pop(name, None)
        self._bindings = [each for each in self._bindings if each.queue != name]

    def delete_exchange(self, name: str) -> None:
        """Delete an exchange; nothing is bound to it any more."""
        self._exchanges.pop(name, None)
        self._bindings = [each for each in self._bindings if each.exchange != name]
        self._between = [e for e in self._between if name not in (e.source, e.destination)]

    def publish(self, publication: Publication, exchange: str) -> None:
        """Route a message now, or when its delay is over.

        Raises UnroutableError, PublishNackedError (a full queue).
        """
        if publication.delay <= 0:
            self._route(publication, exchange)
            return
        self._count += 1
        due = self._clock.time() + publication.delay
        heappush(self._delayed, (due, self._count, exchange, publication))
        self._clock.call_at(due, self._deliver_due)

    def wake(self) -> None:
        """Have this loop deliver what is delayed, in time."""
        for due, *_ in self._delayed:
            self._clock.call_at(due, self._deliver_due)

    def _deliver_due(self) -> None:
        now = self._clock.time() + EARLY
        while self._delayed and self._delayed[0][0] <= now:
            _, _, exchange, publication = heappop(self._delayed)
            for queue in self._targets(exchange, publication.routing_key, publication.headers):
                queue.put(_stored(publication, exchange))

    def _route(self, publication: Publication, exchange: str) -> None:
        if exchange and exchange not in self._exchanges:
            raise UnroutableError(
                f"there is no exchange {exchange!r} on this broker: start a worker of the service "
                "once, or run `jararaca topology apply`"
            )
        queues = self._targets(exchange, publication.routing_key, publication.headers)
        if not queues and publication.mandatory:
            raise UnroutableError(f"no queue receives {publication.routing_key!r}")
        if any(queue.full for queue in queues):
            raise PublishNackedError(f"a queue for {publication.routing_key!r} is full")
        for queue in queues:
            queue.put(_stored(publication, exchange))

    def _targets(
        self, exchange: str, key: str, headers: Mapping[str, Any]
    ) -> list[MemoryQueue | MemoryStream]:
        if not exchange:
            return [self.queues[key]] if key in self.queues else []
        names: dict[str, None] = {}
        self._collect(names, exchange, key, headers)
        return [self.queues[name] for name in names if name in self.queues]

    def _collect(
        self, names: dict[str, None], exchange: str, key: str, headers: Mapping[str, Any]
    ) -> None:
        """The queues that an exchange leads to, also by others; else those of its alternate."""
        made = self._exchanges.get(exchange)
        kind = made.type if made is not None else "topic"
        found = [
            binding.queue
            for binding in self._bindings
            if binding.exchange == exchange and _fits(kind, binding, key, headers)
        ]
        onward = [
            between.destination
            for between in self._between
            if between.source == exchange
            and _fits(kind, QueueBinding(exchange, "", between.routing_key), key, headers)
        ]
        alternate = None if made is None else made.arguments.get("alternate-exchange")
        if not found and not onward and alternate is not None:
            onward = [alternate]
        names |= dict.fromkeys(found)
        for each in onward:
            self._collect(names, each, key, headers)

    def _dead_letter(self, queue: Queue, stored: Stored) -> None:
        exchange = queue.arguments.get("x-dead-letter-exchange")
        if exchange is None:
            return
        key = queue.arguments.get("x-dead-letter-routing-key", stored.routing_key)
        for target in self._targets(exchange, key, stored.headers):
            moved = replace(stored, routing_key=key, exchange=exchange, expires=math.inf)
            target.put(replace(moved, failed=0, returned=0))


def _fits(kind: str, binding: QueueBinding, key: str, headers: Mapping[str, Any]) -> bool:
    match kind:
        case "fanout":
            return True
        case "direct":
            return binding.routing_key == key
        case "headers":
            match = str(binding.arguments.get("x-match", "all"))
            wanted = {
                k: v
                for k, v in binding.arguments.items()
                if k != "x-match" and (match.endswith("-with-x") or not k.startswith("x-"))
            }
            found = [headers.get(name) == value for name, value in wanted.items()]
            return any(found) if match.startswith("any") else all(found)
        case _:
            return topics.matches(binding.routing_key, key)


def _stored(publication: Publication, exchange: str) -> Stored:
    terms = publication.terms
    lifetime = None if terms is None else terms.expiration
    return Stored(
        publication.routing_key,
        exchange,
        publication.body,
        wire_values.properties_of(publication.properties),
        wire_values.headers_of(provenance.without_brokers(publication.headers)),
        expires=math.inf if lifetime is None else time.monotonic() + lifetime / 1000,
        believed=provenance.SIGNED if publication.signed else provenance.ANYONES,
    )


def _finding(
    kind: Literal["exchange", "queue"], wanted: Exchange | Queue, found: Exchange | Queue | None
) -> Finding:
    if found is None:
        return Finding(kind, wanted.name, "missing")
    try:
        _same(kind, wanted, found)
    except TopologyMismatchError as error:
        return Finding(kind, wanted.name, "different", str(error))
    return Finding(kind, wanted.name, "same")


def _same(kind: str, wanted: Exchange | Queue, found: Exchange | Queue) -> None:
    for name in ("type", "durable", "exclusive", "auto_delete"):
        left, right = getattr(wanted, name, None), getattr(found, name, None)
        if left != right:
            raise mismatch(kind, wanted.name, name, repr(left), repr(right))
    for name in sorted({*wanted.arguments, *found.arguments}):
        left, right = wanted.arguments.get(name), found.arguments.get(name)
        if left != right:
            raise mismatch(kind, wanted.name, name, repr(left), repr(right))

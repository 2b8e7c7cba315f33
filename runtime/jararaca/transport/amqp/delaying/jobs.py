"""Delayed tasks that go on by their topic: how they arrive, and are parked where nothing is left.

A task that comes out of the delay chain into an exchange without a queue for it would be held by
the broker's at least once, and after 32 of them nothing else comes out. So `job.NAME` leads to the
exchange NAME, and also to one beside it, whose bindings lead to the queues that Jararaca knows to
be tasks': a queue that both lead to gets the message once, and what leads nowhere beside is parked.

Beside NAME stands an exchange for each binding key, with nothing in it: its presence tells every
publisher that a worker of this version has bound a queue there, and that nothing is parked that
arrives. Without it a task goes as it did before, which older workers and strangers understand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from jararaca.contract.topics import matches
from jararaca.contract.topology import Exchange, ExchangeBinding, QueueBinding, Topology
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.delaying.delays import (
    DELIVERY,
    NAME,
    UNDELIVERABLE,
    DelayTopology,
    delivery_key,
)

TO = f"{NAME}.to"
PLAIN = re.compile(r"[a-zA-Z0-9_.:-]{1,100}")
"""What can follow in an exchange's name as it is: AMQP allows few characters, and 127 in all."""


def destination(exchange: str) -> str:
    """What a delayed task is for that goes on by its topic, and is parked where nobody takes it."""
    return f"job.{exchange}"


def exchange_of(routing_key: str) -> str | None:
    """The exchange that a parked task was to go on by; None for what was for a queue."""
    kind, _, name = delays.destination_of(routing_key).partition(".")
    return name if kind == "job" else None


def beside(exchange: str) -> str:
    """The exchange that leads to the tasks' queues of another."""
    return _named(exchange)


def known(exchange: str, key: str) -> str:
    """The exchange that tells, by being there, that a queue is bound for `key`."""
    return _named(f"{exchange}:{key}")


def _named(text: str) -> str:
    """A name for it: itself, or where that is no name its digest."""
    if PLAIN.fullmatch(text) is None:
        text = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{TO}.{text}"


def keys_of(topology: Topology, queues: Iterable[str]) -> tuple[QueueBinding, ...]:
    """The bindings of tasks' queues among `queues` by which delayed tasks go on."""
    types = {each.name: each.type for each in topology.exchanges if each.name}
    chosen = topology.tasks.intersection(queues)
    return tuple(
        binding
        for binding in topology.bindings
        if binding.queue in chosen and _by_topic(binding, types.get(binding.exchange))
    )


def _by_topic(binding: QueueBinding, kind: str | None) -> bool:
    """Whether the exchange beside, one of topics, does with the binding what its own does."""
    key = binding.routing_key
    if binding.arguments:
        return False
    return kind == "topic" or (kind == "direct" and not {"*", "#"}.intersection(key.split(".")))


def ways(bindings: Sequence[QueueBinding]) -> DelayTopology:
    """What leads to the queues of `bindings` from the end of the chain."""
    exchanges = sorted({binding.exchange for binding in bindings})
    parking = {"alternate-exchange": UNDELIVERABLE}
    return DelayTopology(
        Topology(
            exchanges=tuple(Exchange(beside(name), arguments=parking) for name in exchanges),
            bindings=tuple(replace(each, exchange=beside(each.exchange)) for each in bindings),
        ),
        tuple(
            ExchangeBinding(DELIVERY, end, delivery_key(destination(name)))
            for name in exchanges
            for end in (name, beside(name))
        ),
    )


def signs(bindings: Sequence[QueueBinding]) -> Topology:
    """What tells publishers of those ways: declared once all of them are there."""
    names = sorted({known(each.exchange, each.routing_key) for each in bindings})
    return Topology(exchanges=tuple(Exchange(name, "fanout") for name in names))


def candidates(topologies: Iterable[Topology], exchange: str, topic: str) -> tuple[str, ...]:
    """The binding keys that a task's topic may be known by: its own first."""
    own = {
        binding.routing_key
        for each in topologies
        for binding in keys_of(each, each.tasks)
        if binding.exchange == exchange and matches(binding.routing_key, topic)
    }
    return (topic, *sorted(own - {topic}))

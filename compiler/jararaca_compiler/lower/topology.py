"""The exchanges, queues and bindings that a service's receiving operations need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.partitioning.queues import Parts, partitions, roster
from jararaca_compiler.naming import Names, snake

DELIVERY_LIMIT = 20
DEAD_LETTER_SUFFIX = ".dead-letters"
DEFAULT_EXCHANGE = ""
KEPT_DELIVERIES = 1_000_000
"""How often a dead letter may be looked at: unasked, RabbitMQ 4 drops it after 20 deliveries."""
_OF_QUORUM = frozenset({"x-queue-type", "x-delivery-limit", "x-overflow", "x-dead-letter-strategy"})
"""What is asked of a queue only where it is a quorum queue."""
QUORUM: ir.Arguments = (
    ("x-dead-letter-exchange", DEFAULT_EXCHANGE),
    ("x-dead-letter-strategy", "at-least-once"),
    ("x-delivery-limit", DELIVERY_LIMIT),
    ("x-overflow", "reject-publish"),
    ("x-queue-type", "quorum"),
)
"""What every lasting queue asks for, where its document asks for nothing else."""
KEPT: ir.Arguments = (("x-delivery-limit", KEPT_DELIVERIES), ("x-queue-type", "quorum"))
"""What a queue of dead letters asks for."""


@dataclass(frozen=True, slots=True)
class Consumption:
    """A queue that is consumed, before its arguments; `exchange` None is the service's own.

    `partitions` is into how many it is divided, where it is.
    """

    queue: ir.Queue
    exchange: str | None
    binding_keys: tuple[str, ...]
    span: Span
    partitions: int | None = None


def own_queues(service: str, operations: Iterable[str]) -> dict[str, str]:
    """By operation id the name of a queue of its own, also where two ids differ in a dot only."""
    names = Names()
    return {id: f"{service}.{names.take(snake(id))}" for id in sorted(set(operations))}


def topology(
    own_exchange: str,
    exchanges: Iterable[ir.Exchange],
    consumptions: Sequence[Consumption],
    *,
    service: str,
    streams: Sequence[Consumption] = (),
    shares_dead_letters: bool = False,
) -> ir.Topology:
    """What the service declares: its own exchange first, then by name.

    Each dead-letter queue is after its queue; or one for all, named by the service, at the end,
    before the streams.
    AMQP's default exchange has no declarations and no bindings.
    """
    letters = service + DEAD_LETTER_SUFFIX if shares_dead_letters else None
    own = ir.Exchange(own_exchange, "topic", True, False, True)
    others = {e.name: e for e in reversed(list(exchanges)) if e.name != DEFAULT_EXCHANGE}
    queues: dict[str, ir.Queue] = {}
    counts: dict[str, int] = {}
    bindings: set[tuple[str, str, str]] = set()
    for consumption in consumptions:
        queues.setdefault(consumption.queue.name, with_arguments(consumption.queue, letters))
    for consumption in (*consumptions, *streams):
        name = consumption.queue.name
        exchange = own_exchange if consumption.exchange is None else consumption.exchange
        if consumption.partitions is not None:
            counts[name] = consumption.partitions
        if exchange != DEFAULT_EXCHANGE:
            bindings |= {(exchange, name, key) for key in consumption.binding_keys}
    parts = {
        name: partitions(queues[name], count, [(b[0], b[2]) for b in bindings if b[1] == name])
        for name, count in sorted(counts.items())
    }
    declared: list[ir.Queue] = []
    for name in sorted(queues):
        declared += parts[name].queues if name in parts else [queues[name]]
        if letters is None:
            declared.append(dead_letters(name + DEAD_LETTER_SUFFIX))
    if letters is not None and queues:
        declared.append(dead_letters(letters))
    if parts:
        declared.append(roster(service))
    whole = [ir.QueueBinding(*each) for each in sorted(bindings) if each[1] not in parts]
    logs = {each.queue.name: each.queue for each in streams}
    declared += (logs[name] for name in sorted(logs))
    return ir.Topology(
        (own, *(others[n] for n in sorted(others)), *_every("exchanges", parts.values())),
        tuple(declared),
        (*whole, *_every("bindings", parts.values())),
        letters if queues else None,
        _every("between", parts.values()),
        tuple(ir.PartitionedQueue(name, counts[name]) for name in parts),
        roster(service).name if parts else None,
    )


def _every(what: str, parts: Iterable[Parts]) -> tuple[Any, ...]:
    return tuple(each for part in parts for each in getattr(part, what))


def dead_letters(name: str) -> ir.Queue:
    """The queue that keeps what handlers could not do; it dead-letters nothing itself."""
    return ir.Queue(name, True, False, False, KEPT)


def with_arguments(queue: ir.Queue, letters: str | None = None) -> ir.Queue:
    """A durable shared queue is a quorum queue; a transient one can only be a classic queue.

    `letters` is the queue of its dead letters, None: one of its own. The document's own arguments
    win. Priorities are for classic queues only.
    """
    arguments: dict[str, object] = {
        # Named, for the virtual host may have another default.
        "x-queue-type": "classic",
        "x-dead-letter-exchange": DEFAULT_EXCHANGE,
        "x-dead-letter-routing-key": letters or queue.name + DEAD_LETTER_SUFFIX,
    }
    if queue.durable and not queue.exclusive and not queue.auto_delete:
        arguments |= dict(QUORUM)
    given = dict(queue.arguments)
    if "x-max-priority" in given:
        given.setdefault("x-queue-type", "classic")
    if given.get("x-queue-type", "quorum") != "quorum":
        arguments = {key: arguments[key] for key in arguments if key not in _OF_QUORUM}
    if given.get("x-queue-type") == "stream":
        arguments = {}
    return replace(queue, arguments=tuple(sorted({**arguments, **given}.items())))

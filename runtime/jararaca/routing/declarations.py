"""What a service declares on the broker: its compiled topology, and what its handlers ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jararaca.contract import positions
from jararaca.contract.topology import Topology, with_single_active_consumer
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.routing.table import Route, Service


def topology_of(service: Service) -> Topology:
    """The compiled topology, told which queues have tasks and which one active consumer.

    Raises ConfigurationError where one handler of a queue is ordered and another is not, or is
    so otherwise, and where their priorities differ.
    """
    first: dict[str, Route] = {}
    divided = {each.queue for each in service.topology.partitioned}
    for route in service.routes:
        if route.queue in divided:
            _refuse_beside_partitions(route)
        if spec_of(route.handler).batch is not None and route.message.MESSAGE_REPLIES:
            raise ConfigurationError(
                f"{_name(route)} takes batches, and {route.message.MESSAGE_NAME} is a request: "
                "each is answered for itself, so take it without batch="
            )
        other = first.setdefault(route.queue, route)
        if _order(route) != _order(other):
            raise ConfigurationError(
                f"{_name(route)} is {_order(route)}, and another handler of {route.queue} is "
                f"{_order(other)}: make all of them ordered in the same way, or none"
            )
        if spec_of(route.handler).priority != spec_of(other.handler).priority:
            raise ConfigurationError(
                f"{_name(route)} and {_name(other)} have different priorities, but share one "
                f"consumer of {route.queue}: give them the same priority"
            )
    streamed, filled = streamed_queues(service), bootstrapped_queues(service)
    ordered = {queue for queue, route in first.items() if spec_of(route.handler).in_order}
    tasks = frozenset(route.queue for route in service.routes if _has_to_arrive(route))
    declared = replace(with_single_active_consumer(service.topology, ordered), tasks=tasks)
    noted = tuple(
        positions.declared(positions.position_queue(positions.bootstrap_name(queue)))
        for queue in sorted(filled)
    )
    declared = replace(declared, queues=(*declared.queues, *noted))
    return _with_positions(declared, streamed) if streamed else declared


def streamed_queues(service: Service) -> dict[str, Route]:
    """The queues whose handlers read a stream instead, each with one of its routes.

    Raises ConfigurationError where one of them does and another does not, or from elsewhere, and
    where the channel has no stream.
    """
    first: dict[str, Route] = {}
    for route in service.routes:
        start, other = spec_of(route.handler).stream, first.setdefault(route.queue, route)
        if start != spec_of(other.handler).stream:
            raise ConfigurationError(
                f"{_name(route)} and {_name(other)} share {route.queue}, and only one reads the "
                "stream, or from elsewhere: give them the same stream="
            )
        if start is not None and route.stream is None:
            raise ConfigurationError(
                f"{_name(route)} reads a stream, and the channel of the operation "
                f"{route.operation} keeps none: add `x-stream: {{max-age: 30d}}` to that channel "
                f"in {service.source}, and run `jararaca codegen`"
            )
        if start is not None and start.values and route.filter_by is None:
            raise ConfigurationError(
                f"{_name(route)} reads only some values, and the stream of its channel is filtered "
                "by nothing: add `filter-by: $message.payload#/customerId` to that `x-stream` in "
                f"{service.source}, and run `jararaca codegen`"
            )
    return {q: route for q, route in first.items() if spec_of(route.handler).stream is not None}


def bootstrapped_queues(service: Service) -> dict[str, Route]:
    """The queues whose handlers ask for history, each with one of its routes.

    Raises ConfigurationError where they do not agree, and where the channel has no stream.
    """
    first: dict[str, Route] = {}
    for route in service.routes:
        start, other = spec_of(route.handler).bootstrap, first.setdefault(route.queue, route)
        if start != spec_of(other.handler).bootstrap:
            raise ConfigurationError(
                f"{_name(route)} and {_name(other)} share {route.queue}, which is filled once: "
                "give them the same bootstrap="
            )
        if start is not None and route.stream is None:
            raise ConfigurationError(
                f"{_name(route)} asks for history, and the channel of the operation "
                f"{route.operation} keeps none: add `x-stream: {{max-age: 30d}}` to that channel "
                f"in {service.source}, and run `jararaca codegen`"
            )
    return {q: route for q, route in first.items() if spec_of(route.handler).bootstrap is not None}


def position_of(route: Route) -> str:
    """What the offset of a route that reads a stream is stored under."""
    start = spec_of(route.handler).stream
    return (start.name if start is not None else None) or route.queue


def _with_positions(topology: Topology, streamed: Mapping[str, Route]) -> Topology:
    """The same, in which nothing is bound to those queues: what they get are replays.

    Each has a queue beside it whose one message is the turn to read, with the offset.
    """
    names = {positions.position_queue(position_of(route)) for route in streamed.values()}
    return replace(
        topology,
        queues=(*topology.queues, *(positions.declared(name) for name in sorted(names))),
        bindings=tuple(b for b in topology.bindings if b.queue not in streamed),
        unbound=tuple(b for b in topology.bindings if b.queue in streamed),
    )


def _refuse_beside_partitions(route: Route) -> None:
    """Raises ConfigurationError for options that say otherwise what partitions say."""
    spec = spec_of(route.handler)
    options = {
        "ordered": (spec.ordered, "the document says what is kept in order (x-partitions)"),
        "ordered_by": (
            spec.ordered_by is not None,
            "the document says what is kept in order (x-partitions)",
        ),
        "batch": (spec.batch is not None, "a batch mixes keys, which are in order one by one"),
        "priority": (spec.priority != 0, "each partition has one consumer"),
        "stream": (spec.stream is not None, "its events come through the partitions"),
        "bootstrap": (spec.bootstrap is not None, "history would come beside live messages"),
    }
    for option, (is_set, why) in options.items():
        if is_set:
            raise ConfigurationError(
                f"{_name(route)} has {option}=, and its channel is partitioned: {why}. "
                f"Leave {option}= out"
            )


def _has_to_arrive(route: Route) -> bool:
    asked = route.message.MESSAGE_MANDATORY
    return route.message.MESSAGE_TYPE == "task" if asked is None else asked


def _order(route: Route) -> str:
    spec = spec_of(route.handler)
    if spec.ordered:
        return "ordered"
    return "not ordered" if spec.ordered_by is None else "ordered by a key"


def _name(route: Route) -> str:
    return f"{route.controller.__qualname__}.{route.handler.__name__}"

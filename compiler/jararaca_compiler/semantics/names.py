"""Rules about the names of queues and exchanges, also of those that no document names."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.partitioning.queues import parts_of
from jararaca_compiler.lower.topology import DEAD_LETTER_SUFFIX
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.semantics.addresses import LONGEST_NAME


def names_fit(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """AMQP 0-9-1, section 1.2: the names of queues and exchanges are short strings."""
    spans = {channel.exchange: channel.span for channel in service.channels}
    spans |= {channel.stream: channel.span for channel in service.channels}
    for operation in service.operations:
        names = _derived(operation.queue or "", service.topology)
        spans |= dict.fromkeys([operation.queue, *names], operation.span)
    told: set[Span] = set()
    declared = [("exchange", exchange.name) for exchange in service.topology.exchanges]
    declared += [("queue", queue.name) for queue in service.topology.queues]
    for what, name in declared:
        length = len(name.encode())
        span = spans.get(name)
        if length > LONGEST_NAME and span is not None and span not in told:
            told.add(span)
            yield diagnose(
                "name-too-long", span, what=what, name=name, length=length, most=LONGEST_NAME
            )


def names_are_free(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """What a document names is nothing that stands beside another queue."""
    taken = {
        each: f"queue `{q}`" for q in _queues(service) for each in _derived(q, service.topology)
    }
    taken |= {c.stream: f"channel `{c.key}`" for c in service.channels if c.stream is not None}
    asked = [(operation.queue, operation.span) for operation in service.operations]
    asked += [(channel.exchange, channel.span) for channel in service.channels]
    for name, span in dict(asked).items():
        if name in taken:
            yield diagnose("name-taken", span, name=name, owner=taken[name])


def _queues(service: ir.Service) -> Iterator[str]:
    """The queues that are consumed."""
    yield from {o.queue: None for o in service.operations if o.queue is not None}


def _derived(queue: str, topology: ir.Topology) -> Iterator[str]:
    """The queues and exchanges that are called by a queue."""
    yield queue + DEAD_LETTER_SUFFIX
    yield from parts_of(queue, topology)

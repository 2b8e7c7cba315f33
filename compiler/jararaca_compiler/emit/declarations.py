"""A topology -> the part of `routes.py` that declares it."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.emit.python.calls import call, mapping, rows, scalar, short_call
from jararaca_compiler.emit.python.formatting import string
from jararaca_compiler.lower.topology import KEPT, QUORUM

_SHARED: dict[str, ir.Arguments] = {"QUORUM": QUORUM, "DEAD_LETTERS": KEPT}
"""What many queues ask for alike: the module says it once, by these names."""


def arguments_text(topology: ir.Topology) -> str:
    """Assignments of what the queues' arguments refer to."""
    found = {_shared(queue.arguments) for queue in topology.queues}
    return "".join(
        f"\n{name} = {mapping(values, 0, len(name) + 2)}\n"
        for name, values in _SHARED.items()
        if name in found
    )


def topology_text(topology: ir.Topology) -> str:
    """The call that makes it."""
    arguments = (
        (
            "exchanges",
            rows([_exchange(each) for each in topology.exchanges], 4, len("    exchanges=")),
        ),
        ("queues", rows([_queue(each) for each in topology.queues], 4, len("    queues="))),
        ("bindings", rows([_binding(each) for each in topology.bindings], 4, len("    bindings="))),
        *(
            (("dead_letters", string(topology.dead_letters)),)
            if topology.dead_letters is not None
            else ()
        ),
        *_partitioned(topology),
    )
    return call("jararaca.Topology", arguments, 0)


def _partitioned(topology: ir.Topology) -> Iterator[tuple[str, str]]:
    if topology.workers is None:
        return
    between = [
        short_call(
            "jararaca.ExchangeBinding",
            [string(each.source), string(each.destination), string(each.routing_key)],
            8,
        )
        for each in topology.exchange_bindings
    ]
    yield "exchange_bindings", rows(between, 4, len("    exchange_bindings="))
    queues = [
        short_call("jararaca.PartitionedQueue", [string(each.queue), str(each.count)], 8)
        for each in topology.partitioned
    ]
    yield "partitioned", rows(queues, 4, len("    partitioned="))
    yield "workers", string(topology.workers)


def _exchange(exchange: ir.Exchange) -> str:
    return short_call(
        "jararaca.Exchange",
        [
            string(exchange.name),
            *_unless("type", exchange.type, "topic"),
            *_unless("durable", exchange.durable, True),
            *_unless("auto_delete", exchange.auto_delete, False),
            *_unless("shared", exchange.shared, False),
            *_arguments(exchange.arguments),
        ],
        8,
    )


def _queue(queue: ir.Queue) -> str:
    return short_call(
        "jararaca.Queue",
        [
            string(queue.name),
            *_unless("durable", queue.durable, True),
            *_unless("exclusive", queue.exclusive, False),
            *_unless("auto_delete", queue.auto_delete, False),
            *_of_queue(queue.arguments),
        ],
        8,
    )


def _of_queue(arguments: ir.Arguments) -> Iterator[str]:
    """All arguments, or which of the shared ones and what besides."""
    name = _shared(arguments)
    if name is None:
        yield from _arguments(arguments)
        return
    own = [(key, value) for key, value in arguments if (key, value) not in _SHARED[name]]
    if own:
        yield f"arguments={mapping(own, 12, len('            arguments='), unpacked=name)}"
    else:
        yield f"arguments={name}"


def _shared(arguments: ir.Arguments) -> str | None:
    """The first that is a part of the arguments."""
    items = {(key, type(value), value) for key, value in arguments}
    return next(
        (
            name
            for name, values in _SHARED.items()
            if items.issuperset((key, type(value), value) for key, value in values)
        ),
        None,
    )


def _binding(binding: ir.QueueBinding) -> str:
    texts = (binding.exchange, binding.queue, binding.routing_key)
    arguments = [*map(string, texts), *_arguments(binding.arguments)]
    return short_call("jararaca.QueueBinding", arguments, 8)


def _unless(name: str, value: str | bool, default: str | bool) -> Iterator[str]:
    if value != default:
        yield f"{name}={scalar(value)}"


def _arguments(arguments: ir.Arguments) -> Iterator[str]:
    if arguments:
        yield f"arguments={mapping(arguments, 12, len('            arguments='))}"

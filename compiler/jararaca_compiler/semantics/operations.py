"""Rules about operations: which queue a message reaches, and whose handler it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, product

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.diagnostics.plurals import first
from jararaca_compiler.lower.addresses.address import overlap
from jararaca_compiler.reading.load import Documents

_REPLY_TO = re.compile(r"\$message\.header#/(?:.*/)?reply[-_]?to", re.IGNORECASE)


def operations_are_distinct(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Handlers are named after operations."""
    first: dict[str, ir.Operation] = {}
    for operation in service.operations:
        if operation.id in first:
            related = ((first[operation.id].span, "first here"),)
            yield diagnose(
                "duplicate-operation", operation.span, related=related, operation=operation.id
            )
        first.setdefault(operation.id, operation)


def operations_have_one_kind(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A task's queue is shared, an event's is the operation's own: one queue cannot be both."""
    kinds = {message.name: message.kind for message in service.messages}
    for operation in service.operations:
        handled = {kinds[name] for name in operation.messages} - {"websocket"}
        if operation.queue and len(handled) > 1:
            yield diagnose("mixed-kinds", operation.span, operation=operation.id)


def bindings_are_disjoint(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Of two operations on one queue, only one may be there for a message and a routing key."""
    queues: dict[str, list[ir.Operation]] = {}
    for operation in service.operations:
        if operation.queue is not None and operation.handlers:
            queues.setdefault(operation.queue, []).append(operation)
    for queue, operations in queues.items():
        for one, other in combinations(operations, 2):
            for key, second in product(
                one.handlers[0].binding_keys, other.handlers[0].binding_keys
            ):
                same = one.id != other.id and set(one.messages) & set(other.messages)
                if same and overlap(key, second):
                    related = ((one.span, "bound here"),)
                    yield diagnose(
                        "overlapping-bindings",
                        other.span,
                        related=related,
                        key=second,
                        other=key,
                        queue=queue,
                        operation=other.id,
                    )


def queues_get_what_is_received(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """A queue is bound to the channel's address: it gets every message of the channel."""
    channels = {channel.key: channel for channel in service.channels}
    received: dict[str | None, set[str]] = {}
    for operation in service.operations:
        received.setdefault(operation.queue, set()).update(operation.messages)
    sockets = _over_websockets(service)
    for operation in service.operations:
        others = set(channels[operation.channel].messages) - received[operation.queue] - sockets
        if operation.queue is not None and others:
            yield diagnose(
                "partial-subscription",
                operation.span,
                queue=operation.queue,
                others=first([f"`{name}`" for name in sorted(others)]),
                operation=operation.id,
            )


def websockets_have_no_handlers(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """What comes through a WebSocket comes through no queue: no handler is called for it."""
    sockets = _over_websockets(service)
    channels = {channel.key: channel for channel in service.channels}
    for operation in service.operations:
        if operation.action == "receive" and not channels[operation.channel].is_websocket:
            for name in (name for name in operation.messages if name in sockets):
                yield diagnose(
                    "websocket-received", operation.span, operation=operation.id, name=name
                )


def _over_websockets(service: ir.Service) -> set[str]:
    return {message.name for message in service.messages if message.kind == "websocket"}


def replies_have_messages(service: ir.Service, _: Documents) -> Iterator[Diagnostic]:
    """Without a message an answer has no class; it goes where AMQP says, in `reply_to`."""
    for operation in service.operations:
        reply = operation.reply
        if reply is None:
            continue
        if not reply.messages:
            yield diagnose("reply-without-message", operation.span, operation=operation.id)
        if reply.address is not None and not _REPLY_TO.fullmatch(reply.address):
            yield diagnose(
                "reply-address-without-effect",
                operation.span,
                operation=operation.id,
                address=reply.address,
            )

"""What two services do and what they declare on the broker: operations, queues, bindings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.documents.source import Span

_QUEUE_KEYS = ("durable", "exclusive", "auto_delete")
_EXCHANGE_KEYS = ("type", "durable", "auto_delete")
_DOES = {"send": "sends", "receive": "receives"}
_DONE = {"send": "sent", "receive": "received"}
_DEAD_LETTERS = ".dead-letters"
Place = Callable[[Span], Span]
"""Where an old span is, for a person."""


def operations(old: ir.Service, new: ir.Service, place: Place) -> Iterator[Change]:
    """Operations that came, went, or changed their handlers and replies."""
    successors = _successors(old, new)
    for operation in new.operations:
        known = successors.get(operation.id)
        if known is not None:
            yield from _changed(known, operation)
        else:
            action = _DOES[operation.action]
            yield change(
                "operation-added",
                operation.id,
                operation.id,
                operation.span,
                action=action,
                topic=_topic(operation, new),
            )
    lasting = {operation.id for operation in successors.values()}
    for operation in old.operations:
        if operation.id not in lasting:
            sends = operation.action == "send"
            breaks: tuple[Whom, ...] = ("consumers",) if sends else ("producers", "stored", "code")
            yield change(
                "operation-removed",
                operation.id,
                operation.id,
                place(operation.span),
                breaks=breaks,
                action=_DONE[operation.action],
                topic=_topic(operation, old),
            )


def topology(old: ir.Service, new: ir.Service, place: Place) -> Iterator[Change]:
    """What the broker has to declare differently."""
    spans = {queue: place(span) for queue, span in _spans(old).items()} | _spans(new)
    yield from _queues(old.topology, new.topology, spans)
    yield from _exchanges(old.topology, new.topology, _first(new))
    yield from _bindings(old.topology, new.topology, spans)


def _changed(old: ir.Operation, new: ir.Operation) -> Iterator[Change]:
    methods = {handler.message: handler.method for handler in old.handlers}
    for handler in new.handlers:
        was = methods.get(handler.message, handler.method)
        if was != handler.method:
            yield change(
                "handler-renamed", new.id, new.id, new.span,
                breaks=("code",), old=was, new=handler.method,
            )  # fmt: skip
    if old.reply != new.reply and (_reply(old), _reply(new)) != ("none", "none"):
        yield change(
            "reply-changed", new.id, new.id, new.span,
            breaks=("producers", "consumers"), old=_reply(old), new=_reply(new),
        )  # fmt: skip


def _queues(old: ir.Topology, new: ir.Topology, spans: dict[str, Span]) -> Iterator[Change]:
    before, after = ({q.name: q for q in side.queues} for side in (old, new))
    for name, queue in after.items():
        if name in before:
            yield from _queue(before[name], queue, spans)
        elif not name.endswith(_DEAD_LETTERS):
            yield change("queue-added", name, name, _span(spans, name))
    for name in before:
        if name not in after and not name.endswith(_DEAD_LETTERS):
            why = "What waits in it is handled by nobody, and it goes on filling."
            yield change(
                "queue-removed", name, name, _span(spans, name),
                breaks=("stored",), why=why, name=name,
            )  # fmt: skip


def _queue(old: ir.Queue, new: ir.Queue, spans: dict[str, Span]) -> Iterator[Change]:
    was = {key: getattr(old, key) for key in _QUEUE_KEYS} | dict(old.arguments)
    now = {key: getattr(new, key) for key in _QUEUE_KEYS} | dict(new.arguments)
    keys = [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
    if keys:
        why = "New workers cannot start beside the old queue, and deleting it loses its messages."
        yield change(
            "queue-changed",
            new.name,
            new.name,
            _span(spans, new.name),
            breaks=("consumers", "stored"),
            why=why,
            name=new.name,
            differences="; ".join(
                f"`{key}` was {_shown(was.get(key))} and is {_shown(now.get(key))}" for key in keys
            ),
        )


def _exchanges(old: ir.Topology, new: ir.Topology, span: Span) -> Iterator[Change]:
    before = {exchange.name: exchange for exchange in old.exchanges}
    for exchange in new.exchanges:
        was = before.get(exchange.name, exchange)
        for key in _EXCHANGE_KEYS:
            if getattr(was, key) != getattr(exchange, key):
                why = "New publishers and workers cannot declare it while the old one exists."
                yield change(
                    "exchange-redeclared", exchange.name, f"{exchange.name}.{key}", span,
                    breaks=("producers", "consumers"), why=why, key=f"`{key}`",
                    old=_shown(getattr(was, key)), new=_shown(getattr(exchange, key)),
                )  # fmt: skip


def _bindings(old: ir.Topology, new: ir.Topology, spans: dict[str, Span]) -> Iterator[Change]:
    """Bindings of the queues that go on; those of the others come and go with them."""
    lasting = {q.name for q in old.queues} & {q.name for q in new.queues}
    before, after = set(old.bindings), set(new.bindings)
    for binding in sorted(after - before, key=repr):
        if binding.queue in lasting:
            why = "Old workers of the queue dead-letter what comes by the new binding."
            yield _binding("binding-added", binding, spans, (), ("consumers",), why)
    for binding in sorted(before - after, key=repr):
        if binding.queue in lasting:
            why = "What still comes by the old binding is handled by nobody."
            yield _binding("binding-removed", binding, spans, ("producers", "stored"), (), why)


def _binding(
    code: str, binding: ir.QueueBinding, spans: dict[str, Span],
    breaks: tuple[Whom, ...], risks: tuple[Whom, ...], why: str,
) -> Change:  # fmt: skip
    return change(
        code, binding.queue, binding.queue, _span(spans, binding.queue),
        breaks=breaks, risks=risks, why=why, key=binding.routing_key, exchange=binding.exchange,
    )  # fmt: skip


def _successors(old: ir.Service, new: ir.Service) -> dict[str, ir.Operation]:
    """The old operation of each new one's id: the one of that id, else the first that does the
    same on the same topic (its id has changed then).
    """
    left = {operation.id: operation for operation in old.operations}
    found: dict[str, ir.Operation] = {}
    for operation in new.operations:
        known = left.get(operation.id)
        if known is not None and known.action == operation.action:
            found[operation.id] = left.pop(operation.id)
    for operation in new.operations:
        for known in tuple(left.values()) if operation.id not in found else ():
            same_topic = _topic(known, old) == _topic(operation, new)
            if known.action == operation.action and same_topic:
                found[operation.id] = left.pop(known.id)
                break
    return found


def _topic(operation: ir.Operation, service: ir.Service) -> str:
    for channel in service.channels:
        if channel.key == operation.channel:
            return channel.address if channel.address is not None else channel.key
    return operation.channel


def _reply(operation: ir.Operation) -> str:
    reply = operation.reply
    if reply is None:
        return "none"
    words = [*reply.messages, *([f"to {reply.address}"] if reply.address else [])]
    return ", ".join(words) or "any message"


def _spans(service: ir.Service) -> dict[str, Span]:
    return {o.queue: o.span for o in service.operations if o.queue is not None}


def _span(spans: dict[str, Span], queue: str) -> Span:
    return spans.get(queue.removesuffix(_DEAD_LETTERS)) or next(iter(spans.values()), Span(""))


def _first(service: ir.Service) -> Span:
    spans = [thing.span for thing in service.operations]
    spans += [thing.span for thing in service.channels]
    return spans[0] if spans else Span(service.source)


def _shown(value: object) -> str:
    return "not set" if value is None else f"`{json.dumps(value, default=str)}`"

"""What two services declare on the broker: exchanges, queues, bindings."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom, change
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower.partitioning.queues import undivided

_QUEUE_KEYS = ("durable", "exclusive", "auto_delete")
_EXCHANGE_KEYS = ("type", "durable", "auto_delete")
_COME_AND_GONE = ("exchange-added", "exchange-removed")
"""Told of a message where there is one: it comes, goes, or moves there."""
DEAD_LETTERS = ".dead-letters"
Place = Callable[[Span], Span]
"""Where an old span is, for a person."""


def topology(old: ir.Service, new: ir.Service, place: Place) -> Iterator[Change]:
    """What the broker has to declare differently."""
    spans = {queue: place(span) for queue, span in _spans(old).items()} | _spans(new)
    shared = {_own(old.topology): _own(new.topology)}
    renamed = {was: now for was, now in shared.items() if was != now}
    divided = {each.queue for side in (old, new) for each in side.topology.partitioned}
    before, after = _whole(old.topology, divided), _whole(new.topology, divided)
    yield from _queues(before, after, spans)
    told = {message.exchange for side in (old, new) for message in side.messages}
    for each in _exchanges(before, after, renamed, _first(new)):
        if each.code not in _COME_AND_GONE or each.subject not in told:
            yield each
    yield from _bindings(before, after, renamed, spans)


def _whole(topology: ir.Topology, divided: Collection[str]) -> ir.Topology:
    """Each divided queue as one without arguments: its parts are told of its messages."""
    whole = undivided(topology)
    return replace(
        whole,
        queues=tuple(replace(q, arguments=()) if q.name in divided else q for q in whole.queues),
    )


def _queues(old: ir.Topology, new: ir.Topology, spans: dict[str, Span]) -> Iterator[Change]:
    before, after = ({q.name: q for q in side.queues} for side in (old, new))
    for name, queue in after.items():
        if name in before:
            yield from _queue(before[name], queue, spans)
        elif not name.endswith(DEAD_LETTERS):
            yield change("queue-added", name, name, _span(spans, name))
    for name in before:
        if name not in after and not name.endswith(DEAD_LETTERS):
            why = "Nobody handles its messages any more, and it keeps filling up."
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


def _exchanges(
    old: ir.Topology, new: ir.Topology, renamed: dict[str, str], span: Span
) -> Iterator[Change]:
    for was, now in renamed.items():
        why = "Old publishers and new workers use different exchanges."
        yield change(
            "own-exchange-renamed", now, now, span,
            breaks=("producers", "consumers", "stored"), why=why, old=was, new=now,
        )  # fmt: skip
    before = {renamed.get(e.name, e.name): e for e in old.exchanges}
    after = {exchange.name: exchange for exchange in new.exchanges}
    for name, exchange in after.items():
        if name in before:
            yield from _redeclared(before[name], exchange, span)
        else:
            yield change("exchange-added", name, name, span)
    for name in before.keys() - after.keys():
        yield change("exchange-removed", name, name, span)


def _redeclared(old: ir.Exchange, new: ir.Exchange, span: Span) -> Iterator[Change]:
    was = {key: getattr(old, key) for key in _EXCHANGE_KEYS} | dict(old.arguments)
    now = {key: getattr(new, key) for key in _EXCHANGE_KEYS} | dict(new.arguments)
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key):
            why = "New publishers and workers cannot declare it while the old one exists."
            yield change(
                "exchange-redeclared", new.name, f"{new.name}.{key}", span,
                breaks=("producers", "consumers"), why=why, key=f"`{key}`",
                old=_shown(was.get(key)), new=_shown(now.get(key)),
            )  # fmt: skip


def _bindings(
    old: ir.Topology, new: ir.Topology, renamed: dict[str, str], spans: dict[str, Span]
) -> Iterator[Change]:
    """Bindings of the queues that go on; those of the others come and go with them."""
    lasting = {q.name for q in old.queues} & {q.name for q in new.queues}
    before = {replace(b, exchange=renamed.get(b.exchange, b.exchange)) for b in old.bindings}
    after = set(new.bindings)
    for binding in sorted(after - before, key=repr):
        if binding.queue in lasting:
            why = "Old workers dead-letter what arrives through the new binding."
            yield _binding("binding-added", binding, spans, (), ("consumers",), why)
    for binding in sorted(before - after, key=repr):
        if binding.queue in lasting:
            why = "Nobody handles what still arrives through the old binding."
            yield _binding("binding-removed", binding, spans, ("producers", "stored"), (), why)


def _binding(
    code: str, binding: ir.QueueBinding, spans: dict[str, Span],
    breaks: tuple[Whom, ...], risks: tuple[Whom, ...], why: str,
) -> Change:  # fmt: skip
    return change(
        code, binding.queue, binding.queue, _span(spans, binding.queue),
        breaks=breaks, risks=risks, why=why, key=binding.routing_key, exchange=binding.exchange,
    )  # fmt: skip


def _own(topology: ir.Topology) -> str:
    """The name of the services' own exchange."""
    return next((e.name for e in topology.exchanges if e.shared), "")


def _spans(service: ir.Service) -> dict[str, Span]:
    return {o.queue: o.span for o in service.operations if o.queue is not None}


def _span(spans: dict[str, Span], queue: str) -> Span:
    return spans.get(queue.removesuffix(DEAD_LETTERS)) or next(iter(spans.values()), Span(""))


def _first(service: ir.Service) -> Span:
    spans = [thing.span for thing in service.operations]
    spans += [thing.span for thing in service.channels]
    return spans[0] if spans else Span(service.source)


def _shown(value: object) -> str:
    return "not set" if value is None else f"`{json.dumps(value, default=str)}`"

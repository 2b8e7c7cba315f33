"""One name on the broker stands for one thing: what two services declare in two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.checks.channel_bindings import queue_said
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.participant import Participant

Declared = ir.Exchange | ir.Queue
_NOT_COMPARED = {"name", "shared"}


def declarations(participants: Sequence[Participant]) -> Iterator[Finding]:
    """Exchanges and queues that differ, and queues that several services consume from."""
    first: dict[tuple[str, str], tuple[Participant, Declared]] = {}
    for participant in participants:
        topology = participant.service.topology
        exchanges: list[tuple[str, Declared]] = [("exchange", each) for each in topology.exchanges]
        queues: list[tuple[str, Declared]] = [("queue", each) for each in topology.queues]
        for thing, declared in (*exchanges, *queues):
            known = first.setdefault((thing, declared.name), (participant, declared))
            if known[0] is participant:
                continue
            said = _properties(known[1]), _properties(declared)
            yield from _different(thing, declared.name, (known[0], participant), said)
    declared_queues = {name: known for (thing, name), known in first.items() if thing == "queue"}
    for participant in participants:
        yield from _sent_to(participant, declared_queues)
    yield from _shared(participants)


def _sent_to(
    sender: Participant, queues: Mapping[str, tuple[Participant, Declared]]
) -> Iterator[Finding]:
    """What a service says of a queue that it only sends to: as far as it says anything."""
    own = {queue.name for queue in sender.service.topology.queues}
    for channel in sender.service.channels:
        said = queue_said(channel)
        known = queues.get(channel.queue or "")
        if known is None or channel.queue is None or channel.queue in own:
            continue
        whole = _properties(known[1])
        there = {key: whole[key] for key in said if key in whole}
        yield from _different("queue", channel.queue, (sender, known[0]), (said, there))


def _different(
    thing: str,
    name: str,
    services: tuple[Participant, Participant],
    said: tuple[Mapping[str, object], Mapping[str, object]],
) -> Iterator[Finding]:
    one, other = services
    names = sorted(
        key for key in said[0].keys() | said[1].keys() if said[0].get(key) != said[1].get(key)
    )
    if one is other or not names:
        return
    yield Finding(
        "declared-differently",
        f"{thing} {name}",
        _place(one, thing, name),
        {
            "thing": thing,
            "name": name,
            "one": one.name,
            "other": other.name,
            "difference": ", ".join(_said(key, said[0]) for key in names),
            "second": ", ".join(_said(key, said[1]) for key in names),
        },
        _place(other, thing, name),
        (one.name, other.name),
    )


def _properties(declared: Declared) -> Mapping[str, object]:
    own = {
        each.name: getattr(declared, each.name)
        for each in fields(declared)
        if each.name not in _NOT_COMPARED and each.name != "arguments"
    }
    return {**own, **dict(declared.arguments)}


def _said(key: str, properties: Mapping[str, object]) -> str:
    return f"{key} {properties[key]!r}" if key in properties else f"no {key}"


def _shared(participants: Sequence[Participant]) -> Iterator[Finding]:
    consuming: dict[str, list[Participant]] = {}
    for participant in participants:
        for queue in {o.queue: None for o in participant.service.operations if o.handlers}:
            if queue is not None:
                consuming.setdefault(queue, []).append(participant)
    for queue, found in consuming.items():
        if len(found) > 1:
            yield Finding(
                "queue-shared",
                f"queue {queue}",
                _place(found[0], "queue", queue),
                {
                    "name": queue,
                    "services": " and ".join(f"`{each.name}`" for each in found),
                    "other": found[1].name,
                },
                _place(found[1], "queue", queue),
                tuple(each.name for each in found),
            )


def _place(participant: Participant, thing: str, name: str) -> Span:
    """The channel that speaks of it, else the document."""
    service = participant.service
    for operation in service.operations:
        if thing == "queue" and operation.queue == name:
            return participant.place(operation.span)
    for channel in service.channels:
        if name in (channel.exchange, channel.queue):
            return participant.place(channel.span)
    return participant.place(Span(service.source.split(", ")[0]))

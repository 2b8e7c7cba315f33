"""What goes between two services, link by link, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jararaca_shared.printable import printable

from jararaca_compiler.linking.acceptance import Proven, Refuted, Verdict
from jararaca_compiler.linking.link import Link, LinkedSystem, Loss, Reply
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.report.witness_text import witness_text


def explain(system: LinkedSystem, one: str, other: str) -> str:
    """Every link from the one to the other, and back, with how it is routed and decided."""
    replies: dict[int, list[Reply]] = {}
    for reply in system.replies:
        replies.setdefault(id(reply.link), []).append(reply)
    told: list[str] = []
    for each in _between(system, one, other):
        told += _lost(each) if isinstance(each, Loss) else _lines(each, replies.get(id(each), ()))
    lines = [printable(line) for line in told]
    return "\n".join(lines or [f"nothing goes between `{one}` and `{other}`", ""])


def _between(system: LinkedSystem, one: str, other: str) -> Iterator[Link | Loss]:
    for sender, receiver in ((one, other), (other, one)):
        for link in system.links:
            names = link.publication.sender.name, link.reception.receiver.name
            if names == (sender, receiver):
                yield link
        for loss in system.losses:
            if (loss.publication.sender.name, loss.receiver.name) == (sender, receiver):
                yield loss
        if one == other:
            return


def _way(each: Link | Loss, receiver: Participant) -> Iterator[str]:
    publication = each.publication
    yield f"{publication.sender.name} sends {publication.message.name} ({publication.kind})"
    yield f"  by {publication.operation.id}, to the exchange {publication.exchange or '(default)'}"
    yield f"  under {publication.topic}, such as {each.routing_key}"
    yield f"  into the queue {each.queue} of {receiver.name}"


def _lost(loss: Loss) -> Iterator[str]:
    yield from _way(loss, loss.receiver)
    yield f"  lost: the queue knows {', '.join(loss.reason.known) or 'nothing'}"
    yield ""


def _lines(link: Link, replies: Iterable[Reply]) -> Iterator[str]:
    publication, reception = link.publication, link.reception
    yield from _way(link, reception.receiver)
    sure = "which" if link.is_certain else "where, if its constants say so,"
    as_ = "" if reception.message.name == publication.message.name else reception.message.name
    named = f" as {as_}" if as_ else ""
    yield f"  {sure} {reception.operation.id} takes{named}"
    for line in _decided(link.verdict):
        yield f"  {line}"
    if link.excluded is not None:
        parameter, value = link.excluded
        yield f"  refused: its {parameter} may be {value!r}"
    if link.unlocated is not None:
        yield f"  not proven: its {link.unlocated.name} is what stands at {link.unlocated.location}"
    for reply in replies:
        for line in _answered(reply):
            yield f"  {line}"
    yield ""


def _answered(reply: Reply) -> Iterator[str]:
    if reply.message is None:
        yield "no answer is given, and one is waited for"
    elif reply.verdict is None:
        yield f"the answer {reply.message.name} is not known"
    else:
        yield f"the answer {reply.message.name}:"
        for line in _decided(reply.verdict):
            yield f"  {line}"


def _decided(verdict: Verdict) -> Iterator[str]:
    if isinstance(verdict, Proven):
        which = "with declared fields " if verdict.is_declared_only else ""
        yield f"proven: every value that may be sent {which}is accepted"
        if verdict.undeclared is not None:
            text = witness_text(verdict.undeclared[0])
            yield f"  one with a field that the sender does not declare is not: {text}"
    elif isinstance(verdict, Refuted) and verdict.part == "content":
        yield "refused: the content type differs"
    elif isinstance(verdict, Refuted):
        yield f"refused: the {verdict.part} {witness_text(verdict.witness)}"
    else:
        yield f"not proven: neither a proof nor a refused {verdict.part} was found"

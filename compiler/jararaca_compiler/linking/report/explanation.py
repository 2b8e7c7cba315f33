"""What goes between two services, link by link, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_shared.printable import printable

from jararaca_compiler.linking.acceptance import Proven, Refuted, Verdict
from jararaca_compiler.linking.link import Link, LinkedSystem
from jararaca_compiler.linking.report.witness_text import witness_text


def explain(system: LinkedSystem, one: str, other: str) -> str:
    """Every link from the one to the other, and back, with how it is routed and decided."""
    known = {each.name for each in system.participants}
    for name in (one, other):
        if name not in known:
            return f"there is no service `{name}`: {', '.join(sorted(known))}\n"
    told = (line for link in _between(system, one, other) for line in _lines(link))
    lines = [printable(line) for line in told]
    return "\n".join(lines or [f"nothing goes between `{one}` and `{other}`", ""])


def _between(system: LinkedSystem, one: str, other: str) -> Iterator[Link]:
    for sender, receiver in ((one, other), (other, one)):
        for link in system.links:
            names = link.publication.sender.name, link.reception.receiver.name
            if names == (sender, receiver):
                yield link
        if one == other:
            return


def _lines(link: Link) -> Iterator[str]:
    publication, reception = link.publication, link.reception
    yield f"{publication.sender.name} sends {publication.message.name} ({publication.kind})"
    yield f"  by {publication.operation.id}, to the exchange {publication.exchange or '(default)'}"
    yield f"  under {publication.topic}, such as {link.routing_key}"
    yield f"  into the queue {link.queue} of {reception.receiver.name}"
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
    yield ""


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

"""A linked system as text: a line a link, then what is not linked, and the count."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_shared.printable import printable

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown, Verdict
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.link import Link, LinkedSystem, Loss

_COLOURS = {"proven": "32", "refused": "31;1", "not proven": "33", "lost": "31;1", "": "2"}
Row = tuple[str, str, str, str]


def verdict_word(verdict: Verdict) -> str:
    """`proven`, `refused` or `not proven`."""
    if isinstance(verdict, Refuted):
        return "refused"
    return "not proven" if isinstance(verdict, Unknown) else "proven"


def table(system: LinkedSystem, colour: bool) -> str:
    """The links by sender and topic; a publication that nobody takes has a line as well."""
    rows = [(*map(printable, row[:3]), row[3]) for row in _rows(system)]
    if not rows:
        return ""
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        word = f"\x1b[{_COLOURS[row[3]]}m{row[3]}\x1b[0m" if colour and row[3] else row[3]
        lines.append("  ".join([*cells, word]).rstrip())
    return "\n".join(lines) + "\n"


def _rows(system: LinkedSystem) -> Iterator[Row]:
    taken: dict[int, list[Link]] = {}
    not_taken: dict[int, list[Loss]] = {}
    for link in system.links:
        taken.setdefault(id(link.publication), []).append(link)
    for loss in system.losses:
        not_taken.setdefault(id(loss.publication), []).append(loss)
    for publication in system.publications:
        links, lost = taken.get(id(publication), []), not_taken.get(id(publication), [])
        sent = f"{publication.sender.name}.{publication.message.name}"
        for link in links:
            yield sent, publication.topic, _receiver(link), link_word(link)
        for loss in lost:
            yield sent, publication.topic, loss.receiver.name, "lost"
        if not links and not lost:
            yield sent, publication.topic, _nobody(publication), ""


def _nobody(publication: Publication) -> str:
    return "nobody takes it" if publication.kind == "task" else "nobody listens"


def _receiver(link: Link) -> str:
    return f"{link.reception.receiver.name}.{link.reception.operation.id}"


def link_word(link: Link) -> str:
    """`proven`, `refused` or `not proven`, of all that a link is about."""
    if link.excluded is not None or isinstance(link.verdict, Refuted):
        return "refused"
    return verdict_word(link.verdict) if link.unlocated is None else "not proven"


def summary(system: LinkedSystem) -> str:
    """`7 links between 3 services: 6 proven, 1 refused`."""
    words = [link_word(link) for link in system.links] + ["lost"] * len(system.losses)
    counts = [f"{words.count(word)} {word}" for word in _COLOURS if word and word in words]
    said = f"{count(len(words), 'link')} between {count(len(system.participants), 'service')}"
    return f"{said}: {', '.join(counts)}" if counts else said


def links_as_json(system: LinkedSystem) -> list[dict[str, object]]:
    """The links as JSON values, without what is wrong."""
    return [
        {
            "from": link.publication.sender.name,
            "message": link.publication.message.name,
            "operation": link.publication.operation.id,
            "exchange": link.publication.exchange,
            "topic": link.publication.topic,
            "routing_key": link.routing_key,
            "queue": link.queue,
            "to": link.reception.receiver.name,
            "handler": link.reception.operation.id,
            "received_as": link.reception.message.name,
            "verdict": link_word(link),
            "part": link.verdict.part if not isinstance(link.verdict, Proven) else None,
            "witness": link.verdict.witness if isinstance(link.verdict, Refuted) else None,
        }
        for link in system.links
    ]

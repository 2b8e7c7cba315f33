"""A linked system as text: a line a link, then what is not linked, and the count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from jararaca_shared.columns import UNLIMITED, laid_out
from jararaca_shared.printable import printable

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown, Verdict
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.link import Link, LinkedSystem, Loss

_COLOURS = {"proven": "32", "refused": "31;1", "not proven": "33", "lost": "31;1", "": "2"}
_ACCEPTED = "36"
_ORDER = [word for word in _COLOURS if word]
Row = tuple[str, str, str, str, str]
Accepted = Mapping[str, str]
"""What a team has agreed to, by what its finding is called: `accepted until 2027-01-31`."""


def verdict_word(verdict: Verdict) -> str:
    """`proven`, `refused` or `not proven`."""
    if isinstance(verdict, Refuted):
        return "refused"
    return "not proven" if isinstance(verdict, Unknown) else "proven"


def table(system: LinkedSystem, colour: bool, accepted: Accepted, room: int = UNLIMITED) -> str:
    """The links by sender and topic; a publication that nobody takes has a line as well."""
    rows = [
        [*map(printable, row[:3]), _painted(row[3], row[4], colour)]
        for row in _rows(system, accepted)
    ]
    return "".join(f"{line}\n" for line in laid_out(rows, room=room))


def _painted(word: str, accepted: str, colour: bool) -> str:
    text = f"{word} ({accepted})" if accepted else word
    style = _ACCEPTED if accepted else _COLOURS[word]
    return f"\x1b[{style}m{text}\x1b[0m" if colour and text else text


def _rows(system: LinkedSystem, accepted: Accepted) -> Iterator[Row]:
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
            said = _note(link, accepted)
            yield sent, publication.topic, _receiver(link), link_word(link), said
        for loss in lost:
            yield sent, publication.topic, loss.receiver.name, "lost", _note(loss, accepted)
        if not links and not lost:
            yield sent, publication.topic, _nobody(publication), "", ""


def _note(each: Link | Loss, accepted: Accepted) -> str:
    """How what is wrong with it is accepted; an empty text where it is not, or nothing is."""
    return "" if _word(each) == "proven" else accepted.get(subject(each), "")


def subject(each: Link | Loss) -> str:
    """What its findings are called."""
    if isinstance(each, Loss):
        return subject_of(each.publication, each.receiver)
    return subject_of(each.publication, each.reception.receiver, each.reception.operation)


def _word(each: Link | Loss) -> str:
    return "lost" if isinstance(each, Loss) else link_word(each)


def _nobody(publication: Publication) -> str:
    return "nobody takes it" if publication.kind == "task" else "nobody listens"


def _receiver(link: Link) -> str:
    return f"{link.reception.receiver.name}.{link.reception.operation.id}"


def link_word(link: Link) -> str:
    """`proven`, `refused` or `not proven`, of all that a link is about."""
    if link.excluded is not None or isinstance(link.verdict, Refuted):
        return "refused"
    return verdict_word(link.verdict) if link.unlocated is None else "not proven"


def summary(system: LinkedSystem, accepted: Accepted) -> str:
    """`7 links between 3 services: 5 proven, 1 refused, 1 refused (accepted)`."""
    each: tuple[Link | Loss, ...] = (*system.links, *system.losses)
    counts = Counter((_word(one), _note(one, accepted) != "") for one in each)
    told = [
        f"{counts[word, agreed]} {word}{' (accepted)' if agreed else ''}"
        for word in _ORDER
        for agreed in (False, True)
        if counts[word, agreed]
    ]
    said = f"{count(len(each), 'link')} between {count(len(system.participants), 'service')}"
    return f"{said}: {', '.join(told)}" if told else said


def links_as_json(system: LinkedSystem, accepted: Accepted) -> list[dict[str, object]]:
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
            "accepted": _note(link, accepted) != "",
            "part": link.verdict.part if not isinstance(link.verdict, Proven) else None,
            "witness": link.verdict.witness if isinstance(link.verdict, Refuted) else None,
        }
        for link in system.links
    ]

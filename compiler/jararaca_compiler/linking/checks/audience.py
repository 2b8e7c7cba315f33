"""Who takes a message: a task has one worker, an event has listeners, and both have a sender."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.link import Link, LinkedSystem


def audience(system: LinkedSystem) -> Iterator[Finding]:
    """Messages with no receiver, with too many, and receivers without a sender."""
    links: dict[int, list[Link]] = {}
    for link in system.links:
        links.setdefault(id(link.publication), []).append(link)
    lost = {id(loss.publication) for loss in system.losses}
    for publication in system.publications:
        found = links.get(id(publication), [])
        if publication.kind == "task":
            yield from _workers(publication, found)
        if not found and id(publication) not in lost:
            code = "task-without-worker" if publication.kind == "task" else "event-unheard"
            yield _alone(code, publication)
    yield from _never_sent(system)


def _workers(publication: Publication, links: Sequence[Link]) -> Iterator[Finding]:
    taking = {link.reception.receiver.name: link for link in links}
    if len(taking) < 2:
        return
    names = sorted(taking)
    last = taking[names[-1]].reception
    yield Finding(
        "task-taken-twice",
        subject_of(publication),
        publication.sender.place(publication.operation.span),
        {
            "message": publication.message.name,
            "sender": publication.sender.name,
            "receivers": " and ".join(f"`{name}`" for name in names),
        },
        last.receiver.place(last.operation.span),
        (publication.sender.name, *names),
        last.controller_method,
    )


def _alone(code: str, publication: Publication) -> Finding:
    return Finding(
        code,
        subject_of(publication),
        publication.sender.place(publication.operation.span),
        {
            "message": publication.message.name,
            "sender": publication.sender.name,
            "topic": publication.topic,
        },
        between=(publication.sender.name,),
    )


def _never_sent(system: LinkedSystem) -> Iterator[Finding]:
    taken = {
        (id(link.reception.receiver), link.reception.operation.id, link.reception.message.name)
        for link in system.links
    }
    for receiver in system.participants:
        for operation in receiver.service.operations:
            for handler in operation.handlers:
                message = receiver.message(handler.message)
                clock = message.schedule is not None
                if clock or (id(receiver), operation.id, message.name) in taken:
                    continue
                yield Finding(
                    "never-sent",
                    f"{receiver.name}.{operation.id}",
                    receiver.place(operation.span),
                    {
                        "message": message.name,
                        "receiver": receiver.name,
                        "topic": receiver.channel(operation.channel).address or "",
                    },
                    between=(receiver.name,),
                )

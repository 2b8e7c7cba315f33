"""What a sender asks of a queue in vain: priorities, and an end of waiting in a stream."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import Link, LinkedSystem

_STREAM, _QUORUM = "stream", "quorum"
_HIGHEST_ANYWHERE = 255


def unheeded(system: LinkedSystem) -> Iterator[Finding]:
    """Publications whose properties their queue does not heed (RabbitMQ: priority.html,
    streams.html)."""
    for link in system.links:
        asked = link.publication.publishing
        arguments = _arguments(link)
        if arguments is None:
            continue
        kind = arguments.get("x-queue-type", "classic")
        if asked.expiration is not None and kind == _STREAM:
            yield _finding(link, f"the expiration {asked.expiration} ms", "it is a stream")
        if asked.priority:
            reason = _priority(asked.priority, str(kind), arguments.get("x-max-priority"))
            if reason:
                yield _finding(link, f"the priority {asked.priority}", reason)


def _priority(priority: int, kind: str, most: object) -> str:
    """Why a priority has no effect, or less than it says; empty where it has."""
    if kind == _STREAM:
        return "it is a stream"
    if kind == _QUORUM:  # Two of them, from RabbitMQ 4.0 on.
        return ""
    if not isinstance(most, int):
        return "it has no `x-max-priority`"
    return f"its `x-max-priority` is {most}" if most < priority <= _HIGHEST_ANYWHERE else ""


def _arguments(link: Link) -> dict[str, object] | None:
    queues = link.reception.receiver.service.topology.queues
    found = next((queue for queue in queues if queue.name == link.queue), None)
    return None if found is None else dict(found.arguments)


def _finding(link: Link, what: str, reason: str) -> Finding:
    publication, reception = link.publication, link.reception
    return Finding(
        "publishing-without-effect",
        subject_of(publication, reception.receiver, reception.operation),
        publication.sender.place(publication.operation.span),
        {
            "sender": publication.sender.name,
            "message": publication.message.name,
            "receiver": reception.receiver.name,
            "queue": link.queue,
            "what": what,
            "reason": reason,
        },
        reception.receiver.place(reception.operation.span),
        (publication.sender.name, reception.receiver.name),
        reception.controller_method,
    )

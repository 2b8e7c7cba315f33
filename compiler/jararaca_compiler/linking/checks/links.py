"""Links whose receiver refuses what is sent, or that nothing proves."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown, shown
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import Link, LinkedSystem
from jararaca_compiler.linking.report.witness_text import witness_text

_ARTICLES = {"event": "an event", "task": "a task", "websocket": "a WebSocket message"}


def broken_links(system: LinkedSystem) -> Iterator[Finding]:
    """What is wrong with each link by itself."""
    for link in system.links:
        yield from _kind(link)
        yield from _content(link)
        if link.excluded is not None:
            parameter, value = link.excluded
            yield _finding("parameter-refused", link, parameter=parameter, value=value)
        if link.unlocated is not None:
            at = link.unlocated
            yield _finding("parameter-not-proven", link, parameter=at.name, location=at.location)


def losses(system: LinkedSystem) -> Iterator[Finding]:
    """Messages that come to a queue which does not know them."""
    for loss in system.losses:
        publication = loss.publication
        taking = [o for o in loss.receiver.service.operations if o.queue == loss.queue]
        yield Finding(
            "message-unknown",
            subject_of(publication, loss.receiver),
            publication.sender.place(publication.operation.span),
            {
                "sender": publication.sender.name,
                "message": publication.message.name,
                "receiver": loss.receiver.name,
                "queue": loss.queue,
                "known": ", ".join(f"`{name}`" for name in loss.reason.known) or "nothing",
            },
            loss.receiver.place(taking[0].span) if taking else None,
            (publication.sender.name, loss.receiver.name),
        )


def _kind(link: Link) -> Iterator[Finding]:
    sent, received = link.publication.kind, link.reception.message.kind
    if sent != received:
        yield _finding("kind-differs", link, sent=_ARTICLES[sent], received=_ARTICLES[received])


def _content(link: Link) -> Iterator[Finding]:
    verdict = link.verdict
    if isinstance(verdict, Unknown):
        yield _finding("message-not-proven", link, part=verdict.part)
    elif isinstance(verdict, Refuted) and verdict.part == "content":
        sent, received = link.publication.message, link.reception.message
        types = {"sent": sent.content_type, "received": received.content_type}
        if sent.content_type == received.content_type:
            types = {"sent": "one schema", "received": "another"}
        yield _finding("content-type-differs", link, **types)
    elif isinstance(verdict, Refuted):
        witness, reason = witness_text(verdict.witness), verdict.reason
        values = {"part": verdict.part, "witness": witness, "reason": reason}
        yield _finding("message-refused", link, **values)
    elif isinstance(verdict, Proven) and verdict.undeclared is not None:
        text = witness_text(verdict.undeclared[0])
        yield _finding("undeclared-fields-refused", link, witness=text)


def _finding(code: str, link: Link, **values: object) -> Finding:
    publication, reception = link.publication, link.reception
    part = values.get("part")
    return Finding(
        code,
        subject_of(publication, reception.receiver, reception.operation),
        publication.sender.place(_span(publication.message, part)),
        {
            "sender": publication.sender.name,
            "message": publication.message.name,
            "receiver": reception.receiver.name,
            **values,
        },
        reception.receiver.place(_span(reception.message, part)),
        (publication.sender.name, reception.receiver.name),
        reception.controller_method,
        shown(link.verdict) if "witness" in values else None,
    )


def _span(message: ir.Message, part: object) -> Span:
    """Where the part is written; the message where there is none, or it is about no part."""
    said = {"payload": message.payload, "headers": message.headers}.get(str(part))
    return message.span if said is None else said.span

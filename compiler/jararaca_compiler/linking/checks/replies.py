"""Answers that are missing, or that the requester cannot take."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.acceptance import Refuted, Unknown, shown
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import LinkedSystem, Reply
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.report.witness_text import witness_text


def broken_replies(system: LinkedSystem) -> Iterator[Finding]:
    """What is wrong with the answers of each request."""
    for reply in system.replies:
        publication, reception = reply.link.publication, reply.link.reception
        requested = publication.sender.place(publication.operation.span)
        if reply.message is None:
            handled = reception.receiver.place(reception.operation.span)
            yield _finding("reply-missing", reply, requested, handled)
            continue
        answered = reception.receiver.place(reply.message.span)
        verdict = reply.verdict
        if verdict is None:
            yield _finding("reply-unknown", reply, requested, answered)
        elif isinstance(verdict, Refuted):
            witness, reason = witness_text(verdict.witness), verdict.reason
            shown = {"part": verdict.part, "witness": witness, "reason": reason}
            if verdict.part == "content":
                said = reply.message.content_type
                shown = {"part": "content type", "witness": said, "reason": "another is expected"}
            yield _finding("reply-refused", reply, requested, answered, **shown)
        elif isinstance(verdict, Unknown):
            yield _finding("reply-not-proven", reply, requested, answered)


def correlations(system: LinkedSystem) -> Iterator[Finding]:
    """Requests and answers whose reader looks for the correlation id where it is not written."""
    asked: set[int] = set()
    for reply in system.replies:
        publication, reception = reply.link.publication, reply.link.reception
        asker, answerer = publication.sender, reception.receiver
        if id(reply.link) not in asked:
            asked.add(id(reply.link))
            yield from _correlation(reply, asker, publication.message, answerer, reception.message)
        if reply.message is not None and reply.expected is not None:
            yield from _correlation(reply, answerer, reply.message, asker, reply.expected)


def _correlation(
    reply: Reply, writer: Participant, written: ir.Message, reader: Participant, read: ir.Message
) -> Iterator[Finding]:
    if read.correlation_id is None or read.correlation_id == written.correlation_id:
        return
    yield _finding(
        "correlation-differs",
        reply,
        writer.place(written.span),
        reader.place(read.span),
        message=written.name,
        writer=writer.name,
        reader=reader.name,
        expected=read.correlation_id,
        written=written.correlation_id or "no place of its document's",
    )


def _finding(code: str, reply: Reply, span: Span, related: Span, **values: object) -> Finding:
    publication, reception = reply.link.publication, reply.link.reception
    return Finding(
        code,
        subject_of(publication, reception.receiver, reception.operation),
        span,
        {
            "sender": publication.sender.name,
            "message": publication.message.name,
            "receiver": reception.receiver.name,
            "reply": "" if reply.message is None else reply.message.name,
            **values,
        },
        related,
        (publication.sender.name, reception.receiver.name),
        reception.controller_method,
        None if reply.verdict is None else shown(reply.verdict),
    )

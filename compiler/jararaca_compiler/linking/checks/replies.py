"""Answers that are missing, or that the requester cannot take."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.acceptance import Refuted, Unknown, shown
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import LinkedSystem, Reply
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

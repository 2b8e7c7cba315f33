"""The answers to requests: who asks must take all that may be answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jararaca_compiler import ir
from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.delivery.matching import wire_name
from jararaca_compiler.linking.link import Link, Reply
from jararaca_compiler.linking.participant import Participant


def replies(link: Link, acceptance: Acceptance) -> Iterator[Reply]:
    """The answers of a link's handler; nothing where nobody asks for one."""
    requester, responder = link.publication.sender, link.reception.receiver
    expected = _answers(requester, link.publication.operation.reply)
    if not expected:
        return
    answers = _answers(responder, link.reception.operation.reply)
    if not answers:
        yield Reply(link, None, None, None)
    for answer in answers:
        known = _known_as(answer, expected)
        if known is None:
            yield Reply(link, answer, None, None)
            continue
        verdict = acceptance.verdict(answer, responder, known, requester)
        yield Reply(link, answer, known, verdict)


def _answers(participant: Participant, reply: ir.Reply | None) -> list[ir.Message]:
    return [] if reply is None else [participant.message(name) for name in reply.messages]


def _known_as(answer: ir.Message, expected: Sequence[ir.Message]) -> ir.Message | None:
    """By the AMQP `type`; a requester that expects one answer takes whatever comes as that."""
    if len(expected) == 1:
        return expected[0]
    return next((each for each in expected if wire_name(each) == wire_name(answer)), None)

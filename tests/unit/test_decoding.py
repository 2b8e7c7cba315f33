"""What cannot be decoded is told in the words of who sent it."""

from __future__ import annotations

import gzip
import re

import pytest
from jararaca import Message, MessageHandler, MessageOf, route
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision
from jararaca.handling.decoding import decode
from jararaca.publishing.publication import MAX_BODY
from jararaca.transport import Delivery, Properties


class Job(Message):
    MESSAGE_TOPIC = "job"
    MESSAGE_TYPE = "task"
    number: int


class Jobs:
    @MessageHandler(Job)
    async def work(self, message: MessageOf[Job]) -> None: ...


ROUTE = route(
    operation="work",
    queue="jobs",
    binding_keys=("job",),
    message=Job,
    controller=Jobs,
    handler=Jobs.work,
)
HANDLER = BoundHandler(ROUTE, spec_of(Jobs.work), Jobs().work)


def delivered(body: bytes, encoding: str | None = None) -> Delivery:
    properties = Properties("1", "Job", content_encoding=encoding)
    return Delivery("jobs", "job", "", body, properties, {}, False, None)


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (b"\x00Su\xc0\x00", None, "the body is an AMQP 1.0 .*: send JSON as data, as text or as"),
        (b"\x00Sw\x9f", None, "the body is an AMQP 1.0 value of the type 0x9f: send JSON"),
        (b"xx", "gzip", "the body is said to be gzip, and is not gzip"),
        (gzip.compress(b"{}")[:-1], "gzip", "the body is said to be gzip, and is cut off"),
        (b"x", "br", r"not a valid Job: .* \(its content_encoding is 'br', and only gzip and"),
        (b"x", "UTF-8", "not a valid Job: .*[^)]$"),
        (b"x", None, "not a valid Job: .*[^)]$"),
        (b" " * (MAX_BODY + 1), None, f"the body is {MAX_BODY + 1} bytes, and {MAX_BODY} are"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_dead_letter_that_says_why(
    body: bytes, encoding: str | None, why: str
) -> None:
    decision = decode(HANDLER, delivered(body, encoding))
    assert type(decision) is Decision and isinstance(decision.settlement, DeadLetter)
    assert decision.handler is HANDLER
    assert re.match(why, decision.settlement.reason), decision.settlement.reason


@pytest.mark.parametrize("encoding", [None, "identity", "utf-8", ""])
def test_a_body_that_is_as_it_is_becomes_its_message(encoding: str | None) -> None:
    message = decode(HANDLER, delivered(b'{"number":7}', encoding))
    assert isinstance(message, MessageOf)
    assert (message.payload().number, message.attempt, dict(message.parameters)) == (7, 1, {})


def test_the_largest_body_is_read() -> None:
    body = b'{"number":7}'
    message = decode(HANDLER, delivered(body + b" " * (MAX_BODY - len(body))))
    assert isinstance(message, MessageOf)

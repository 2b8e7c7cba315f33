"""What becomes of a decided delivery: the copies that move it on, who is told, and its log line."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest
from jararaca.contract import headers
from jararaca.errors import DecodeError
from jararaca.handling import settling
from jararaca.handling.decision import DeadLetter, Decision, Redeliver, Requeue
from jararaca.handling.redelivery import MAX_TEXT, attempt_of, dead_letter, set_aside, strikes_of
from jararaca.handling.reporting import log
from jararaca.handling.settling import Settler

from tests.support.asks import ANSWERS, Transport, bound, delivery


@pytest.mark.parametrize("queue", [ANSWERS, "billing.other", "jararaca.replies.1", None])
@pytest.mark.parametrize("known", [True, False])
async def test_who_asked_is_told_where_the_document_or_the_name_says_so(
    queue: str | None, known: bool
) -> None:
    """The document's own `reply_to` is known once the message is."""
    transport, reported = Transport(), list[Decision]()
    settler = Settler(cast(Any, transport), reported.append, (), in_order=False)
    sent = delivery(queue, sent={headers.REQUEST: True})
    decision = Decision(sent, DeadLetter("broken"), bound() if known else None)
    await settler.settle(decision)
    letter, *told = transport.published
    assert letter.routing_key == "asks.dead-letters"
    expected = {"jararaca.replies.1", ANSWERS} if known else {"jararaca.replies.1"}
    assert [each.routing_key for each in told] == ([queue] if queue in expected else [])
    assert transport.acked == [sent] and reported == [decision]


async def test_a_letter_goes_to_the_queues_own_where_the_shared_one_is_not_there() -> None:
    transport = Transport()
    transport.missing = {"shared"}
    settler = Settler(cast(Any, transport), lambda _: None, (), in_order=False, letters="shared")
    await settler.settle(Decision(delivery(), DeadLetter("broken")))
    assert [each.routing_key for each in transport.published] == ["asks.dead-letters"]


@pytest.mark.parametrize(
    ("error", "shown"), [(DecodeError("odd"), False), (ValueError("odd"), True), (None, False)]
)
def test_a_dead_letter_is_logged_with_its_traceback_unless_its_body_is_what_is_wrong(
    error: Exception | None, shown: bool, caplog: pytest.LogCaptureFixture
) -> None:
    log(Decision(delivery(), DeadLetter("why"), bound(), error=error, attempt=2))
    [record] = caplog.records
    assert record.getMessage() == "Asks.answer: ask id dead-lettered: why"
    assert bool(record.exc_info and record.exc_info[1]) is shown
    told = cast(Any, record)
    assert (told.handler, told.message_id, told.topic, told.attempt) == (
        "Asks.answer",
        "id",
        "ask",
        2,
    )


def test_a_line_without_a_message_id_or_a_handler_says_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log(Decision(delivery(message_id=None), DeadLetter("why")))
    [record] = caplog.records
    assert record.getMessage() == "asks: ask dead-lettered: why"
    assert cast(Any, record).message_id is None


@pytest.mark.parametrize(("error", "text"), [(ValueError("x"), ": ValueError: x"), (None, "")])
def test_a_retry_is_logged_with_why(
    error: Exception | None, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    log(Decision(delivery(), Redeliver(1.0, 2), bound(), error=error))
    told = f"Asks.answer: ask id will be retried in 1.0 s (attempt 2){text}"
    assert [each.getMessage() for each in caplog.records] == [told]
    assert caplog.records[0].levelno == logging.WARNING


@pytest.mark.parametrize(
    ("value", "attempt"),
    [(1, 1), (2, 2), (0, 1), (-1, 1), (True, 1), ("3", 1), (None, 1)],
)
def test_an_attempt_is_a_number_from_one(value: object, attempt: int) -> None:
    assert attempt_of(delivery(sent={headers.ATTEMPT: value})) == attempt


def test_a_copy_says_no_more_than_there_is_to_say() -> None:
    aside = set_aside(delivery(), 1, 0)
    assert headers.UNSETTLED not in aside.headers and aside.headers[headers.ATTEMPT] == 1
    aside = set_aside(delivery(), 1, 1)
    assert strikes_of(delivery(sent=dict(aside.headers))) == 1
    letter = dead_letter(delivery(), "letters", "x" * MAX_TEXT, None, None)
    assert letter.mandatory and letter.signed
    assert headers.HANDLER not in letter.headers and headers.TRACEBACK not in letter.headers
    assert letter.headers[headers.REASON] == "x" * MAX_TEXT
    cut = dead_letter(delivery(), "letters", "x" * (MAX_TEXT + 1), "Asks.answer", ValueError())
    assert cut.headers[headers.REASON] == "x" * (MAX_TEXT - 1) + "…"
    assert cut.headers[headers.HANDLER] == "Asks.answer"
    assert cut.headers[headers.ERROR_TYPE] == "builtins.ValueError"


async def test_a_requeue_publishes_nothing_and_acks_nothing() -> None:
    transport, reported = Transport(), list[Decision]()
    settler = Settler(cast(Any, transport), reported.append, (), in_order=False)
    decision = Decision(delivery(), Requeue())
    await settler.settle(decision)
    assert (transport.published, transport.acked) == ([], [])
    assert transport.requeued == [decision.delivery] and reported == [decision]


async def test_what_cannot_be_tried_again_is_a_dead_letter_that_says_so() -> None:
    transport, reported = Transport(), list[Decision]()
    transport.refuses = lambda publication: publication.routing_key == "asks"
    settler = Settler(cast(Any, transport), reported.append, (), in_order=False)
    decision = Decision(delivery(), Redeliver(1.0, 2), bound(), error=ValueError("broken"))
    await settler.settle(decision)
    [letter] = transport.published
    assert letter.routing_key == "asks.dead-letters"
    told = "it cannot be tried again: its headers have no room"
    assert letter.headers[headers.REASON] == told
    assert reported == [decision] and decision.settlement == DeadLetter(told)
    assert transport.acked == [decision.delivery]


async def test_what_no_letter_can_be_made_of_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BROKER_PAUSE", 0.0)
    transport, reported = Transport(), list[Decision]()
    transport.refuses = lambda publication: True
    settler = Settler(cast(Any, transport), reported.append, (), in_order=False)
    decision = Decision(delivery(), DeadLetter("broken"))
    await settler.settle(decision)
    assert (transport.requeued, transport.acked, reported) == ([decision.delivery], [], [])

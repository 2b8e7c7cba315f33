"""Which of the messages that fail as in an outage fails for its own reason."""

from __future__ import annotations

import asyncio

from jararaca.handling.middlewares.circuit import Circuit
from jararaca.handling.middlewares.failing import KEPT, TO_BLAME, FailingMessages, key_of
from jararaca.transport import Delivery, Properties

A, B, C = b"a", b"b", b"c"


def delivery(body: bytes, message_id: str) -> Delivery:
    """A delivery of a queue."""
    properties = Properties(message_id=message_id)
    return Delivery("queue", "topic", "", body, properties, {}, False, None)


def own(messages: FailingMessages, key: bytes, now: float = 0, limit: float | None = None) -> bool:
    """Whether the message is blamed for its failure."""
    return messages.failed(key, now, limit) == "message"


def test_what_fails_alone_after_others_have_passed_is_to_blame() -> None:
    messages = FailingMessages()
    assert messages.failed(A, 0, None) == "nobody"
    messages.passed(B)
    assert [messages.failed(A, 0, None) for _ in range(TO_BLAME)] == [
        "perhaps",
        "perhaps",
        "message",
    ]


def test_its_later_attempts_are_its_own_failures_at_once() -> None:
    messages = FailingMessages()
    messages.failed(A, 0, None)
    messages.passed(B)
    for _ in range(TO_BLAME):
        messages.failed(A, 0, None)
    assert own(messages, A, 0, None)


def test_once_it_has_passed_nothing_is_held_against_it() -> None:
    messages = FailingMessages()
    messages.failed(A, 0, None)
    messages.passed(B)
    for _ in range(TO_BLAME):
        messages.failed(A, 0, None)
    messages.passed(A)
    assert not own(messages, A, 0, None)


def test_while_nothing_passes_nobody_is_to_blame() -> None:
    messages = FailingMessages()
    for now in range(100):
        assert not any(own(messages, each, now, None) for each in (A, B, C))


def test_a_message_that_comes_when_nothing_works_any_more_is_not_to_blame() -> None:
    messages = FailingMessages()
    messages.passed(B)
    assert not any(own(messages, A, 0, None) for _ in range(10 * TO_BLAME))


def test_two_that_fail_among_others_that_pass_are_found_one_after_the_other() -> None:
    messages = FailingMessages()
    found = []
    for _ in range(2 * TO_BLAME + 2):
        found += [each for each in (A, B) if each not in found and own(messages, each)]
        messages.passed(C)
    assert found == [A, B]


def test_the_limit_is_for_a_message_that_fails_alone() -> None:
    messages = FailingMessages()
    assert not own(messages, A, 0, 10)
    assert not own(messages, A, 9.9, 10)
    assert own(messages, A, 10, 10)
    assert own(messages, A, 11, 10), "its next attempt"


def test_the_limit_is_not_for_an_outage_of_several() -> None:
    messages = FailingMessages()
    messages.failed(B, 0, 10)
    assert not any(own(messages, A, now, 10) for now in range(100))


def test_the_next_message_has_a_limit_of_its_own() -> None:
    messages = FailingMessages()
    messages.failed(A, 0, 10)
    assert own(messages, A, 10, 10)
    assert not own(messages, B, 10, 10)
    assert not own(messages, B, 19, 10)
    assert own(messages, B, 20, 10)


def test_only_so_many_are_remembered() -> None:
    messages = FailingMessages()
    for number in range(10 * KEPT):
        messages.failed(str(number).encode(), 0, None)
    assert len(messages._known) == KEPT
    assert len(messages._since_pass) == KEPT


def test_a_message_is_known_again_by_its_id_and_its_body() -> None:
    one = delivery(b"1", message_id="a")
    assert key_of(one) == key_of(delivery(b"1", message_id="a"))
    assert key_of(one) != key_of(delivery(b"2", message_id="a"))
    assert key_of(one) != key_of(delivery(b"1", message_id="\ud800"))


async def test_a_turn_that_comes_too_late_is_the_next_ones() -> None:
    circuit = Circuit()
    circuit.failed()
    first, second = (asyncio.ensure_future(circuit.admitted()) for _ in range(2))
    await asyncio.sleep(0)
    circuit._next()
    first.cancel()
    await asyncio.wait_for(second, 1)

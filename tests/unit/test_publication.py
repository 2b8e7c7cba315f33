"""What goes to the broker for a message: its time, and the limits that are told before."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from jararaca import Message, PublishParameterError
from jararaca.publishing import publication
from jararaca.publishing.publication import Answer, publication_of
from jararaca.transport import DELAY_LEVELS, DELAY_UNIT, MAX_DELAY, Properties, Terms
from jararaca.transport.amqp.fast.wire import content
from jararaca.transport.amqp.fast.wire.tables import encode_value


class Note(Message):
    MESSAGE_TOPIC = "note"
    text: str = ""


def test_a_publication_has_the_second_that_it_was_made_in() -> None:
    before = int(time.time())
    made = publication_of(Note()).properties.timestamp
    assert made is not None
    assert before <= made.timestamp() <= time.time()
    assert made == datetime.fromtimestamp(int(made.timestamp()), UTC)


def test_a_body_and_a_delay_beyond_their_limits_are_refused_each_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publication, "MAX_BODY", 100)
    size = 100 - len(Note().encode())
    assert publication_of(Note(text="x" * size)).body
    with pytest.raises(PublishParameterError, match="can have 100 at most"):
        publication_of(Note(text="x" * (size + 1)), delay=MAX_DELAY)
    assert publication_of(Note(), delay=MAX_DELAY).delay == MAX_DELAY
    with pytest.raises(PublishParameterError, match="a delay can be 310 days at most"):
        publication_of(Note(), delay=MAX_DELAY + 1)


def test_each_publication_has_an_id_of_its_own_unless_one_is_given() -> None:
    made = [publication_of(Note()).properties.message_id for _ in range(2)]
    assert all(made) and made[0] != made[1]
    assert publication_of(Note(), message_id="mine").properties.message_id == "mine"


@pytest.mark.parametrize("kind", ["event", "task"])
@pytest.mark.parametrize("said", [None, True, False])
def test_a_task_needs_a_queue_and_an_event_none_unless_its_message_says_so(
    kind: str, said: bool | None
) -> None:
    told = type("Told", (Note,), {"MESSAGE_TYPE": kind, "MESSAGE_MANDATORY": said})
    assert publication_of(told()).mandatory is ((kind == "task") if said is None else said)


def test_where_a_message_goes_is_what_its_class_says() -> None:
    assert (publication_of(Note()).exchange, publication_of(Note()).routing_key) == (None, "note")
    straight = type("Straight", (Note,), {"MESSAGE_QUEUE": "theirs", "MESSAGE_EXCHANGE": "x"})
    made = publication_of(straight())
    assert (made.exchange, made.routing_key) == ("", "theirs")
    answer = publication_of(straight(), answer=Answer("replies", None))
    assert (answer.exchange, answer.routing_key, answer.properties.correlation_id) == (
        "",
        "replies",
        None,
    )
    assert publication_of(Note(), delay=-1).delay == 0.0


def test_the_longest_delay_is_what_all_levels_add_up_to() -> None:
    tenths = sum(2**level for level in range(DELAY_LEVELS))
    assert round(MAX_DELAY / DELAY_UNIT) == tenths


def test_what_jararaca_has_no_use_for_in_a_content_header_is_passed_over() -> None:
    sent = Properties(message_id="1", type="Note", priority=3)
    written = content.write(sent, {"a": 1}, 0, Terms(expiration=5, user_id="shop"))
    read, headers = content.read(written)
    assert (read, dict(headers)) == (sent, {"a": 1})
    assert content.user_id_of(written) == "shop"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, -1, 2**31, -(2**31) - 1])
def test_whole_numbers_of_64_bits_are_written(number: int) -> None:
    assert encode_value(number)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_larger_ones_are_refused(number: int) -> None:
    with pytest.raises(TypeError, match="64 bits"):
        encode_value(number)


def test_the_largest_body_is_what_rabbitmq_takes() -> None:
    """Its `max_message_size`, since RabbitMQ 4.0."""
    assert publication.MAX_BODY == 16_777_216

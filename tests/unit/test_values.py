"""Topics, retry policies, message ids and message bodies as values."""

from __future__ import annotations

import copy
import os
import pickle
import time
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jararaca import DecodeError, Message, PublishParameterError, RetryPolicy, RootMessage
from jararaca.contract.message_ids import AT_A_TIME, new_message_id
from jararaca.contract.topics import matches, routing_key, values
from jararaca.transport import Properties
from pydantic import Field


class Ordered(Message):
    order_id: UUID = Field(alias="orderId")
    quantity: int
    note: str | None = None


class Numbers(RootMessage[list[int]]):
    """An array on the wire."""


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("user", "user.created", False),
        ("user.*", "user.created", True),
        ("user.*", "user", False),
        ("#", "a.b.c", True),
        ("a.#.c", "a.c", True),
        ("a.#.c", "a.b.b.c", True),
        ("a.#.c", "a.b", False),
        ("user.created", "user.created", True),
    ],
)
def test_a_binding_key_matches_by_whole_words(pattern: str, key: str, expected: bool) -> None:
    assert matches(pattern, key) is expected


def test_a_topic_takes_just_its_parameters() -> None:
    assert routing_key("order.{region}.placed", {"region": "eu"}) == "order.eu.placed"
    assert values((("region", 1),), "order.eu.placed") == {"region": "eu"}
    for wrong in ({}, {"region": "eu", "zone": "1"}, {"region": "a.b"}, {"region": ""}):
        with pytest.raises(PublishParameterError):
            routing_key("order.{region}.placed", wrong)
    with pytest.raises(PublishParameterError):
        routing_key("order.placed", {"region": "eu"})


@given(st.integers(1, 2_000), st.floats(0, 0.999))
def test_a_delay_stays_between_its_bounds(attempt: int, chance: float) -> None:
    policy = RetryPolicy(max_retries=2_000, initial_delay=0.5, max_delay=60, jitter=0.2)
    delay = policy.delay(attempt, chance)
    assert delay is not None
    assert 0.4 <= delay <= 72


def test_a_policy_that_could_spin_is_refused() -> None:
    for wrong in ({"initial_delay": 0}, {"backoff_factor": 0.5}, {"max_retries": -1}):
        with pytest.raises(ValueError, match="RetryPolicy needs"):
            RetryPolicy(**wrong)


def test_message_ids_are_version_7_and_sort_by_time() -> None:
    first = new_message_id()
    time.sleep(0.002)
    second = new_message_id()
    assert first < second
    assert UUID(first).version == 7
    assert UUID(first).variant == "specified in RFC 4122"


def test_message_ids_differ_beyond_what_the_system_is_asked_for_at_once() -> None:
    made = [new_message_id() for _ in range(3 * AT_A_TIME)]
    assert len({each[14:] for each in made}) == len(made), "their random bits, not their times"
    assert all(str(UUID(each)) == each and UUID(each).version == 7 for each in made)
    assert {each[19] for each in made} == set("89ab")


def test_a_forked_process_makes_ids_of_its_own() -> None:
    new_message_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_message_id()[14:].encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 64).decode() != new_message_id()[14:]
    os.close(reading)
    os.close(writing)


def test_values_that_are_made_quickly_are_equal_and_hashed_as_values_are() -> None:
    one, other = Properties(message_id="1"), Properties(message_id="1")
    assert one == other and hash(one) == hash(other) and one != Properties(message_id="2")
    assert replace(one, type="Order") == Properties(message_id="1", type="Order")
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one


def test_a_body_uses_the_names_of_the_wire_and_comes_back_the_same() -> None:
    message = Ordered(order_id=UUID(int=1), quantity=2)
    body = message.encode()
    assert body == b'{"orderId":"00000000-0000-0000-0000-000000000001","quantity":2,"note":null}'
    assert Ordered.decode(body) == message
    assert Numbers.decode(b"[1,2]").root == [1, 2]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[]", "should be an object"),
        (b'{"orderId":"00000000-0000-0000-0000-000000000001","quantity":"2"}', "quantity"),
        (b'{"quantity":2}', "orderId: Field required"),
        (b'{"order_id":"00000000-0000-0000-0000-000000000001","quantity":2}', "orderId"),
    ],
)
def test_a_body_that_does_not_fit_is_told_with_every_reason(body: bytes, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        Ordered.decode(body)

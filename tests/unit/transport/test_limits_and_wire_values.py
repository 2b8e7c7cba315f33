"""What goes into a frame is counted to the byte, and values come as AMQP has them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from jararaca.errors import PublishParameterError
from jararaca.transport import Delivery, Properties, Publication, Terms, provenance
from jararaca.transport.client_logs import quieten
from jararaca.transport.home_loop import HomeLoop
from jararaca.transport.limits import FIXED, check, size_of
from jararaca.transport.memory.wire_values import value_of


class Level(IntEnum):
    HIGH = 7


class Half(float):
    pass


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (True, 2),
        (None, 1),
        ("", 5),
        ("ä", 7),
        (1, 9),
        (Level.HIGH, 9),
        (0.5, 9),
        (b"xy", 7),
        (bytearray(b"xy"), 7),
        (datetime(2020, 1, 1, tzinfo=UTC), 9),
        (Decimal("1.5"), 6),
        ({"n": 1}, 5 + 2 + 9),
        ([1, "a"], 5 + 9 + 6),
        ((), 5),
    ],
)
def test_each_value_has_its_size(value: Any, size: int) -> None:
    assert size_of(value) == size


def largest(publication: Publication) -> int:
    """The frame that a publication just goes into."""
    size = 1
    while True:
        try:
            check(publication, size)
            return size
        except PublishParameterError:
            size += 1


def test_a_publication_goes_into_the_frame_that_it_needs_and_no_smaller() -> None:
    assert largest(Publication("a", b"")) == FIXED
    texts = Properties(message_id="12", type="t", app_id="")
    assert largest(Publication("a", b"", properties=texts)) == FIXED + 3 + 2 + 1
    signed = Publication("a", b"", terms=Terms(user_id="me"), headers={"h": 1})
    assert largest(signed) == FIXED + 3 + size_of({"h": 1})


@pytest.mark.parametrize(
    "publication",
    [
        Publication("k" * 256, b""),
        Publication("k", b"", headers={1: "x"}),  # type: ignore[dict-item]
        Publication("k", b"", properties=Properties(type="t" * 256)),
    ],
)
def test_names_are_short_texts(publication: Publication) -> None:
    with pytest.raises(PublishParameterError):
        check(publication)


def test_values_come_in_the_types_of_amqp() -> None:
    assert type(value_of(Level.HIGH)) is int and value_of(Level.HIGH) == 7
    assert type(value_of(Half(0.5))) is float and value_of(Half(0.5)) == 0.5
    assert value_of(b"x") == b"x" and value_of(bytearray(b"x")) == b"x"
    assert [str(value_of(Decimal(each))) for each in ("15", "1.50", "2E+1")] == ["15", "1.50", "20"]
    assert value_of({"a": [Level.HIGH]}) == {"a": [7]}


def test_the_brokers_own_headers_are_left_out() -> None:
    given = {"x-first-death-queue": 1, "x-death": 1, "CC": 1, "x-last-death-queue": 2, "mine": 3}
    assert provenance.without_brokers(given) == {"mine": 3}


def delivery(redelivered: bool, **headers: Any) -> Delivery:
    return Delivery("q", "q", "", b"", Properties(), headers, redelivered, None)


def test_what_came_back_is_counted_where_the_broker_says_so() -> None:
    counted = {provenance.DELIVERY_COUNT: 2}
    assert delivery(True, **counted).returned == 2
    assert delivery(False, **counted).returned == 0
    assert delivery(True).returned == 0
    for odd in (True, "2", -1, 0):
        assert delivery(True, **{provenance.DELIVERY_COUNT: odd}).returned == 0
    assert delivery(False).unreadable is None
    assert delivery(False, **{provenance.UNREADABLE: "why"}).unreadable == "why"


async def test_a_loop_is_home_once_it_was_entered() -> None:
    home = HomeLoop()
    assert home.is_running is False and home.is_elsewhere is False
    home.enter()
    assert home.is_running is True and home.is_elsewhere is False


def test_the_clients_own_logs_are_quiet() -> None:
    names = ("aio_pika", "aiormq.connection")
    before = {name: logging.getLogger(name).level for name in names}
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)
        quieten()
        assert any(logging.getLogger(name).level > logging.WARNING for name in names)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)

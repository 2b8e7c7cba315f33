"""When an event was published, held against a time: AMQP's have whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jararaca.messagebus.streams.history import Span
from jararaca.transport import Delivery, Properties

AT = datetime(2026, 11, 1, 12, 0, 7, tzinfo=UTC)


def published(at: datetime | None) -> Delivery:
    return Delivery("", "", "", b"", Properties(timestamp=at), {}, False, None)


@pytest.mark.parametrize("part", [0, 1, 999_999])
def test_what_was_published_in_the_second_of_since_is_not_early(part: int) -> None:
    span = Span(since=AT + timedelta(microseconds=part))
    assert not span.is_early(published(AT))
    assert span.is_early(published(AT - timedelta(seconds=1)))


def test_what_was_published_at_until_is_late() -> None:
    assert Span(until=AT).is_late(published(AT))
    assert not Span(until=AT).is_late(published(AT - timedelta(seconds=1)))


def test_an_event_without_a_time_is_neither() -> None:
    span = Span(since=AT, until=AT)
    assert not span.is_early(published(None)) and not span.is_late(published(None))

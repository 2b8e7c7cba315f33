"""`message.delay()` and `message.schedule()`: when, how often, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from jararaca import Message, PublishParameterError
from jararaca.messages.message import current_publisher
from jararaca.publishing.publication import MAX_BODY
from jararaca.publishing.publisher import Publisher
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Publication


class Reminder(Message):
    MESSAGE_TOPIC = "reminder"
    note: str = ""


class Recording:
    """A transport that keeps what is published."""

    def __init__(self) -> None:
        self.published: list[Publication] = []

    async def publish(self, publication: Publication) -> None:
        self.published.append(publication)


@pytest.fixture
def recording() -> Iterator[Recording]:
    transport = Recording()
    token = current_publisher.set(Publisher(transport))  # type: ignore[arg-type]
    yield transport
    current_publisher.reset(token)


async def test_a_delay_travels_with_the_message(recording: Recording) -> None:
    await Reminder().delay(90)
    await Reminder().publish()
    assert [each.delay for each in recording.published] == [90, 0]


async def test_a_schedule_is_a_delay_until_then_and_the_past_is_now(recording: Recording) -> None:
    await Reminder().schedule(datetime.now(UTC) + timedelta(hours=1))
    await Reminder().schedule(datetime.now(UTC) - timedelta(hours=1))
    soon, past = (each.delay for each in recording.published)
    assert 3_500 < soon <= 3_600
    assert past == 0


async def test_a_time_without_its_zone_is_refused(recording: Recording) -> None:
    with pytest.raises(PublishParameterError, match="time zone"):
        await Reminder().schedule(datetime(2030, 1, 1))
    assert recording.published == []


async def test_one_idempotency_key_is_one_message_id(recording: Recording) -> None:
    for key in ("a", "a", "b"):
        await Reminder().delay(1, idempotency_key=key)
    await Reminder().delay(1)
    ids = [each.properties.message_id for each in recording.published]
    assert ids[0] == ids[1]
    assert len({*ids}) == 3


async def test_what_no_broker_takes_is_refused_before_it_is_sent(recording: Recording) -> None:
    with pytest.raises(PublishParameterError, match="310 days"):
        await Reminder().delay(400 * 86_400)
    with pytest.raises(PublishParameterError, match="bytes"):
        await Reminder(note="x" * MAX_BODY).publish()
    assert recording.published == []


async def test_a_delay_asked_for_in_a_handler_counts_from_then() -> None:
    transport = Recording()
    staged = StagedPublisher(transport)  # type: ignore[arg-type]
    await staged.publish(Reminder(), delay=60)
    await staged.flush()
    assert 59 < transport.published[0].delay < 60

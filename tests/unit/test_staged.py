"""What a handler's publisher keeps until the handler has succeeded, and who is told of it."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import Any, cast

import pytest
from jararaca import Message, Publisher, PublishNackedError, implicit_headers
from jararaca.contract import headers
from jararaca.errors import NoPublisherError
from jararaca.messages.message import current_publisher
from jararaca.publishing import publisher as publishing
from jararaca.publishing import staged
from jararaca.publishing.carried_headers import (
    carried,
    current_outgoing,
    names_carried,
    nothing_outgoing,
)
from jararaca.publishing.confirming import NotSentError, send
from jararaca.publishing.publication import publication_of
from jararaca.publishing.staged import StagedPublisher
from jararaca.transport import Delivery, Properties, Publication, provenance


class Note(Message):
    MESSAGE_TOPIC = "note"
    text: str = ""


class Sends:
    """A transport that takes publications, but for the topics that it is told to refuse."""

    def __init__(self) -> None:
        self.sent: list[Publication] = []
        self.refuses: set[str] = set()

    async def publish(self, publication: Publication) -> None:
        await asyncio.sleep(0)
        if publication.routing_key in self.refuses:
            raise PublishNackedError(f"{publication.routing_key} is refused")
        self.sent.append(publication)

    @property
    def topics(self) -> list[str]:
        return [each.routing_key for each in self.sent]


class Told:
    """What somebody who waits for a publication hears."""

    def __init__(self) -> None:
        self.heard: list[BaseException | None] = []

    def publication(self, topic: str, delay: float = 0.0) -> Publication:
        return Publication(topic, b"", delay=delay, told=self.heard.append)


@pytest.fixture
def sends() -> Sends:
    return Sends()


@pytest.fixture
def publisher(sends: Sends) -> StagedPublisher:
    return StagedPublisher(cast(Any, sends))


async def test_nothing_goes_out_before_it_is_flushed_and_nothing_twice(
    sends: Sends, publisher: StagedPublisher
) -> None:
    await publisher.publish(Note(text="one"))
    publisher.stage(Publication("two", b""))
    assert (sends.sent, publisher.staged) == ([], 2)
    await publisher.flush()
    await publisher.flush()
    assert (sends.topics, publisher.staged) == (["note", "two"], 0)


async def test_what_comes_after_the_end_of_the_work_is_sent_at_once(
    sends: Sends, publisher: StagedPublisher
) -> None:
    publisher.ended = True
    await publisher.publish(Note())
    assert (sends.topics, publisher.staged) == (["note"], 0)
    sends.refuses = {"note"}
    with pytest.raises(PublishNackedError):
        await publisher.publish(Note())


async def test_what_was_refused_stays_staged_and_what_was_sent_is_not_sent_again(
    sends: Sends, publisher: StagedPublisher
) -> None:
    for topic in ("a", "b", "c", "d"):
        publisher.stage(Publication(topic, b""))
    sends.refuses = {"b", "d"}
    with pytest.raises(PublishNackedError, match="b is refused"):
        await publisher.flush()
    assert (sorted(sends.topics), publisher.staged) == (["a", "c"], 2)
    sends.refuses = set()
    await publisher.flush()
    assert (sorted(sends.topics), publisher.staged) == (["a", "b", "c", "d"], 0)


async def test_who_waits_for_a_publication_hears_what_became_of_it(
    sends: Sends, publisher: StagedPublisher
) -> None:
    told, refused, dropped, taken = Told(), Told(), Told(), Told()
    publisher.stage(told.publication("a"))
    publisher.stage(refused.publication("b"))
    sends.refuses = {"b"}
    with pytest.raises(PublishNackedError):
        await publisher.flush()
    assert told.heard == [None]
    [error] = refused.heard
    assert isinstance(error, PublishNackedError)
    publisher.drop()
    assert isinstance(refused.heard[1], NotSentError), "it is not tried again"
    publisher.stage(dropped.publication("a"))
    publisher.stage(Publication("nobody waits", b""))
    publisher.drop()
    assert [type(each) for each in dropped.heard] == [NotSentError] and publisher.staged == 0
    publisher.stage(taken.publication("a"))
    publisher.stage(Publication("nobody waits", b""))
    assert [each.routing_key for each in publisher.take()] == ["a", "nobody waits"]
    assert (taken.heard, publisher.staged, sends.topics) == ([None], 0, ["a"])
    await send(cast(Any, sends), told.publication("at once"))
    assert (told.heard, sends.topics) == ([None, None], ["a", "at once"])


@pytest.mark.parametrize(("waited", "left"), [(0.0, 30.0), (10.0, 20.0), (40.0, 0.0)])
async def test_a_delay_counts_from_when_it_was_asked_for(
    sends: Sends,
    publisher: StagedPublisher,
    monkeypatch: pytest.MonkeyPatch,
    waited: float,
    left: float,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(staged, "monotonic", lambda: now)
    await publisher.publish(Note(), delay=30)
    publisher.stage(Publication("at once", b""))
    now += waited
    await publisher.flush()
    assert [each.delay for each in sends.sent] == [left, 0.0]
    await publisher.publish(Note(), delay=waited)
    assert [each.delay for each in publisher.take()] == [waited]


async def test_many_are_sent_in_order_and_the_first_error_is_raised_once_all_are_answered(
    sends: Sends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MAX_IN_FLIGHT", 3)
    publisher = Publisher(cast(Any, sends))

    class Numbered(Message):
        MESSAGE_TOPIC = "numbered.{number}"
        MESSAGE_LOCATIONS = MappingProxyType({"number": "$message.payload#/number"})
        number: int

    await publisher.publish_many(Numbered(number=each) for each in range(7))
    assert sends.topics == [f"numbered.{each}" for each in range(7)]
    sends.sent.clear()
    sends.refuses = {"numbered.1", "numbered.2"}
    with pytest.raises(PublishNackedError, match=r"numbered\.1 is refused"):
        await publisher.publish_many(Numbered(number=each) for each in range(7))
    assert sends.topics == ["numbered.0"], "what comes after these is not sent"


async def test_a_publisher_is_the_current_one_within_its_block_alone() -> None:
    before = current_publisher.get(None)
    async with Publisher.connect("memory://within-its-block") as publisher:
        assert current_publisher.get() is publisher
        assert publisher._transport.ready
    assert not publisher._transport.ready, "its connection is closed"
    assert current_publisher.get(None) is before
    with pytest.raises(NoPublisherError):
        await Note().publish()


def test_implicit_headers_are_signed_and_hold_within_their_block_alone() -> None:
    with implicit_headers(tenant="acme", **{headers.ATTEMPT: 9}):
        made = publication_of(Note(), headers={"own": 1})
        with nothing_outgoing():
            assert publication_of(Note()).headers == {}
        assert publication_of(Note()).headers["tenant"] == "acme"
        with implicit_headers(user="ann"):
            both = publication_of(Note())
    assert dict(made.headers) == {"own": 1, "tenant": "acme", headers.CARRIED: "tenant"}
    assert made.signed and both.headers[headers.CARRIED] == "tenant,user"
    after = publication_of(Note())
    assert (after.headers, after.signed, current_outgoing.get()) == ({}, False, ())


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("tenant,user", {"tenant": "acme", "user": 1}),
        ("tenant,gone", {"tenant": "acme"}),
        ("", {}),
        (7, {}),
        (None, {}),
    ],
)
def test_what_is_carried_on_is_what_is_listed_and_there(
    listed: object, found: dict[str, Any]
) -> None:
    sent = {"tenant": "acme", "user": 1, "own": 2, headers.CARRIED: listed}
    delivery = Delivery("q", "note", "", b"{}", Properties(), sent, False, None, provenance.SIGNED)
    assert dict(carried(delivery)) == found
    stranger = Delivery("q", "note", "", b"{}", Properties(), sent, False, None)
    assert dict(carried(stranger)) == {}
    assert list(names_carried({})) == []

"""The leader: it answers each beat, and gives nothing away that somebody may have."""

from __future__ import annotations

import json
from typing import cast

from jararaca.errors import BrokerError
from jararaca.messagebus.partitions.leader import LATE_SECONDS, Leader
from jararaca.messagebus.partitions.roster import beat_publication
from jararaca.messagebus.partitions.shares import GONE_SECONDS, Beat
from jararaca.transport import Delivery, Properties, Publication, QueueDepth, Transport

QUEUE = "shop.workers"
ITEMS = tuple(f"steps.p{number}" for number in range(4))
SERVES = {"steps": ITEMS}
PLAIN = Properties()


class Played:
    """A leader, its clock, and a broker that says how many workers there are."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.now = 100.0
        self.acked: list[Delivery] = []
        self.asked = 0
        self.answers: list[list[str]] = []
        self.silent = self.refuses = False
        self.leader = Leader(cast(Transport, self), QUEUE, lambda: self.now)

    async def ack(self, delivery: Delivery) -> None:
        """It is taken."""
        self.acked.append(delivery)

    async def publish(self, publication: Publication) -> None:
        """An answer goes out."""
        if self.refuses:
            raise BrokerError("the worker is gone")
        assert publication.properties.correlation_id == "7"
        self.answers.append(json.loads(publication.body))

    async def depth(self, queue: str) -> QueueDepth:
        """How many workers consume the queue."""
        assert queue == QUEUE
        self.asked += 1
        if self.silent:
            raise BrokerError("not now")
        return QueueDepth(0, self.workers)

    async def beat(self, name: str, *holds: str, leaving: bool = False) -> set[str]:
        """What a worker is told."""
        body = beat_publication(QUEUE, Beat(name, SERVES, frozenset(holds), leaving)).body
        await self.comes(body, Properties(reply_to="replies", correlation_id="7"))
        return set(self.answers[-1])

    async def comes(self, body: bytes, properties: Properties = PLAIN) -> None:
        """A message comes."""
        delivery = Delivery(QUEUE, QUEUE, "", body, properties, {}, False, None)
        await self.leader.on_delivery(delivery)
        assert self.acked[-1] is delivery


async def test_the_only_worker_gets_all_at_once() -> None:
    played = Played(1)
    assert await played.beat("a") == {*ITEMS}


async def test_nothing_is_given_away_before_all_workers_were_heard() -> None:
    played = Played(2)
    assert await played.beat("a", *ITEMS[:1]) == {*ITEMS[:1]}
    assert await played.beat("b", *ITEMS[2:]) == {*ITEMS[2:]}
    assert await played.beat("a", *ITEMS[:1]) == {*ITEMS[:2]}


async def test_who_is_not_heard_at_all_is_waited_for_as_long_as_somebody_may_be_silent() -> None:
    played = Played(2)
    for _ in range(int(GONE_SECONDS) + 1):
        assert await played.beat("a") == set()
        played.now += 1.0
    assert await played.beat("a") == {*ITEMS}


async def test_once_all_were_heard_the_broker_is_not_asked_again() -> None:
    played = Played(1)
    for _ in range(3):
        await played.beat("a")
        played.now += LATE_SECONDS
    assert played.asked == 1


async def test_what_a_worker_has_that_is_gone_is_given_away_as_soon_as_the_broker_tells() -> None:
    played = Played(2)
    await played.beat("a", *ITEMS[:2])
    await played.beat("b", *ITEMS[2:])
    played.now += LATE_SECONDS
    assert await played.beat("a", *ITEMS[:2]) == {*ITEMS[:2]}
    played.now += 0.1
    assert await played.beat("a", *ITEMS[:2]) == {*ITEMS[:2]}, "it is late, and still there"
    played.workers = 1
    assert await played.beat("a", *ITEMS[:2]) == {*ITEMS}


async def test_while_the_broker_does_not_tell_nothing_is_given_away() -> None:
    played = Played(1)
    played.silent = True
    assert await played.beat("a", ITEMS[0]) == {ITEMS[0]}
    played.silent = False
    assert await played.beat("a", ITEMS[0]) == {*ITEMS}


async def test_a_leader_that_was_none_for_a_while_begins_anew() -> None:
    played = Played(1)
    await played.beat("a", *ITEMS)
    played.now += GONE_SECONDS
    played.workers = 2
    assert await played.beat("a", *ITEMS) == {*ITEMS}
    played.now += GONE_SECONDS + 0.1
    assert await played.beat("b") == set(), "who has them is not known any more"
    assert await played.beat("a", *ITEMS) == {*ITEMS[:2]}
    assert await played.beat("a", *ITEMS[:2]) == {*ITEMS[:2]}
    assert await played.beat("b") == {*ITEMS[2:]}


async def test_what_is_no_beat_is_taken_and_not_answered() -> None:
    played = Played(1)
    await played.comes(b"{", Properties(reply_to="replies", correlation_id="7"))
    assert played.answers == []


async def test_who_does_not_ask_is_heard() -> None:
    played = Played(1)
    leaving = Beat("a", SERVES, frozenset(), leaving=True)
    await played.comes(beat_publication(QUEUE, leaving).body)
    assert played.answers == []


async def test_a_worker_that_cannot_be_answered_ends_nothing() -> None:
    played = Played(1)
    played.refuses = True
    await played.comes(
        beat_publication(QUEUE, Beat("a", SERVES, frozenset())).body,
        Properties(reply_to="replies", correlation_id="7"),
    )
    played.refuses = False
    assert await played.beat("a", *ITEMS) == {*ITEMS}

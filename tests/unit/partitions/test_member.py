"""A worker's part: it tells what it has, does as it is told, and goes on where nobody answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine, Iterator
from typing import Any, cast

import pytest
from jararaca.errors import BrokerError
from jararaca.messagebus.partitions import member
from jararaca.messagebus.partitions.member import (
    ANSWER_SECONDS,
    BEAT_SECONDS,
    LEAVE_SECONDS,
    Leave,
    Member,
)
from jararaca.messagebus.partitions.roster import beat_in
from jararaca.messagebus.partitions.shares import Beat
from jararaca.transport import Delivery, Properties, Publication, Transport

from tests.support.virtual_time import run

QUEUE = "shop.workers"
SERVES = {"steps": ("steps.p0", "steps.p1", "steps.p2")}


class Played:
    """A member whose leader says what `mine` has; what it consumes, and when it told what."""

    def __init__(self) -> None:
        self.mine: Any = ["steps.p0"]
        self.beats: list[tuple[float, Beat]] = []
        self.published: list[Beat] = []
        self.consumed: list[str] = []
        self.begun: list[str] = []
        self.left: list[str] = []
        self.refuses = False
        self.leaving: asyncio.Event | None = None
        self.member = Member(cast(Transport, self), QUEUE, SERVES, self.begin)

    async def begin(self, item: str) -> Leave:
        """A partition is consumed."""
        if self.refuses:
            raise BrokerError("not now")
        self.begun.append(item)

        async def leave() -> None:
            self.left.append(item)
            if self.leaving is not None:
                await self.leaving.wait()

        return leave

    async def consume(self, queue: str, prefetch: int, on_delivery: Any) -> None:
        """The leader's consumer, whichever worker it is."""
        assert prefetch > 1
        self.consumed.append(queue)

    async def publish(self, publication: Publication) -> None:
        """What is told without a question."""
        if self.refuses:
            raise BrokerError("not now")
        self.published.append(_beat(publication))

    async def asked(
        self, transport: Transport, publication: Publication, seconds: float
    ) -> Delivery:
        """The leader's answer to a beat."""
        assert transport is cast(Transport, self) and seconds == ANSWER_SECONDS
        self.beats.append((asyncio.get_running_loop().time(), _beat(publication)))
        if isinstance(self.mine, Exception):
            raise self.mine
        body = json.dumps(self.mine).encode()
        return Delivery("replies", "replies", "", body, Properties(), {}, False, None)

    @property
    def times(self) -> list[float]:
        """When it told."""
        return [at for at, _ in self.beats]


def _beat(publication: Publication) -> Beat:
    assert publication.routing_key == QUEUE
    read = Delivery(QUEUE, QUEUE, "", publication.body, Properties(), {}, False, None)
    beat = beat_in(read)
    assert beat is not None and beat.serves == SERVES
    return beat


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    made = Played()
    monkeypatch.setattr(member, "request", made.asked)
    yield made


def play(main: Coroutine[Any, Any, None]) -> None:
    run(main)


def test_a_start_takes_a_share_and_then_it_is_told_each_second(played: Played) -> None:
    async def main() -> None:
        await played.member.start()
        assert played.consumed == [QUEUE]
        assert (played.begun, played.times) == (["steps.p0"], [0.0])
        assert played.member.held == {"steps.p0"}
        played.mine = ["steps.p0", "steps.p2"]
        await asyncio.sleep(2.5 * BEAT_SECONDS)
        await played.member.stop_taking()
        await asyncio.sleep(5)
        assert played.times == [0.0, BEAT_SECONDS, 2 * BEAT_SECONDS]
        assert [set(beat.holds) for _, beat in played.beats] == [
            set(),
            {"steps.p0"},
            {"steps.p0", "steps.p2"},
        ]
        assert played.begun == ["steps.p0", "steps.p2"]
        assert not any(beat.leaving for _, beat in played.beats)
        assert len({beat.worker for _, beat in played.beats}) == 1

    play(main())


def test_what_is_another_ones_is_left_and_that_is_told_at_once(played: Played) -> None:
    async def main() -> None:
        played.mine = ["steps.p0", "steps.p1"]
        played.leaving = asyncio.Event()
        await played.member.start()
        played.mine = ["steps.p1"]
        await asyncio.sleep(2.5 * BEAT_SECONDS)
        assert played.left == ["steps.p0"], "it is left once, however often that is told"
        assert played.member.held == {"steps.p0", "steps.p1"}, "until it has been left, it is ours"
        assert played.beats[-1][1].holds == {"steps.p0", "steps.p1"}
        played.leaving.set()
        await asyncio.sleep(0.01)
        assert played.times[-1] == pytest.approx(2.5 * BEAT_SECONDS)
        assert played.beats[-1][1].holds == {"steps.p1"}
        played.mine = ["steps.p0", "steps.p1"]
        await asyncio.sleep(BEAT_SECONDS)
        assert played.begun == ["steps.p0", "steps.p1", "steps.p0"]
        played.mine = ["steps.p1"]
        await asyncio.sleep(BEAT_SECONDS)
        assert played.left == ["steps.p0", "steps.p0"]
        await played.member.stop_taking()

    play(main())


@pytest.mark.parametrize("answer", [BrokerError("nobody"), {"no": "list"}])
def test_where_nobody_answers_all_stays_as_it_is_and_is_told_once(
    played: Played, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        with caplog.at_level(logging.WARNING, "jararaca.worker"):
            await played.member.start()
            played.mine = answer
            await asyncio.sleep(3.5 * BEAT_SECONDS)
            assert played.member.held == {"steps.p0"} and played.left == []
            assert caplog.text.count("no answer about partitions") == 1
            played.mine = ["steps.p0"]
            await asyncio.sleep(BEAT_SECONDS)
            played.mine = answer
            await asyncio.sleep(BEAT_SECONDS)
            assert caplog.text.count("no answer about partitions") == 2
        await played.member.stop_taking()

    play(main())


def test_where_nobody_answers_from_the_start_on_that_is_told(
    played: Played, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        played.mine = BrokerError("nobody")
        await played.member.start()
        assert caplog.text.count("no answer about partitions: nobody") == 1
        await played.member.stop_taking()

    play(main())


def test_a_partition_that_cannot_be_consumed_is_tried_again(
    played: Played, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        played.mine = []
        await played.member.start()
        played.mine, played.refuses = ["steps.p1"], True
        await asyncio.sleep(1.5 * BEAT_SECONDS)
        assert played.member.held == frozenset()
        assert "partitions could not be shared: not now" in caplog.text
        played.refuses = False
        await asyncio.sleep(BEAT_SECONDS)
        assert played.member.held == {"steps.p1"}
        await played.member.stop_taking()

    play(main())


def test_who_stops_leaves_all_and_says_so(played: Played) -> None:
    async def main() -> None:
        played.mine = ["steps.p0", "steps.p1"]
        await played.member.start()
        await played.member.stop_taking()
        await played.member.leave()
        assert sorted(played.left) == ["steps.p0", "steps.p1"]
        [told] = played.published
        assert (told.leaving, told.holds) == (True, frozenset())
        assert told.worker == played.beats[0][1].worker

    play(main())


def test_who_stops_while_it_leaves_one_waits_for_nothing_twice(played: Played) -> None:
    async def main() -> None:
        played.mine, played.leaving = ["steps.p0"], asyncio.Event()
        await played.member.start()
        played.mine = []
        await asyncio.sleep(1.5 * BEAT_SECONDS)
        await played.member.stop_taking()
        stopping = asyncio.create_task(played.member.leave())
        await asyncio.sleep(0.1)
        played.leaving.set()
        await stopping
        assert played.published[0].holds == frozenset()

    play(main())


@pytest.mark.parametrize("silent", [True, False])
def test_a_stop_is_held_up_by_nobody(played: Played, silent: bool) -> None:
    async def main() -> None:
        await played.member.start()
        await played.member.stop_taking()
        if silent:
            played.leaving = asyncio.Event()
        played.refuses = not silent
        began = asyncio.get_running_loop().time()
        await played.member.leave()
        took = asyncio.get_running_loop().time() - began
        assert took == (LEAVE_SECONDS if silent else 0)
        assert played.published == []

    play(main())


def test_who_never_began_stops_at_once(played: Played) -> None:
    async def main() -> None:
        await played.member.stop_taking()
        await played.member.leave()
        assert played.published[0].leaving

    play(main())

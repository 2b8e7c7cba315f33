"""Reading a stream: what is stored when, and what ends the reading; steps and store by hand."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jararaca.application.progress import Place, Progress
from jararaca.contract import headers
from jararaca.errors import BackendError, StreamTakenError
from jararaca.handling.decision import (
    DONE,
    DeadLetter,
    Decision,
    Redeliver,
    Requeue,
    Settled,
    Settlement,
)
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.streaming import reading
from jararaca.handling.streaming.reading import (
    STORED_AFTER,
    STORED_SECONDS,
    ReadingOverError,
    StreamReading,
)
from jararaca.messages.received import MessageOf
from jararaca.transport import Delivery, Properties, provenance

from tests.support.virtual_time import run

NAME, STREAM, QUEUE = "shop.bill", "orders.stream", "shop.bill"


class Played:
    """Offsets, steps and a guard that do as the test says, and tell what they were asked."""

    place = "by hand"

    def __init__(self, *, in_transaction: bool = False, batch: int = 1) -> None:
        self.in_transaction = in_transaction
        self.stored: list[Progress] = []
        self.failing: deque[Exception] = deque()
        self.held = True
        self.stopping = asyncio.Event()
        self.ends: defaultdict[int, deque[Settlement]] = defaultdict(deque)
        self.taken: set[int] = set()
        self.tried: list[tuple[int, int]] = []
        self.settled: list[tuple[int, Settlement]] = []
        self.reported: list[Settlement] = []
        self.acked: list[int] = []
        self.refused: dict[int, str] = {}
        self.strikes: list[tuple[int, int]] = []
        self.running_now: list[list[int]] = []
        self.paused: list[float] = []
        self.given: list[Delivery] = []
        self.handler: Any = SimpleNamespace(
            spec=SimpleNamespace(batch=batch if batch > 1 else None), method="bill"
        )
        self.reading = StreamReading(
            cast(Any, self),
            cast(Any, self),
            STREAM,
            QUEUE,
            NAME,
            cast(Any, self),
            lambda: self.held,
            self.pause,
            cast(Any, self),
            batch,
        )
        self.reading.pipeline = cast(Pipeline, self)

    async def advance(self, progress: Progress) -> None:
        """An offset is to be stored."""
        if self.failing:
            raise self.failing.popleft()
        self.stored.append(progress)

    async def ack(self, delivery: Delivery) -> None:
        """It is passed over."""
        self.acked.append(_at(delivery))

    async def pause(self, seconds: float, stopping: asyncio.Event) -> None:
        """A wait that a stop ends."""
        assert stopping is self.stopping
        self.paused.append(seconds)
        await asyncio.sleep(0)

    async def refuses(self, delivery: Delivery, strikes: int) -> str | None:
        """The guard."""
        self.strikes.append((_at(delivery), strikes))
        return self.refused.get(_at(delivery))

    @contextmanager
    def running(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        """What is in hand together."""
        self.running_now.append([_at(each) for each in deliveries])
        yield

    def opened(self, delivery: Delivery) -> Any:
        """The first steps; a body of `?` cannot be read."""
        self.given.append(delivery)
        if delivery.body == b"?":
            return Decision(delivery, DeadLetter("unreadable"))
        return self.handler, MessageOf(cast(Any, None), delivery, {}, 1)

    async def attempt(self, handler: Any, message: MessageOf[Any]) -> Decision:
        """A try."""
        at = _at(message.delivery)
        self.tried.append((at, message.attempt))
        error = StreamTakenError("another one reads") if at in self.taken else None
        end = self.ends[at].popleft() if self.ends[at] else DONE
        return Decision(message.delivery, end, error=error)

    async def settle(self, decision: Decision) -> None:
        """It is settled."""
        self.settled.append((_at(decision.delivery), decision.settlement))
        self.given.append(decision.delivery)

    def report(self, decision: Decision) -> None:
        """A try that is not the last is told."""
        self.reported.append(decision.settlement)

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The offsets that were stored, with their strikes."""
        return [(each.after, each.strikes) for each in self.stored]

    async def reads(self, *numbers: int, body: bytes = b"{}") -> None:
        """Messages are read, one after the other."""
        for number in numbers:
            await self.reading.handle([delivery(number, body)])

    async def reads_together(self, *numbers: int) -> None:
        """Messages are read, together."""
        await self.reading.handle([delivery(number) for number in numbers])


def delivery(offset: int, body: bytes = b"{}") -> Delivery:
    told = {provenance.STREAM_OFFSET: offset, "theirs": "7"}
    return Delivery(STREAM, "orders", "", body, Properties(), told, False, None)


def _at(delivery: Delivery) -> int:
    assert delivery.offset is not None
    return delivery.offset


@pytest.fixture(autouse=True)
def _virtual_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    clock = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    monkeypatch.setattr(reading, "time", clock)
    yield


def play(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(main())


def test_outside_of_transactions_an_offset_is_stored_after_so_many_messages() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(None)
        await played.reads(*range(STORED_AFTER - 1))
        assert played.offsets == [(-1, 1)], "the first is marked before it is handled"
        await played.reads(STORED_AFTER - 1)
        assert played.offsets == [(-1, 1), (STORED_AFTER - 1, 0)]
        await played.reads(*range(STORED_AFTER, 2 * STORED_AFTER))
        assert played.offsets[2:] == [(2 * STORED_AFTER - 1, 0)]
        assert len(played.settled) == 2 * STORED_AFTER
        first = played.stored[0]
        assert (first.name, first.stream, first.before) == (NAME, STREAM, None)

    play(main)


def test_an_offset_is_stored_after_a_second_at_the_latest() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4))
        await played.reads(5, 6)
        assert played.offsets == [(4, 1)]
        await asyncio.sleep(STORED_SECONDS + 0.01)
        assert played.offsets == [(4, 1), (6, 0)]
        await asyncio.sleep(5)
        assert len(played.stored) == 2, "there is nothing new to store"
        await played.reads(7)
        assert played.offsets[2:] == [(7, 0)], "the last was stored more than a second ago"
        await played.reads(8)
        await asyncio.sleep(STORED_SECONDS + 0.01)
        assert played.offsets[3:] == [(8, 0)]

    play(main)


def test_in_transactions_an_offset_is_stored_only_for_what_nothing_was_done_with() -> None:
    async def main() -> None:
        played = Played(in_transaction=True)
        played.reading.begin(Place(4))
        played.ends[6].append(DeadLetter("no"))
        played.ends[7].append(Settled())
        await played.reads(5, 6, 7)
        assert played.offsets == [(4, 1), (6, 0)]
        assert [each.before for each in played.stored] == [4, 5]
        await played.reads(8, body=b"?")
        assert played.offsets[2:] == [(8, 0)]
        assert played.reading.position == 8
        await played.reading.end()
        assert len(played.stored) == 3

    play(main)


def test_what_was_handled_before_is_passed_over() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4))
        await played.reads(3, 4, 5)
        assert (played.acked, [at for at, _ in played.tried]) == ([3, 4], [5])

    play(main)


def test_a_dead_letter_says_where_it_was_read_and_keeps_what_it_had() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(None)
        played.ends[0].append(DeadLetter("no"))
        await played.reads(0)
        letter = played.given[-1]
        assert letter.queue == QUEUE
        assert letter.headers[headers.STREAM] == STREAM and letter.headers[headers.OFFSET] == 0
        assert letter.headers["theirs"] == "7"
        assert {headers.STREAM, headers.OFFSET} <= letter.believed

    play(main)


def test_a_failure_is_tried_again_in_its_place_and_each_try_is_told() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(None)
        played.ends[0] += [Redeliver(2.0, 2), Redeliver(10_000.0, 3)]
        await played.reads(0, 1)
        assert played.tried == [(0, 1), (0, 2), (0, 3), (1, 1)]
        assert played.reported == [Redeliver(2.0, 2), Redeliver(10_000.0, 3)]
        assert played.paused[0] == 2.0 and played.paused[1] < 10_000.0

    play(main)


@pytest.mark.parametrize("end", ["lost", "stopping", "requeue", "taken"])
def test_what_ends_a_reading_settles_and_stores_nothing_more(end: str) -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4))
        await played.reads(5)
        played.held = end != "lost"
        if end == "stopping":
            played.stopping.set()
        if end == "requeue":
            played.ends[6].append(Requeue())
        if end == "taken":
            played.taken.add(6)
        with pytest.raises(ReadingOverError):
            await played.reads(6)
        assert (len(played.settled), played.offsets) == (1, [(4, 1)])

    play(main)


def test_a_turn_that_is_lost_while_a_message_is_handled_settles_it_not() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4))

        async def attempt(handler: Any, message: MessageOf[Any]) -> Decision:
            played.held = False
            return Decision(message.delivery, DONE)

        played.attempt = attempt  # type: ignore[method-assign]
        with pytest.raises(ReadingOverError):
            await played.reads(5)
        assert played.settled == [] and played.reading.position == 4

    play(main)


def test_a_clean_end_stores_how_far_it_is_and_takes_the_strike_back() -> None:
    async def main() -> None:
        for messages, stored in (((5, 6), [(4, 1), (6, 0)]), ((), [])):
            played = Played()
            played.reading.begin(Place(4))
            await played.reads(*messages)
            await played.reading.end()
            assert played.offsets == stored
            await played.reading.end()
            assert played.offsets == stored

    play(main)


def test_an_end_within_the_first_message_gives_back_the_strikes_that_were() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4, 2))
        played.ends[5].append(Requeue())
        with pytest.raises(ReadingOverError):
            await played.reads(5)
        assert (played.strikes, played.offsets) == ([(5, 2)], [(4, 3)])
        await played.reading.end()
        assert played.offsets == [(4, 3), (4, 2)]

    play(main)


def test_who_has_lost_the_turn_stores_nothing_at_its_end() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4))
        await played.reads(5)
        played.held = False
        await played.reading.end()
        assert played.offsets == [(4, 1)]

    play(main)


def test_an_offset_that_cannot_be_stored_is_tried_until_it_is() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(None)
        played.failing += [BackendError("out"), BackendError("out")]
        await played.reads(0)
        assert played.offsets == [(-1, 1)] and played.paused == [STORED_SECONDS] * 2
        played.failing.append(StreamTakenError("another one reads"))
        with pytest.raises(ReadingOverError):
            await played.reading.end()
        played.failing.append(BackendError("out"))
        played.stopping.set()
        with pytest.raises(ReadingOverError):
            await played.reading.store()
        await played.reading.store()
        assert played.offsets == [(-1, 1), (0, 0)]

    play(main)


def test_behind_an_unclean_end_each_message_is_alone_and_stored() -> None:
    async def main() -> None:
        played = Played(in_transaction=True, batch=3)
        played.reading.begin(Place(4, 1))
        await played.reads_together(5, 6, 7)
        assert played.running_now == [[5], [6], [7]]
        assert played.offsets == [(4, 2), (5, 1), (6, 1)]
        await played.reads_together(8, 9)
        assert played.running_now[3:] == [[8, 9]]
        assert played.strikes == [(5, 1), (6, 0), (7, 0), (8, 0), (9, 0)]

    play(main)


def test_what_the_guard_refuses_is_a_dead_letter_and_reading_goes_on() -> None:
    async def main() -> None:
        played = Played()
        played.reading.begin(Place(4, 6))
        played.refused[5] = "it ends its process"
        await played.reads(5, 6)
        assert played.settled == [(5, DeadLetter("it ends its process")), (6, DONE)]
        assert played.offsets == [(5, 0), (5, 1), (6, 0)]

    play(main)


def test_a_batch_is_divided_where_it_fails_and_each_half_goes_in_order() -> None:
    async def main() -> None:
        played = Played(batch=4)
        played.reading.begin(None)
        await played.reads_together(0, 1, 2, 3)
        assert [at for at, _ in played.settled] == [0, 1, 2, 3]
        assert played.tried == [(3, 1)]
        played.ends[7] += [DeadLetter("one of them"), DONE]
        await played.reads_together(4, 5, 6, 7)
        assert [at for at, _ in played.tried[1:]] == [7, 5, 7]
        assert [at for at, _ in played.settled[4:]] == [4, 5, 6, 7]
        assert played.reading.position == 7

    play(main)


def test_what_cannot_be_read_divides_a_batch_and_keeps_its_place() -> None:
    async def main() -> None:
        played = Played(batch=4)
        played.reading.begin(None)
        messages = [delivery(0), delivery(1), delivery(2, b"?"), delivery(3)]
        await played.reading.handle(messages)
        assert [at for at, _ in played.settled] == [0, 1, 2, 3]
        assert played.running_now == [[0, 1], [3]]

    play(main)

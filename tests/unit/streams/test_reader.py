"""A worker's reader of a stream: from where it begins, and what it does as turns come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jararaca import From, Message, MessageHandler, MessageOf, route
from jararaca.application.progress import Place, Progress
from jararaca.errors import BackendError
from jararaca.handlers.decorators import spec_of
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.pipeline import Pipeline
from jararaca.handling.streaming.reading import ReadingOverError
from jararaca.messagebus.blame.quarantine import Quarantine
from jararaca.messagebus.streams import ends
from jararaca.messagebus.streams.kept_position import Kept
from jararaca.messagebus.streams.reader import AGAIN_SECONDS, FIRST_TURN_SECONDS, StreamReader
from jararaca.transport import Delivery, Properties, Transport, provenance

from tests.support.virtual_time import run
from tests.unit.streams.by_hand import ByHand

STREAM = "orders.stream"


class Placed(Message):
    MESSAGE_TOPIC = "orders.placed"


class Source(ByHand):
    """A broker by hand that has a stream as well, and a store of offsets."""

    in_transaction = True
    place = "by hand"

    def __init__(self, start: From, place: Place | None, *, batch: int | None = None) -> None:
        super().__init__()
        self.stored: Place | None = place
        self.failing_loads: list[Exception] = []
        self.loads = 0
        self.reads: list[tuple[str, int, Any]] = []
        self.ended = 0
        self.last: int | None = None
        self.handled: list[int] = []
        self.problem: BaseException | None = None
        self.stopping = asyncio.Event()
        self.running: set[asyncio.Task[Any]] = set()
        self._read: Any = None
        options: dict[str, Any] = {} if batch is None else {"batch": batch}

        class Bills:
            @MessageHandler(Placed, stream=start, **options)
            async def bill(self, message: MessageOf[Placed]) -> None: ...

        row = route(
            operation="bill",
            queue="orders.bill",
            binding_keys=("orders.placed",),
            message=Placed,
            controller=Bills,
            handler=Bills.bill,
            stream=STREAM,
        )
        self.reader = StreamReader(
            cast(Transport, self),
            cast(Any, SimpleNamespace(stopping=self.stopping)),
            [BoundHandler(row, spec_of(Bills.bill), cast(Any, Bills.bill))],
            cast(Any, self),
            self.running,
            7,
            cast(Any, None),
            Quarantine(),
        )
        cast(Any, self.reader.reading).handle = self._handle
        self.ends: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        cast(Any, self.reader.reading).end = self._stored

    async def load(self, name: str) -> Place | None:
        """Where to go on."""
        self.loads += 1
        if self.failing_loads:
            raise self.failing_loads.pop(0)
        return self.stored

    async def advance(self, progress: Progress) -> None:
        """Nothing of it is looked at here."""

    async def read(
        self, stream: str, prefetch: int, on_delivery: Any, start: Any, only: Any = ()
    ) -> Any:
        """Reading begins; `last` is asked by who looks for the end."""
        if start == "last":
            stored = None if self.stored is None else self.stored.position
            last = stored if self.last is None else self.last
            if last is not None:
                asyncio.get_running_loop().create_task(on_delivery(self._at(last)))
            return SimpleNamespace(cancel=self._nothing)
        self.reads.append((stream, prefetch, start))
        self._read = on_delivery
        return SimpleNamespace(cancel=self._end)

    async def _end(self) -> None:
        self.ended += 1

    async def _stored(self) -> None:
        self.ends.append(asyncio.get_running_loop().time())

    async def _nothing(self) -> None: ...

    async def _handle(self, deliveries: list[Delivery]) -> None:
        assert asyncio.current_task() in self.running
        await self.gate.wait()
        if self.problem is not None:
            raise self.problem
        self.handled += [each.offset or 0 for each in deliveries]

    @staticmethod
    def _at(offset: int, published: datetime | None = None) -> Delivery:
        told = {provenance.STREAM_OFFSET: offset}
        properties = Properties(timestamp=published)
        return Delivery(STREAM, "orders.placed", "", b"", properties, told, False, None)

    async def comes(self, offset: int, published: datetime | None = None) -> None:
        """A message of the stream comes."""
        await self._read(self._at(offset, published))

    async def begin(self) -> Delivery:
        """The reader is there, and it is its turn."""
        starting = asyncio.create_task(self.reader.start(cast(Pipeline, None)))
        await asyncio.sleep(0.01)
        token = await self.gives(Kept())
        await starting
        return token


def play(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(main())


@pytest.mark.parametrize(
    ("start", "place", "last", "begins"),
    [
        (From.first(), None, None, "first"),
        (From.first(), Place(4), None, 5),
        (From.first(), Place(-1, 2), None, 0),
        (From.last(3), None, 9, 7),
        (From.last(3), None, 1, 0),
        (From.last(3), None, None, "first"),
        (From.last(3), Place(4), 9, 5),
    ],
)
def test_where_reading_begins(start: From, place: Place | None, last: int, begins: Any) -> None:
    async def main() -> None:
        source = Source(start, place)
        source.last = last
        await source.begin()
        await asyncio.sleep(ends.FIRST_SECONDS + 1)
        assert source.reads == [(STREAM, 7, begins)]
        assert source.reader.reading.position == (None if place is None else place.position)
        await source.reader.close()
        assert source.ended == 1

    play(main)


def test_batches_have_twice_their_size_in_hand_at_least() -> None:
    async def main() -> None:
        source = Source(From.first(), None, batch=20)
        await source.begin()
        assert source.reads == [(STREAM, 40, "first")]
        await source.reader.close()

    play(main)


def test_what_was_published_before_the_time_is_passed_over() -> None:
    async def main() -> None:
        at = datetime(2026, 11, 1, 12, 0, 0, 500_000, tzinfo=UTC)
        source = Source(From.time(at), None)
        await source.begin()
        assert source.reads[0][2] == at
        second = timedelta(seconds=1)
        await source.comes(0, at - second)
        await source.comes(1, at.replace(microsecond=0))
        await source.comes(2, at - second)
        await source.comes(3)
        assert source.handled == [1, 2, 3], "once one is in time, all are that come behind it"
        assert len(source.settled) == 1
        await source.reader.close()

    play(main)


def test_one_without_a_time_is_not_passed_over() -> None:
    async def main() -> None:
        source = Source(From.time(datetime(2026, 11, 1, tzinfo=UTC)), None)
        await source.begin()
        await source.comes(0)
        assert source.handled == [0]
        await source.reader.close()

    play(main)


def test_a_time_is_for_the_first_start_alone() -> None:
    async def main() -> None:
        source = Source(From.time(datetime(2026, 11, 1, tzinfo=UTC)), Place(4))
        await source.begin()
        assert source.reads[0][2] == 5
        await source.comes(5, datetime(2020, 1, 1, tzinfo=UTC))
        assert source.handled == [5]
        await source.reader.close()

    play(main)


@pytest.mark.parametrize(
    ("place", "first", "told"),
    [
        (Place(4), 8, "3 messages that orders.bill had not handled are not kept any more"),
        (Place(4), 6, "1 messages"),
        (Place(4), 5, None),
        (Place(4), 4, None),
        (None, 8, None),
    ],
)
def test_what_is_not_kept_any_more_is_told_once(
    place: Place | None, first: int, told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        source = Source(From.first(), place)
        await source.begin()
        await source.comes(first)
        await source.comes(first + 9)
        await source.reader.close()

    with caplog.at_level(logging.WARNING, "jararaca.worker"):
        play(main)
    lines = [each for each in caplog.messages if "not kept any more" in each]
    assert len(lines) == (told is not None)
    if told is not None:
        assert told in lines[0] and f"(offsets 5 to {first - 1}," in lines[0]


def test_of_who_reads_some_values_alone_nothing_is_told_to_be_missing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The broker leaves out others."""

    async def main() -> None:
        source = Source(From.first().only("PT"), Place(4))
        await source.begin()
        await source.comes(8)
        await source.reader.close()

    with caplog.at_level(logging.WARNING, "jararaca.worker"):
        play(main)
    assert not [each for each in caplog.messages if "not kept any more" in each]


def test_a_start_does_not_wait_long_for_a_turn_that_another_worker_has() -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        await source.reader.start(cast(Pipeline, None))
        assert asyncio.get_running_loop().time() == FIRST_TURN_SECONDS
        assert (source.loads, source.reads) == (0, [])
        await source.gives(Kept())
        await asyncio.sleep(0.01)
        assert len(source.reads) == 1
        await source.reader.close()

    play(main)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BackendError("out"), "not read yet by orders.bill: out"),
        (RuntimeError("no such column"), "not read by orders.bill over an error"),
    ],
)
def test_a_store_that_cannot_be_read_is_told_and_asked_again(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        source.failing_loads = [error]
        await source.begin()
        assert source.reads == [] and source.loads == 1
        assert told in caplog.text
        await asyncio.sleep(AGAIN_SECONDS)
        assert len(source.reads) == 1
        await source.reader.close()

    play(main)


def test_an_end_that_cannot_be_stored_is_told_and_the_turn_is_given_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        token = await source.begin()

        async def end() -> None:
            raise RuntimeError("no such column")

        cast(Any, source.reader.reading).end = end
        await source.reader.close()
        assert source.settled == [("requeue", token)]
        assert "how far orders.bill is could not be stored" in caplog.text

    play(main)


def test_a_turn_that_is_over_ends_the_reading_and_the_next_begins_anew() -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        token = await source.begin()
        source.lost.add(token)
        source.problem = ReadingOverError()
        await source.comes(0)
        await source.comes(1)
        assert [each.offset for kind, each in source.settled if kind == "ack"] == [1]
        await asyncio.sleep(10)
        assert (source.ended, len(source.reads)) == (1, 1), "another worker reads"
        assert len(source.ends) == 1, "what was read is stored, as far as it is still ours"
        source.problem, source.stored = None, Place(3)
        await source.gives(Kept())
        await asyncio.sleep(AGAIN_SECONDS)
        assert source.reads[1:] == [(STREAM, 7, 4)]
        await source.reader.close()

    play(main)


def test_a_turn_that_came_again_is_another_and_what_was_read_before_is_not_handled() -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        token = await source.begin()
        assert source.reader._holds()
        source.lost.add(token)
        assert not source.reader._holds()
        await source.gives(Kept())
        assert not source.reader._holds(), "it is the next turn: its reading has not begun"
        await source.reader.close()

    play(main)


def test_what_was_handled_is_no_task_that_a_stop_waits_for() -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        await source.begin()
        await source.comes(0)
        source.problem = ReadingOverError()
        await source.comes(1)
        assert source.running == set()
        await source.reader.close()

    play(main)


def test_an_error_of_ours_ends_the_reading_and_it_begins_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        await source.begin()
        source.problem = RuntimeError("a fault")
        began = asyncio.get_running_loop().time()
        await source.comes(0)
        assert asyncio.get_running_loop().time() - began == pytest.approx(AGAIN_SECONDS)
        source.problem = None
        await asyncio.sleep(0.01)
        assert len(source.reads) == 2
        assert "reading begins again over an error of ours" in caplog.text
        await source.reader.close()

    play(main)


def test_who_closes_reads_no_more_and_gives_the_turn_back() -> None:
    async def main() -> None:
        source = Source(From.first(), None)
        token = await source.begin()
        await source.reader.close()
        assert (source.ended, source.cancelled) == (1, 1)
        assert source.settled == [("requeue", token)]
        assert source.reader.waiting == set()

    play(main)


def test_what_waits_in_line_when_a_worker_stops_is_acked_and_not_handled() -> None:
    """A stream keeps it: nothing goes back, and what is not acked holds up who reads next."""

    async def main() -> None:
        source = Source(From.first(), None)
        token = await source.begin()
        source.gate.clear()
        tasks = [asyncio.create_task(source.comes(number)) for number in range(3)]
        await asyncio.sleep(0.01)
        assert len(source.reader.waiting) == 2
        await source.reader.close()
        assert [each.offset for kind, each in source.settled if kind == "ack"] == [1, 2]
        assert source.settled[-1] == ("requeue", token)
        source.gate.set()
        await asyncio.gather(*tasks)
        assert source.handled == [0]

    play(main)


def test_who_never_started_closes() -> None:
    async def main() -> None:
        await Source(From.first(), None).reader.close()

    play(main)

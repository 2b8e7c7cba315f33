"""A process's quarantine in virtual time: who begins when, beside whom, and who stands aside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from jararaca.messagebus import in_hand
from jararaca.messagebus.blame import quarantine
from jararaca.messagebus.blame.quarantine import POLL_SECONDS, Quarantine
from jararaca.messagebus.blame.verdict import LISTEN_SECONDS
from jararaca.messagebus.in_hand import InHand
from jararaca.transport import Delivery, Properties
from jararaca.transport.memory.broker import MemoryBroker
from jararaca.transport.memory.transport import MemoryTransport

from tests.support.virtual_time import run

CLOSE = pytest.approx
SLACK = 2 * POLL_SECONDS


@pytest.fixture(autouse=True)
def _virtual_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (in_hand, quarantine):
        monkeypatch.setattr(module, "monotonic", lambda: asyncio.get_running_loop().time())
    yield


class Process:
    """One process's quarantine, what it has in hand, and when each thing happened."""

    def __init__(self) -> None:
        self.quarantine = Quarantine()
        self.hand = InHand(MemoryTransport(MemoryBroker()), "handler")
        self.quarantine.watch(self.hand)
        self.times: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def delivery(self, name: str) -> Delivery:
        """A delivery of its own."""
        return Delivery("q", name, "", name.encode(), Properties(name), {}, True, None)

    def runs(self, name: str) -> Delivery:
        """What is no suspect begins."""
        delivery = self.delivery(name)
        self.hand.begin(delivery)
        return delivery

    def ends(self, delivery: Delivery) -> None:
        """It is settled."""
        self.hand.end(delivery)
        self.quarantine.over(delivery)

    async def begins(self, name: str, strikes: int, *, movable: bool = True) -> Delivery | None:
        """A suspect, once it has begun; None if it is to be set aside."""
        delivery = self.delivery(name)
        if not await self.quarantine.begins(delivery, strikes, movable=movable):
            return None
        self.hand.begin(delivery)
        self.note(name)
        await asyncio.sleep(0)
        return delivery

    def note(self, name: str) -> None:
        """When something was."""
        self.times[name] = asyncio.get_running_loop().time()

    def start(self, what: Awaitable[object], name: str = "") -> asyncio.Task[None]:
        """Do something meanwhile, and note when it is done."""

        async def noted() -> None:
            await what
            if name:
                self.note(name)

        task = asyncio.ensure_future(noted())
        self._tasks.append(task)
        return task


def play(story: Callable[[Process], Awaitable[None]]) -> dict[str, float]:
    """What happened when."""

    async def played() -> dict[str, float]:
        process = Process()
        await story(process)
        return process.times

    return run(played())


def test_a_suspect_begins_at_once_where_nothing_runs() -> None:
    async def story(process: Process) -> None:
        assert await process.begins("suspect", 2)

    assert play(story)["suspect"] == CLOSE(0, abs=SLACK)


def test_a_suspect_waits_for_the_end_of_what_runs() -> None:
    async def story(process: Process) -> None:
        running = process.runs("running")
        process.start(process.begins("suspect", 2))
        await asyncio.sleep(2)
        assert "suspect" not in process.times
        process.ends(running)
        await asyncio.sleep(1)

    assert play(story)["suspect"] == CLOSE(2, abs=SLACK)


def test_a_suspect_waits_no_longer_than_until_what_runs_is_old() -> None:
    async def story(process: Process) -> None:
        process.runs("running")
        await process.begins("suspect", 2)

    assert play(story)["suspect"] == CLOSE(5, abs=SLACK)


def test_nothing_else_begins_while_a_suspect_waits_nor_while_it_is_young() -> None:
    async def story(process: Process) -> None:
        running = process.runs("running")
        process.start(process.begins("suspect", 2))
        await asyncio.sleep(0)
        assert process.quarantine.closed
        process.start(process.quarantine.passed(), "usual")
        await asyncio.sleep(1)
        process.ends(running)
        await asyncio.sleep(10)
        assert not process.quarantine.closed

    times = play(story)
    assert times["usual"] == CLOSE(times["suspect"] + 5, abs=SLACK)


def test_what_waits_begins_as_soon_as_the_suspect_is_settled() -> None:
    async def story(process: Process) -> None:
        suspect = await process.begins("suspect", 2)
        assert suspect is not None
        process.start(process.quarantine.passed(), "usual")
        await asyncio.sleep(1)
        process.ends(suspect)
        await asyncio.sleep(0.5)
        assert not process.quarantine.suspects

    assert play(story)["usual"] == CLOSE(1, abs=SLACK)


def test_what_is_no_suspect_passes_at_once_where_there_is_none() -> None:
    async def story(process: Process) -> None:
        process.runs("running")
        await process.quarantine.passed()
        process.note("usual")

    assert play(story)["usual"] == 0


def test_with_three_strikes_it_listens_first() -> None:
    async def story(process: Process) -> None:
        await process.begins("suspect", 3)

    assert play(story)["suspect"] == CLOSE(LISTEN_SECONDS, abs=SLACK)


def test_a_second_suspect_is_set_aside_while_one_waits_or_is_young() -> None:
    async def story(process: Process) -> None:
        running = process.runs("running")
        process.start(process.begins("first", 2))
        await asyncio.sleep(0)
        assert await process.begins("second", 2) is None
        process.ends(running)
        await asyncio.sleep(1)
        assert "first" in process.times
        assert await process.begins("third", 2) is None

    play(story)


def test_beside_an_old_suspect_another_begins_unless_one_has_three_strikes() -> None:
    async def story(process: Process) -> None:
        assert await process.begins("first", 2)
        await asyncio.sleep(6)
        assert await process.begins("third strike", 3) is None
        assert await process.begins("second", 2)

    play(story)


def test_what_cannot_be_moved_waits_in_line_for_one_another() -> None:
    """Both would begin in the same moment: the second waits until the first is old or settled."""

    async def story(process: Process) -> None:
        running = process.runs("running")
        process.start(process.begins("first", 2, movable=False))
        process.start(process.begins("second", 2, movable=False))
        await asyncio.sleep(1)
        process.ends(running)
        await asyncio.sleep(10)

    times = play(story)
    assert times["first"] == CLOSE(1, abs=SLACK)
    assert times["second"] == CLOSE(times["first"] + 5, abs=SLACK)


def test_none_begins_while_another_is_being_set_aside() -> None:
    async def story(process: Process) -> None:
        with process.quarantine.setting_aside():
            process.start(process.begins("suspect", 2))
            await asyncio.sleep(3)
            assert "suspect" not in process.times
        await asyncio.sleep(1)

    assert play(story)["suspect"] == CLOSE(3, abs=SLACK)


def test_at_the_end_nobody_waits_any_more() -> None:
    async def story(process: Process) -> None:
        process.runs("running")
        process.start(process.begins("suspect", 3))
        process.start(process.quarantine.passed(), "usual")
        await asyncio.sleep(1)
        process.quarantine.end()
        await asyncio.sleep(0.1)
        assert not process.quarantine.closed

    times = play(story)
    assert times["usual"] == CLOSE(1, abs=SLACK)
    assert times["suspect"] == CLOSE(1, abs=SLACK)


def test_a_suspect_that_gives_up_waiting_closes_nothing_behind_it() -> None:
    async def story(process: Process) -> None:
        process.runs("running")
        waiting = process.start(process.begins("suspect", 2))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.sleep(0.1)
        assert not process.quarantine.closed

    play(story)


def test_all_that_waits_begins_when_the_worker_stops() -> None:
    async def scene() -> None:
        process = Process()
        await process.begins("suspect", 2)
        usual = process.start(process.quarantine.passed(), "usual")
        suspect = process.start(process.begins("next", 3, movable=False))
        await asyncio.sleep(1)
        assert process.quarantine.closed and "usual" not in process.times
        process.quarantine.end()
        assert not process.quarantine.closed
        await asyncio.gather(usual, suspect)
        assert process.times["usual"] == CLOSE(1) and process.times["next"] == CLOSE(1, abs=SLACK)

    run(scene())

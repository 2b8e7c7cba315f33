"""What was read is handled in its order, one message or one batch at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from jararaca.handling.streaming.line import Line
from jararaca.transport import Delivery, Properties

from tests.support.virtual_time import run

WITHIN = 0.5


def delivery(number: int) -> Delivery:
    return Delivery("s", "s", "", b"%d" % number, Properties(), {}, False, None)


class Played:
    """A line, what was handled together and when, and a handler that takes its time."""

    def __init__(self, size: int, seconds: float = 0.0) -> None:
        self.handled: list[tuple[float, list[int]]] = []
        self.stopping = asyncio.Event()
        self.line = Line(self.handle, size, WITHIN, self.stopping)
        self.seconds = seconds
        self.tasks: list[asyncio.Task[None]] = []

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Note it, and take the time."""
        now = asyncio.get_running_loop().time()
        self.handled.append((now, [int(each.body) for each in deliveries]))
        await asyncio.sleep(self.seconds)

    def comes(self, *numbers: int) -> None:
        """Messages come."""
        self.tasks += [asyncio.create_task(self.line.join(delivery(each))) for each in numbers]

    async def over(self) -> list[tuple[float, list[int]]]:
        """All that was handled."""
        await asyncio.gather(*self.tasks)
        return self.handled


def played(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return run(main())


def test_one_by_one_each_begins_when_the_one_before_is_over() -> None:
    async def main() -> Any:
        made = Played(1, seconds=1.0)
        made.comes(0, 1, 2)
        await asyncio.sleep(0.5)
        assert len(made.line.waiting) == 2
        return await made.over()

    assert played(main) == [(0.0, [0]), (1.0, [1]), (2.0, [2])]


def test_a_batch_that_is_full_waits_for_nobody() -> None:
    async def main() -> Any:
        made = Played(2)
        made.comes(0, 1, 2, 3, 4)
        return await made.over()

    assert played(main) == [(0.0, [0, 1]), (0.0, [2, 3]), (WITHIN, [4])]


def test_a_batch_waits_so_long_for_others_and_no_longer() -> None:
    async def main() -> Any:
        made = Played(3)
        made.comes(0)
        await asyncio.sleep(0.3)
        made.comes(1)
        await asyncio.sleep(0.3)
        made.comes(2)
        await asyncio.sleep(0.1)
        made.comes(3, 4)
        return await made.over()

    assert played(main) == [(WITHIN, [0, 1]), (0.7, [2, 3, 4])]


def test_who_stops_waits_for_no_others() -> None:
    async def main() -> Any:
        made = Played(3)
        made.stopping.set()
        made.comes(0, 1)
        return await made.over()

    assert played(main) == [(0.0, [0]), (0.0, [1])]


def test_who_is_forgotten_is_not_handled() -> None:
    async def main() -> Any:
        made = Played(1, seconds=1.0)
        made.comes(0, 1, 2)
        await asyncio.sleep(0.5)
        assert [each.body for each in made.line.clear()] == [b"1", b"2"]
        assert made.line.clear() == []
        made.comes(3)
        return await made.over()

    assert played(main) == [(0.0, [0]), (1.0, [3])]

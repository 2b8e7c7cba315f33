"""The threads of handlers: at the end nothing more begins, and nobody is told of what was left."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

from jararaca.application.threads import Threads


class Work:
    """A handler in a thread, which ends when it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.go_on = threading.Event()
        self.error: Exception | None = None

    def work(self, number: int) -> int:
        self.begun.append(number)
        self.go_on.wait(10)
        if self.error is not None:
            raise self.error
        return number


async def until_begun(work: Work, count: int) -> None:
    async with asyncio.timeout(10):
        while len(work.begun) < count:
            await asyncio.sleep(0.01)


async def test_what_waits_for_a_thread_at_the_end_is_not_begun() -> None:
    threads, work = Threads(asyncio.Event()), Work()
    call = threads.awaitable(Work, work.work, 1)
    first, second = (asyncio.ensure_future(call(number)) for number in (1, 2))
    await until_begun(work, 1)
    threads.close()
    work.go_on.set()
    assert await first == 1
    await asyncio.wait({second}, timeout=2)
    assert second.cancelled() and work.begun == [1]


async def test_as_many_run_at_once_as_were_asked_for() -> None:
    threads, work = Threads(asyncio.Event()), Work()
    call = threads.awaitable(Work, work.work, 2)
    calls = [asyncio.ensure_future(call(number)) for number in range(3)]
    await until_begun(work, 2)
    await asyncio.sleep(0.05)
    assert len(work.begun) == 2
    work.go_on.set()
    assert await asyncio.gather(*calls) == [0, 1, 2]
    threads.close()


async def test_the_failure_of_a_thread_that_was_left_behind_is_nobodys() -> None:
    stopping, told = asyncio.Event(), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
    threads, work = Threads(stopping), Work()
    work.error = ValueError("too late")
    call = asyncio.ensure_future(threads.awaitable(Work, work.work, 1)(1))
    await until_begun(work, 1)
    stopping.set()
    call.cancel()
    await asyncio.wait({call})
    assert call.cancelled()
    work.go_on.set()
    threads.close()
    await asyncio.sleep(0.1)
    del call
    gc.collect()
    await asyncio.sleep(0)
    assert told == []

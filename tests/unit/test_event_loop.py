"""A process's event loop goes on whatever ends one of its tasks, and ends with its work."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterator

import pytest
from jararaca.errors import HandlerCrashedError
from jararaca.messagebus.event_loop import run_to_end


async def leave() -> None:
    sys.exit(3)


async def interrupt() -> None:
    raise KeyboardInterrupt


def in_a_task() -> None:
    task = asyncio.get_running_loop().create_task(leave())
    task.add_done_callback(lambda done: done.exception())


def interrupted() -> None:
    task = asyncio.get_running_loop().create_task(interrupt())
    task.add_done_callback(lambda done: done.exception())


ENDINGS: dict[str, Callable[[], object]] = {
    "exits in a task": in_a_task,
    "exits in a callback": lambda: asyncio.get_running_loop().call_soon(sys.exit, 3),
    "interrupts in a task": interrupted,
    "stops the loop": lambda: asyncio.get_running_loop().stop(),
}


@pytest.fixture(autouse=True)
def somebody_listens_to_ctrl_c() -> Iterator[None]:
    """As a worker does while it runs."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("way", ENDINGS)
def test_what_ends_the_loop_does_not_end_the_work(
    way: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> str:
        neighbour = asyncio.create_task(asyncio.sleep(0.05, "neighbour"))
        for _ in range(2):
            ENDINGS[way]()
            await asyncio.sleep(0.01)
        return await neighbour

    assert run_to_end(work()) == "neighbour"
    told = [each for each in caplog.records if "the event loop goes on" in each.getMessage()]
    assert len(told) == 2 and told[0].levelno == logging.ERROR


@pytest.mark.parametrize("error", [SystemExit(3), RuntimeError("its own"), KeyboardInterrupt()])
def test_what_the_work_itself_raises_is_raised(error: BaseException) -> None:
    async def work() -> None:
        raise error

    with pytest.raises(type(error)):
        run_to_end(work())


def test_work_that_something_in_it_cancels_says_so() -> None:
    async def work() -> None:
        for task in asyncio.all_tasks():
            task.cancel()
        await asyncio.sleep(1)

    with pytest.raises(HandlerCrashedError, match="must choose its own"):
        run_to_end(work())


def test_ctrl_c_that_nobody_listens_to_lets_the_work_tidy_up() -> None:
    tidied: list[str] = []

    async def work() -> None:
        neighbour = asyncio.create_task(asyncio.sleep(0.02, "with its neighbour"))
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        try:
            await asyncio.sleep(5)
        finally:
            tidied.append(await neighbour)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        run_to_end(work())
    assert tidied == ["with its neighbour"]

"""A lock for each key: first come, first served, and nothing is kept of who is done."""

from __future__ import annotations

import asyncio

from jararaca.handling.middlewares.keyed_lock import KeyedLock


async def test_turns_are_taken_in_the_order_of_coming_and_each_key_has_its_own() -> None:
    lock, began = KeyedLock(), []
    may_end = asyncio.Event()

    async def take(key: str, number: int) -> None:
        async with lock.hold(key):
            began.append((key, number))
            await may_end.wait()

    taking = [asyncio.create_task(take(key, n)) for n in range(3) for key in ("a", "b")]
    await asyncio.sleep(0.01)
    assert began == [("a", 0), ("b", 0)]
    may_end.set()
    await asyncio.gather(*taking)
    assert [number for key, number in began if key == "a"] == [0, 1, 2]


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    lock, began = KeyedLock(), []
    may_end = asyncio.Event()

    async def take(number: int) -> None:
        async with lock.hold("key"):
            began.append(number)
            await may_end.wait()

    first, second, third = (asyncio.create_task(take(number)) for number in range(3))
    await asyncio.sleep(0.01)
    second.cancel()
    may_end.set()
    await asyncio.gather(first, third)
    assert began == [0, 2]


async def test_nothing_is_kept_of_a_key_that_nobody_waits_for() -> None:
    lock = KeyedLock()
    for number in range(1_000):
        async with lock.hold(number):
            assert len(lock) == 1
    assert len(lock) == 0

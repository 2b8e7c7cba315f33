"""The queue for answers is there before anything is asked, and is opened once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jararaca.errors import AccessRefusedError, BrokerUnreachableError
from jararaca.publishing.requests import ReplyQueue


class Slow:
    """A transport that declares when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.declared = 0
        self.consumed = 0
        self.error: Exception | None = None

    async def declare(self, topology: Any) -> None:
        self.declared += 1
        await self.let.wait()
        if self.error is not None:
            raise self.error

    async def consume(self, queue: str, prefetch: int, receive: Any) -> None:
        self.consumed += 1


async def test_all_who_ask_wait_until_it_is_consumed() -> None:
    transport, queue = Slow(), ReplyQueue()
    asking = [asyncio.create_task(queue.open(transport)) for _ in range(3)]  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    assert not any(each.done() for each in asking)
    transport.let.set()
    await asyncio.gather(*asking)
    await queue.open(transport)  # type: ignore[arg-type]
    assert (transport.declared, transport.consumed) == (1, 1)


async def test_one_that_could_not_be_opened_is_opened_at_the_next_request() -> None:
    transport, queue = Slow(), ReplyQueue()
    transport.let.set()
    transport.error = BrokerUnreachableError("gone")
    with pytest.raises(BrokerUnreachableError):
        await queue.open(transport)  # type: ignore[arg-type]
    transport.error = None
    await queue.open(transport)  # type: ignore[arg-type]
    assert (transport.declared, transport.consumed) == (2, 1)


async def test_one_whose_opening_was_cancelled_is_opened_at_the_next_request() -> None:
    """A loop that ends cancels it: another one asks again."""
    transport, queue = Slow(), ReplyQueue()
    asking = asyncio.create_task(queue.open(transport))  # type: ignore[arg-type]
    while queue._opening is None or not transport.declared:
        await asyncio.sleep(0)
    queue._opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    transport.let.set()
    await queue.open(transport)  # type: ignore[arg-type]
    assert (transport.declared, transport.consumed) == (2, 1)


async def test_an_account_without_the_right_is_told_which_one_it_needs() -> None:
    transport, queue = Slow(), ReplyQueue()
    transport.let.set()
    transport.error = AccessRefusedError("403")
    with pytest.raises(AccessRefusedError, match=r"jararaca\.replies\.\*"):
        await queue.open(transport)  # type: ignore[arg-type]

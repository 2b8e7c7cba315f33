"""Backing off, cancelling, and calls that end with their connection."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiormq.exceptions import AMQPConnectionError, ChannelAccessRefused, ConnectionInternalError
from jararaca.errors import AccessRefusedError, BrokerError, BrokerUnreachableError
from jararaca.transport.amqp import backoff as module
from jararaca.transport.amqp import channels
from jararaca.transport.amqp.backoff import backoff
from jararaca.transport.amqp.cancelling import cancel, raise_if_cancelled, retrieved
from jararaca.transport.amqp.channels import calling, calling_on, close_channel, while_open
from jararaca.transport.amqp.fast.connection import FastConnection


def test_pauses_double_up_to_half_a_minute_and_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.2)
    assert [backoff(n, 0.0) for n in range(1, 10)] == [
        *(0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0)
    ]
    assert backoff(10_000, 0.0) == 30.0
    assert backoff(1, 0.5) == 0.2 * 0.75 and backoff(10_000, 1.0) == 15.0


End = Callable[[asyncio.Future[Any]], object]
FAILS: End = lambda each: each.set_exception(ConnectionInternalError("541"))  # noqa: E731
STOPS: End = lambda each: each.set_result(None)  # noqa: E731
IS_CANCELLED: End = lambda each: each.cancel()  # noqa: E731


class Loud:
    """What the event loop says of errors that nobody asked for."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: self.said.append(told))


async def test_the_end_of_a_cancelled_task_is_waited_for_and_asked_for() -> None:
    loud = Loud()
    steps: list[str] = []

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("ended")
            raise ValueError("no paper")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await cancel(task)
    assert steps == ["ended"]
    del task
    gc.collect()
    await asyncio.sleep(0)
    assert loud.said == []


async def test_nobody_is_told_of_an_error_that_need_not_be_asked_for() -> None:
    loud = Loud()
    loop = asyncio.get_running_loop()
    for end in (FAILS, IS_CANCELLED):
        future: asyncio.Future[None] = loop.create_future()
        future.add_done_callback(retrieved)
        end(future)
        await asyncio.sleep(0)
        del future
    assert loud.said == []


async def test_what_is_no_task_was_not_cancelled() -> None:
    outcomes: list[object] = []

    def asked() -> None:
        try:
            raise_if_cancelled()
            outcomes.append(None)
        except BaseException as error:
            outcomes.append(error)

    asyncio.get_running_loop().call_soon(asked)
    await asyncio.sleep(0)
    assert outcomes == [None]


def connection() -> FastConnection:
    made = SimpleNamespace(closing=asyncio.get_running_loop().create_future())
    return cast(FastConnection, made)


async def test_a_call_ends_with_its_connection_and_its_reason() -> None:
    for end, expected in (
        (FAILS, ConnectionInternalError),
        (STOPS, AMQPConnectionError),
        (IS_CANCELLED, AMQPConnectionError),
    ):
        link = connection()
        stopped = asyncio.Event()

        async def waiting(told: asyncio.Event = stopped) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                told.set()

        call = asyncio.ensure_future(while_open(link, waiting()))
        await asyncio.sleep(0)
        end(link.closing)
        with pytest.raises(expected) as raised:
            await asyncio.wait_for(call, 20)
        assert type(raised.value) is expected
        await asyncio.wait_for(stopped.wait(), 20)


async def test_a_call_that_fails_behind_its_connection_is_nobodys_news() -> None:
    loud = Loud()
    link = connection()

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("over it too")

    call = asyncio.ensure_future(while_open(link, failing()))
    await asyncio.sleep(0)
    link.closing.set_result(None)
    with suppress(AMQPConnectionError):
        await call
    del call
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert loud.said == []


async def test_a_call_that_ends_by_itself_gives_its_answer() -> None:
    async def answered() -> int:
        return 7

    assert await while_open(connection(), answered()) == 7
    assert await calling(answered()) == 7
    assert await calling_on(connection(), answered()) == 7


async def raising(error: Exception) -> None:
    raise error


async def test_errors_of_a_call_are_ours_unless_they_are_the_callers() -> None:
    with pytest.raises(AccessRefusedError):
        await calling(raising(ChannelAccessRefused("no")))
    with pytest.raises(ZeroDivisionError):
        await calling(raising(ZeroDivisionError()))
    link = connection()
    link.closing.set_exception(ConnectionInternalError("541"))
    with pytest.raises(AccessRefusedError):
        await calling_on(link, raising(ChannelAccessRefused("no")))
    with pytest.raises(BrokerError, match="its log tells more"):
        await calling_on(link, raising(AMQPConnectionError()))


async def test_the_reason_of_a_connection_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    link = connection()
    loop = asyncio.get_running_loop()
    loop.call_later(0.001, link.closing.set_exception, ConnectionInternalError("541"))
    with pytest.raises(BrokerError, match="its log tells more"):
        await calling_on(link, raising(AMQPConnectionError()))
    monkeypatch.setattr(channels, "REASON_SECONDS", 0.001)
    silent = connection()
    with pytest.raises(BrokerUnreachableError):
        await calling_on(silent, raising(AMQPConnectionError()))
    for end in (IS_CANCELLED, STOPS):
        gone = connection()
        end(gone.closing)
        with pytest.raises(BrokerUnreachableError):
            await calling_on(gone, raising(AMQPConnectionError()))


async def test_a_channel_is_closed_once_and_never_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "CLOSE_SECONDS", 0.001)
    asked: list[Any] = []

    class Channel:
        is_closed = False

        async def close(self, why: Any) -> None:
            asked.append(why)
            if len(asked) == 1:
                raise AMQPConnectionError("gone meanwhile")
            await asyncio.Event().wait()

    channel: Any = Channel()
    await close_channel(None)
    await close_channel(channel)
    await close_channel(channel)
    channel.is_closed = True
    await close_channel(channel)
    assert len(asked) == 2 and asked[0].args == (200, "closed")

"""Opening and closing channels, with the broker's refusals translated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

import aiormq

from jararaca.errors import BrokerError, BrokerUnreachableError
from jararaca.transport.amqp.translate import ended, refused

T = TypeVar("T")
CLOSE_SECONDS = 5.0
REASON_SECONDS = 1.0
"""How long to wait for aiormq to say why the connection was closed."""


async def open_channel(connection: aiormq.Connection, *, confirms: bool = False) -> aiormq.Channel:
    """A new channel. Raises BrokerUnreachableError when the connection goes meanwhile."""
    channel = await calling(connection.channel(publisher_confirms=confirms))
    assert isinstance(channel, aiormq.Channel)
    return channel


async def close_channel(channel: aiormq.Channel | None) -> None:
    """Close once the broker has all that was sent; one that is gone already is closed enough."""
    if channel is not None and not channel.is_closed:
        with suppress(TimeoutError, BrokerError):
            await calling(channel.close(timeout=CLOSE_SECONDS))


async def calling_on(connection: aiormq.Connection, call: Awaitable[T]) -> T:
    """The same for a channel of ours, which does not know why its connection went."""
    try:
        return await calling(call)
    except BrokerUnreachableError:
        await asyncio.wait({connection.closing}, timeout=REASON_SECONDS)
        if connection.closing.done() and not connection.closing.cancelled():
            reason = connection.closing.exception()
            if reason is not None:
                raise refused(reason) from reason
        raise


async def calling(call: Awaitable[T]) -> T:
    """Await a call of the broker; it raises errors of ours only."""
    try:
        return await call
    except BaseException as error:
        if ended(error):
            raise refused(error) from error
        raise

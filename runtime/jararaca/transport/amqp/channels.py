"""Opening and closing channels, with the broker's refusals translated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from aio_pika.abc import AbstractChannel
from aiormq.exceptions import AMQPConnectionError, ChannelClosed

from jararaca.errors import BrokerError, BrokerUnreachableError
from jararaca.transport.amqp.cancelling import retrieved
from jararaca.transport.amqp.exact import ExactChannel, ExactExchange, ExactQueue
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.translate import ended, refused

T = TypeVar("T")
CLOSE_SECONDS = 5.0
REASON_SECONDS = 1.0
"""How long to wait for aiormq to say why the connection was closed."""


async def open_channel(connection: FastConnection, *, confirms: bool = False) -> ExactChannel:
    """A new channel; with `confirms`, a publication raises what the broker does not take.

    Raises BrokerUnreachableError when the connection goes meanwhile.
    """
    try:
        number = connection.fresh_number()
    except AMQPConnectionError as error:
        raise refused(error) from error
    channel = ExactChannel(connection, number, confirms, on_return_raises=confirms)
    await calling(while_open(connection, channel.initialize()))
    return channel


async def queue_on(channel: ExactChannel, name: str) -> ExactQueue:
    """A queue by its name; nobody is asked whether it is there."""
    queue = await channel.get_queue(name, ensure=False)
    assert isinstance(queue, ExactQueue)
    return queue


async def exchange_on(channel: ExactChannel, name: str) -> ExactExchange:
    """An exchange by its name; nobody is asked whether it is there."""
    exchange = await channel.get_exchange(name, ensure=False)
    assert isinstance(exchange, ExactExchange)
    return exchange


async def close_channel(channel: AbstractChannel | None) -> None:
    """Close once the broker has all that was sent; one that is gone already is closed enough."""
    if channel is not None and not channel.is_closed:
        with suppress(TimeoutError, BrokerError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await calling(channel.close(ChannelClosed(200, "closed")))


async def while_open(connection: FastConnection, call: Coroutine[Any, Any, T]) -> T:
    """Await a call for as long as its connection lasts: aio-pika waits on one that was blocked,
    and has gone, without end. Raises what has ended the connection.
    """
    calling = asyncio.ensure_future(call)
    # What has ended the connection is told: that the call failed over it too is no news.
    calling.add_done_callback(retrieved)
    try:
        await asyncio.wait((calling, connection.closing), return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            return await calling
        reason = None if connection.closing.cancelled() else connection.closing.exception()
        raise reason or AMQPConnectionError("the connection was lost")
    finally:
        calling.cancel()


async def calling_on(connection: FastConnection, call: Awaitable[T]) -> T:
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

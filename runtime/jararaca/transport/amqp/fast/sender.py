"""Publishing on a channel of ours: many publications in one write, their confirms together."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from pamqp import commands

from jararaca.contract.message_ids import new_message_id
from jararaca.errors import BrokerError, PublishParameterError
from jararaca.transport import Publication, limits
from jararaca.transport.amqp.channels import CLOSE_SECONDS, calling
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.fast.channel import FastChannel
from jararaca.transport.amqp.fast.confirms import Late, Nacked, Returned
from jararaca.transport.amqp.sender import (
    Lost,
    Sender,
    Suspected,
    late,
)

SWEEP_SECONDS = 1.0
"""How often the unconfirmed publications are looked through for those that are too late."""


class FastSender(Sender):
    """One channel in confirm mode; it opens another when that one is closed."""

    _returned = Returned
    _nacked = Nacked

    def __init__(self, link: Link, deadline: float) -> None:
        super().__init__(link, deadline)
        self._fast_channel: FastChannel | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    async def send(
        self, publication: Publication, exchange: str, prepare: Callable[[], Awaitable[None]] | None
    ) -> None:
        """Publish and return once confirmed; `prepare` is awaited before each try.

        Raises UnroutableError, PublishNackedError, AccessRefusedError, PublishTimeoutError.
        """
        properties = publication.properties
        odd = properties.reply_to == limits.DIRECT_REPLY_TO or properties.priority is not None
        if publication.headers or publication.terms is not None or odd:
            limits.check(publication, self._link.frame_max)
        if properties.message_id is None:
            properties = replace(properties, message_id=new_message_id())
            publication = replace(publication, properties=properties)
        channel = self._fast_channel
        loop = asyncio.get_running_loop() if channel is None else channel.loop
        give_up = loop.time() + self._deadline
        suspected = False
        try:
            if prepare is None and channel is not None and not (channel.is_closed or channel.full):
                try:
                    await self._written(channel, publication, exchange)
                    return
                except BaseException as error:
                    suspected = await self._is_suspect(channel, error, publication, exchange)
            async with asyncio.timeout_at(give_up):
                await self._until_confirmed(publication, exchange, prepare, suspected=suspected)
        except (Late, TimeoutError):
            raise late(self._link, publication, self._deadline) from None

    async def close(self) -> None:
        """Close the channel; publications under way are lost."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._fast_channel is not None and not self._fast_channel.is_closed:
            with suppress(TimeoutError, BrokerError):
                await calling(self._fast_channel.close(CLOSE_SECONDS))
        if self._apart is not None:
            await self._apart.close()

    async def _once(self, publication: Publication, exchange: str) -> None:
        channel = self._fast_channel
        if channel is None or channel.is_closed:
            channel = await self._opened()
        await self._confirmed(channel, publication, exchange)

    async def _opened(self) -> FastChannel:
        connection = await self._link.connection()
        async with self._opening:
            if self._fast_channel is None or self._fast_channel.is_closed:
                opening = connection.own_channel(commands.Confirm.Select())
                try:
                    self._fast_channel = await calling(opening)
                except BrokerError as error:
                    raise Lost from error
            return self._fast_channel

    async def _confirmed(
        self, channel: FastChannel, publication: Publication, exchange: str
    ) -> None:
        try:
            if channel.full:
                await channel.room()
            await self._written(channel, publication, exchange)
        except BaseException as error:
            await self._translate(channel.connection, error, publication, exchange)

    async def _is_suspect(
        self, channel: FastChannel, error: BaseException, publication: Publication, exchange: str
    ) -> bool:
        """Of one that is to be sent again: whether it may be what the channel was closed over.

        Raises what a try ended with otherwise, as one of our errors.
        """
        try:
            await self._translate(channel.connection, error, publication, exchange)
        except Lost as lost:
            return isinstance(lost, Suspected)

    def _written(
        self, channel: FastChannel, publication: Publication, exchange: str
    ) -> asyncio.Future[None]:
        """Write it. Raises PublishParameterError for what cannot be encoded."""
        if self._sweeping is None:
            self._sweep()
        try:
            return channel.publish(publication, exchange)
        except (TypeError, ValueError, AttributeError, OverflowError, struct.error) as error:
            limits.check(publication)
            raise PublishParameterError(str(error)) from error

    def _sweep(self) -> None:
        """Give up what is unconfirmed for too long: one timer for all, instead of one for each."""
        self._sweeping = None
        channel = self._fast_channel
        if channel is not None and not channel.is_closed:
            loop = asyncio.get_running_loop()
            channel.confirms.expire(loop.time() - self._deadline)
            pause = min(SWEEP_SECONDS, self._deadline / 10)
            self._sweeping = loop.call_later(pause, self._sweep)

"""Publishing with confirms: waits for the connection, and sends again what got no confirm."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NoReturn

from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelClosed,
    ChannelNotFoundEntity,
    ConnectionFrameError,
    ConnectionInternalError,
    ConnectionSyntaxError,
    ConnectionUnexpectedFrame,
    DeliveryError,
    PublishError,
)

from jararaca.contract.message_ids import new_message_id
from jararaca.errors import (
    AccessRefusedError,
    BrokerError,
    PublishNackedError,
    PublishTimeoutError,
    UnroutableError,
)
from jararaca.transport import Publication, limits
from jararaca.transport.amqp.cancelling import raise_if_cancelled
from jararaca.transport.amqp.channels import close_channel, exchange_on, open_channel
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.exact import ExactChannel, ExactMessage
from jararaca.transport.amqp.fast.channel import Connection
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.translate import ended, text

NO_EXCHANGE = re.compile(r"no exchange '(.+?)' in vhost")
NO_ACCESS = re.compile(r"access to exchange '(.+?)' in vhost")
NO_TOPIC = re.compile(r"access to topic '(.+?)' in exchange")
DEFAULT_EXCHANGE = "amq.default"
"""What the broker calls the exchange without a name."""

TOO_LARGE = re.compile(r"message size (\d+)")
OTHER_ACCOUNT = re.compile(
    r"user_id property set to '(?P<named>.*)' but authenticated user was '(?P<account>.*)'"
)
NAMING = (NO_EXCHANGE, NO_ACCESS, NO_TOPIC, TOO_LARGE, OTHER_ACCOUNT)
"""Reasons that name the publication which they are about: the others need not be suspected."""

PAUSE = 0.05
"""Seconds before a message is sent again whose channel was closed under it."""


OVER_A_FRAME = (
    ConnectionFrameError,
    ConnectionSyntaxError,
    ConnectionUnexpectedFrame,
    ConnectionInternalError,
)
"""501, 502, 505 and 541: what the broker says of a frame that it cannot read."""

CLOSING_SECONDS = 0.5
"""How long after its channel a connection may take to tell why it has ended."""


class OtherAccountError(AccessRefusedError):
    """The broker knows the connection by another account than the message names."""

    def __init__(self, text: str, account: str) -> None:
        super().__init__(text)
        self.account = account


class Lost(Exception):
    """The channel ended before the confirm came; the broker may or may not have the message."""


class Suspected(Lost):
    """The broker has closed the channel over one of those that were in flight, and did not say
    over which.
    """


class Sender:
    """One channel in confirm mode; it opens another when that one is closed.

    What was in flight when the broker closed it, for a reason that names none of these, is sent
    again by itself: on a channel beside it, one after the other, until the culprit is known.
    """

    _returned: type[Exception] = PublishError
    _nacked: type[Exception] = DeliveryError

    def __init__(self, link: Link, deadline: float) -> None:
        self._link = link
        self._deadline = deadline
        self._connection: FastConnection | None = None
        self._channel: ExactChannel | None = None
        self._opening = asyncio.Lock()
        self._sending: dict[str, asyncio.Event] = {}
        self._apart: Sender | None = None
        self._suspects = 0
        self._turn = asyncio.Lock()

    async def send(
        self, publication: Publication, exchange: str, prepare: Callable[[], Awaitable[None]] | None
    ) -> None:
        """Publish and return once confirmed; `prepare` is awaited before each try.

        Raises UnroutableError, PublishNackedError, AccessRefusedError, PublishTimeoutError, and
        PublishParameterError for what cannot be sent.
        """
        limits.check(publication, self._link.frame_max)
        message_id = publication.properties.message_id
        if message_id is None:
            message_id = new_message_id()
        properties = replace(publication.properties, message_id=message_id)
        try:
            async with asyncio.timeout(self._deadline) as deadline:
                # A returned message is known by its id alone: two of one id take turns.
                while (other := self._sending.get(message_id)) is not None:
                    await other.wait()
                self._sending[message_id] = asyncio.Event()
                try:
                    await self._until_confirmed(
                        replace(publication, properties=properties), exchange, prepare
                    )
                finally:
                    self._sending.pop(message_id).set()
        except TimeoutError:
            if not deadline.expired():
                raise
            raise late(self._link, publication, self._deadline) from None

    async def close(self) -> None:
        """Close the channel; publications under way are lost."""
        await close_channel(self._channel)
        if self._apart is not None:
            await self._apart.close()

    async def _until_confirmed(
        self,
        publication: Publication,
        exchange: str,
        prepare: Callable[[], Awaitable[None]] | None,
        *,
        suspected: bool = False,
    ) -> None:
        closed = 0
        while True:
            try:
                if prepare is not None:
                    await prepare()
                if suspected or closed > 1:
                    await self._alone(publication, exchange)
                else:
                    await self._once(publication, exchange)
                return
            except Lost as lost:
                raise_if_cancelled()
                closed += isinstance(lost.__cause__, ChannelClosed)
                suspected = suspected or isinstance(lost, Suspected)
                await asyncio.sleep(PAUSE)

    async def _once(self, publication: Publication, exchange: str) -> None:
        """Send it beside whatever else is sent. Raises Lost."""
        await self._attempt(await self._open_channel(), publication, exchange)

    async def _alone(self, publication: Publication, exchange: str) -> None:
        """Send it while nothing else is in flight on its channel: what ends this, it has ended.

        Raises PublishNackedError, and Lost for the end of the connection.
        """
        self._suspects += 1
        try:
            async with self._turn:
                if self._apart is None:
                    self._apart = type(self)(self._link, self._deadline)
                await self._apart._once(publication, exchange)
        except Lost as lost:
            if isinstance(closed := lost.__cause__, ChannelClosed):
                raise PublishNackedError(
                    f"the broker refused {publication.routing_key!r}: {text(closed)}"
                ) from closed
            raise
        finally:
            self._suspects -= 1
            if not self._suspects and self._apart is not None:
                apart, self._apart = self._apart, None
                await apart.close()

    async def _open_channel(self) -> ExactChannel:
        connection = await self._link.connection()
        async with self._opening:
            channel = self._channel
            if channel is None or channel.is_closed or self._connection is not connection:
                try:
                    self._channel = channel = await open_channel(connection, confirms=True)
                    self._connection = connection
                except BrokerError as error:
                    raise Lost from error
            return channel

    async def _attempt(
        self, channel: ExactChannel, publication: Publication, exchange: str
    ) -> None:
        assert self._connection is not None
        connection = self._connection
        try:
            to = await exchange_on(channel, exchange)
            await to.send(
                ExactMessage(publication),
                publication.routing_key,
                mandatory=publication.mandatory,
            )
        except BaseException as error:
            await self._translate(connection, error, publication, exchange)

    async def _translate(
        self,
        connection: Connection,
        error: BaseException,
        publication: Publication,
        exchange: str,
    ) -> NoReturn:
        """Raise our error for what a try ended with; Lost where another try may go well."""
        if isinstance(error, self._returned):
            raise unroutable(publication, exchange) from error
        if isinstance(error, self._nacked):
            raise nacked(publication) from error
        if not ended(error):
            raise error
        refusal(error, publication, exchange)
        if not isinstance(error, ChannelClosed):
            await over_a_frame(connection, publication)
        elif not any(known.search(text(error)) for known in NAMING):
            raise Suspected from error
        raise Lost from error


async def over_a_frame(connection: Connection, publication: Publication) -> None:
    """Raise PublishNackedError where the broker closed the connection over something sent.

    Nobody knows over what: it may be this, and sent again it would end the next connection too.
    """
    closing = connection.closing
    if not closing.done():
        await asyncio.wait({closing}, timeout=CLOSING_SECONDS)
    error = closing.exception() if closing.done() and not closing.cancelled() else None
    if isinstance(error, OVER_A_FRAME):
        raise PublishNackedError(
            f"the broker closed the connection because of a frame ({text(error)}): it is unknown "
            f"whether it took {publication.routing_key!r}, so this is not sent again"
        ) from error


def unroutable(publication: Publication, exchange: str) -> UnroutableError:
    """The error of a mandatory publication that came back."""
    return UnroutableError(
        f"no queue receives {publication.routing_key!r} from the exchange {exchange!r}: start "
        "a worker of the service that handles it once, or run `jararaca topology apply`"
    )


def nacked(publication: Publication) -> PublishNackedError:
    """The error of a publication that the broker did not take."""
    return PublishNackedError(
        f"the broker refused {publication.routing_key!r}: a queue is full or failed"
    )


def late(link: Link, publication: Publication, deadline: float) -> PublishTimeoutError:
    """The error of a publication that was not confirmed in `deadline` seconds."""
    if link.blocked:
        why = "the broker blocks publishers (memory or disk alarm)"
    elif not link.ready:
        why = "there is no connection to the broker"
    else:
        why = "no confirm came"
    return PublishTimeoutError(
        f"{publication.routing_key!r} was not confirmed in {deadline:g} s: {why}"
    )


def refusal(error: BaseException, publication: Publication, exchange: str) -> None:
    """Raise our error if the channel was closed over this very publication."""
    told = text(error)
    if isinstance(error, ChannelNotFoundEntity) and _named(NO_EXCHANGE, told) == exchange:
        raise UnroutableError(
            f"there is no exchange {exchange!r} on this broker: start a worker of the service "
            "once, or run `jararaca topology apply`"
        ) from error
    if _named(NO_TOPIC, told) == publication.routing_key:
        raise AccessRefusedError(
            f"the account may not publish the topic {publication.routing_key!r}"
        ) from error
    refused = _named(NO_ACCESS, told)
    if isinstance(error, ChannelAccessRefused) and refused == (exchange or DEFAULT_EXCHANGE):
        named = f"the exchange {exchange!r}" if exchange else "the default exchange, that of queues"
        raise AccessRefusedError(
            f"the account may not publish to {named}: `jararaca topology permissions USER` prints "
            "what it needs"
        ) from error
    other = OTHER_ACCOUNT.search(told)
    if other and publication.terms is not None and publication.terms.user_id == other["named"]:
        raise OtherAccountError(
            f"{publication.routing_key!r} names the account {other['named']!r}, and this "
            f"connection's is {other['account']!r}",
            other["account"],
        ) from error
    if _named(TOO_LARGE, told) == str(len(publication.body)):
        raise PublishNackedError(
            f"the broker refused {publication.routing_key!r}: {told}"
        ) from error


def _named(pattern: re.Pattern[str], told: str) -> str | None:
    found = pattern.search(told)
    return found[1] if found else None

"""Asking instead of consuming: fetching single messages, counting, and comparing a topology."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

from jararaca.contract.topology import Exchange, Queue, Topology, dead_letter_queue
from jararaca.errors import AccessRefusedError, QueueNotFoundError, TopologyMismatchError
from jararaca.transport import UNCOMPARED, UNSEEN, Delivery, Finding, QueueDepth
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.channels import calling, close_channel, open_channel, queue_on
from jararaca.transport.amqp.connection import Link
from jararaca.transport.amqp.declaring import declaration, older_dead_letters
from jararaca.transport.amqp.exact import ExactChannel
from jararaca.transport.amqp.fast.connection import FastConnection
from jararaca.transport.amqp.receiver import Token
from jararaca.transport.amqp.translate import delivery_of
from jararaca.transport.limits import MAX_SHORT


class Asker:
    """A channel for tools; what is fetched stays unsettled until it is settled, or this closes."""

    def __init__(self, link: Link, accounts: Accounts) -> None:
        self._link = link
        self._accounts = accounts
        self._channel: ExactChannel | None = None

    async def fetch(self, queue: str) -> Delivery | None:
        """One message, or None. Raises QueueNotFoundError."""
        _check(queue)
        wanted = await queue_on(await self._open(), queue)
        message = await calling(wanted.fetch())
        if message is None:
            return None
        return delivery_of(queue, message, message.received, Token(message), self._accounts)

    async def count(self, queue: str) -> int:
        """How many messages wait. Raises QueueNotFoundError."""
        return (await self.depth(queue)).messages

    async def depth(self, queue: str) -> QueueDepth:
        """How many messages wait, and how many consume them. Raises QueueNotFoundError."""
        _check(queue)
        channel = await self._open()
        found = (await calling(channel.declare_queue(queue, passive=True))).declaration_result
        return QueueDepth(found.message_count or 0, found.consumer_count or 0)

    async def inspect(self, topology: Topology) -> tuple[Finding, ...]:
        """How each exchange and queue stands to the broker: asked first, declared when there.

        To declare what is there changes nothing: the broker only compares. An account without the
        right to configure is told what is there, and no more.
        """
        connection = await self._link.connection()
        found = []
        for exchange in topology.exchanges:
            if exchange.name and not exchange.name.startswith(declaration.PREDECLARED[1]):
                found.append(await _inspect_exchange(connection, exchange))
        ask = partial(_inspect_queue, connection)
        for queue in topology.queues:
            found.append(await older_dead_letters.inspected(topology, queue, ask))
        for queue in topology.queues:
            if older_dead_letters.older(topology, queue) is not None:
                found += await self._left(dead_letter_queue(queue.name))
        return tuple(found)

    async def as_found(self, topology: Topology) -> Topology:
        """The topology with its queues as the broker has them, where either form works."""
        connection = await self._link.connection()
        ask = partial(_inspect_queue, connection)
        return await older_dead_letters.as_found(topology, ask)

    async def _left(self, letters: str) -> list[Finding]:
        """The dead-letter queue that a queue had for itself, where it is still there."""
        try:
            number = await self.count(letters)
        except QueueNotFoundError:
            return []
        return [older_dead_letters.left(letters, number)]

    async def close(self) -> None:
        """Give back what is unsettled."""
        await close_channel(self._channel)

    async def _open(self) -> ExactChannel:
        if self._channel is None or self._channel.is_closed:
            self._channel = await open_channel(await self._link.connection())
        return self._channel


def _check(queue: str) -> None:
    """Raise QueueNotFoundError for a name that no queue can have."""
    if len(queue.encode("utf-8", "surrogatepass")) > MAX_SHORT:
        raise QueueNotFoundError(f"no queue has a name of more than {MAX_SHORT} bytes: {queue!r}")


async def _inspect_queue(connection: FastConnection, queue: Queue) -> Finding:
    return await _inspect(connection, "queue", queue, _ask_queue, declaration.declare_queue)


async def _inspect_exchange(connection: FastConnection, exchange: Exchange) -> Finding:
    compare = declaration.declare_exchange
    return await _inspect(connection, "exchange", exchange, _ask_exchange, compare)


async def _inspect(
    connection: FastConnection,
    kind: Literal["exchange", "queue"],
    wanted: Exchange | Queue,
    ask: Callable[[ExactChannel, Any], Awaitable[Any]],
    compare: Callable[[ExactChannel, Any], Awaitable[Any]],
) -> Finding:
    channel = await open_channel(connection)
    try:
        await calling(ask(channel, wanted))
        try:
            await calling(compare(channel, wanted))
        except AccessRefusedError:
            return Finding(kind, wanted.name, "same", UNCOMPARED)
        return Finding(kind, wanted.name, "same")
    except AccessRefusedError:
        # RabbitMQ 4 tells an account nothing of what it has no right to at all.
        return Finding(kind, wanted.name, "unknown", UNSEEN)
    except QueueNotFoundError:
        return Finding(kind, wanted.name, "missing")
    except TopologyMismatchError as error:
        return Finding(kind, wanted.name, "different", str(error))
    finally:
        await close_channel(channel)


async def _ask_exchange(channel: ExactChannel, exchange: Exchange) -> None:
    await channel.declare_exchange(exchange.name, exchange.type, passive=True)


async def _ask_queue(channel: ExactChannel, queue: Queue) -> None:
    await channel.declare_queue(queue.name, passive=True)

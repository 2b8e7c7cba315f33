"""One queue of the ears' own: bounded, exclusive, gone with its connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jararaca_compiler.listening.broker.management import EAR
from jararaca_compiler.listening.certainty import Certainty
from jararaca_compiler.listening.choosing import Ear
from jararaca_compiler.listening.exact import bind, unbind

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
    from aio_pika.abc import AbstractQueue as AmqpQueue


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a queue of the ears' may hold, and how much of it is on its way at once."""

    messages: int = 10_000
    bytes: int = 32 * 1024 * 1024
    age_ms: int = 60_000
    prefetch: int = 64

    def arguments(self, name: str) -> dict[str, Any]:
        """The arguments of the queue. The newest push out the oldest, and publishers never wait.

        A policy for all queues may have a dead-letter exchange: that what is dropped here does not
        go there, it goes to a queue that nobody has.
        """
        return {
            "x-queue-type": "classic",
            "x-max-length": self.messages,
            "x-max-length-bytes": self.bytes,
            "x-overflow": "drop-head",
            "x-message-ttl": self.age_ms,
            "x-expires": self.age_ms,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{name}.dropped",
        }


class EarQueue:
    """An ear on a connection; `arrived` counts all that came, copies by other exchanges too."""

    def __init__(self, ear: Ear, bounds: Bounds) -> None:
        self.ear = ear
        self.name = f"{EAR}{uuid4().hex}"
        self.arrived = 0
        self.certainty = Certainty(bounds.messages - bounds.prefetch, bounds.bytes)
        self._bounds = bounds
        self._unacked: AbstractIncomingMessage | None = None
        self._pending = 0
        self._channel: AbstractChannel | None = None
        self._queue: AmqpQueue | None = None

    async def declare(
        self,
        connection: AbstractConnection,
        take: Callable[[EarQueue, AbstractIncomingMessage], None],
    ) -> None:
        """Declare the queue and consume it, unbound as yet."""
        self._channel = await connection.channel(publisher_confirms=False)
        await self._channel.set_qos(prefetch_count=self._bounds.prefetch)
        self._queue = await self._channel.declare_queue(
            self.name,
            exclusive=True,
            auto_delete=True,
            arguments=self._bounds.arguments(self.name),
        )

        async def came(message: AbstractIncomingMessage) -> None:
            self.arrived += 1
            self.certainty.arrived(len(message.body))
            take(self, message)

        await self._queue.consume(came, arguments={"x-priority": -10})

    async def bind(self) -> None:
        """Begin to hear. Raises aiormq's errors where the broker refuses it."""
        await self._for_each_key(bind)

    async def unbind(self) -> None:
        """Hear nothing more; what is in the queue still comes."""
        await self._for_each_key(unbind)

    async def _for_each_key(self, do: Callable[..., Awaitable[None]]) -> None:
        assert self._channel is not None
        for key in self.ear.keys:
            exchange, arguments = self.ear.exchange, dict(key.arguments)
            await do(self._channel, self.name, exchange, key.routing_key, arguments)

    async def taken(self, message: AbstractIncomingMessage, *, at_once: bool) -> None:
        """A message is dealt with: the next may come. Acks go in groups unless `at_once`."""
        self._unacked = message
        self._pending += 1
        if at_once or self._pending >= self._bounds.prefetch // 2:
            await self.ack()

    async def ack(self) -> None:
        """Ack what was taken."""
        message, self._unacked = self._unacked, None
        self._pending = 0
        if message is not None:
            await message.ack(multiple=True)

    async def look(self) -> int:
        """Ask how many messages are ready, and note what that proves."""
        assert self._channel is not None
        told = await self._channel.declare_queue(self.name, passive=True)
        left = told.declaration_result.message_count or 0
        self.certainty.left(left)
        return left

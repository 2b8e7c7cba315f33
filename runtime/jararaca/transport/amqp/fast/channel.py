"""A channel of our own on a connection that aiormq opened: calls, consumers, confirms."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiormq.channel import exception_by_code
from aiormq.exceptions import AMQPConnectionError, ChannelClosed
from pamqp import commands
from pamqp.base import Frame

from jararaca.transport import Delivery, Publication
from jararaca.transport.amqp.fast import content as contents
from jararaca.transport.amqp.fast import frames
from jararaca.transport.amqp.fast.confirms import Confirms
from jararaca.transport.amqp.fast.decoder import DELIVER, RETURN
from jararaca.transport.amqp.fast.delivery import consumer_tag_of, delivery_of
from jararaca.transport.amqp.fast.ledger import ACK, NACK, Ledger
from jararaca.transport.amqp.fast.tables import FrameError, raw

if TYPE_CHECKING:
    from jararaca.transport.amqp.fast.lane import LaneConnection

Deliver = Callable[[Delivery], None]


class FastChannel:
    """One AMQP channel, decoded in place; its errors are aiormq's own.

    `closing` ends with the error that ended the channel; `on_cancelled` is told when the broker
    ends a consumer.
    """

    def __init__(self, connection: LaneConnection, number: int, frame_max: int) -> None:
        self.connection = connection
        self.number = number
        self._lane = connection.lane
        self._loop = self._lane.loop
        self._outbox = self._lane.outbox
        self.ledger = Ledger(number, self._outbox.settled)
        self.confirms = Confirms()
        self.closing: asyncio.Future[None] = self._loop.create_future()
        self.closing.add_done_callback(_retrieved)
        self.on_cancelled: Callable[[], None] | None = None
        self._error: BaseException | None = None
        self._frames = frames.PublishFrames(number, frame_max)
        self._calls: deque[tuple[Frame, asyncio.Future[Frame]]] = deque()
        self._consumers: dict[bytes, tuple[str, Deliver]] = {}

    @property
    def is_closed(self) -> bool:
        """Whether the channel is gone, by whomever."""
        return self._error is not None

    async def call(self, *methods: Frame) -> list[Frame]:
        """Send methods in one write and await the replies, which come in order.

        Raises what ended the channel instead: the first method that the broker refuses does.
        """
        return [await reply for reply in self._send(methods)]

    def consume(self, tag: str, queue: str, deliver: Deliver) -> None:
        """Hand the deliveries of a consumer tag to `deliver`, from its very first one on."""
        self._consumers[raw(tag)] = (queue, deliver)

    async def basic_cancel(self, tag: str, timeout: float) -> None:
        """Stop a consumer; what still comes for it goes back. Raises TimeoutError."""
        self._consumers.pop(raw(tag), None)
        async with asyncio.timeout(timeout):
            await self.call(commands.Basic.Cancel(tag))

    def publish(self, publication: Publication, exchange: str) -> asyncio.Future[None]:
        """Write a publication; the future is the broker's confirm."""
        if self._error is not None:
            raise self._error
        self._outbox.write(self._frames.of(publication, exchange))
        future: asyncio.Future[None] = self._loop.create_future()
        self.confirms.sent(publication, future, self._loop.time())
        return future

    @property
    def full(self) -> bool:
        """Whether a publisher should wait for `room()` first."""
        return self._outbox.full

    async def room(self) -> None:
        """Wait until the socket takes more."""
        await self._outbox.room()

    async def close(self, timeout: float) -> None:
        """Send what is settled, then close. Raises TimeoutError."""
        if not self.is_closed:
            # The outbox sends settlements behind frames; the close must come behind both.
            self._outbox.flush()
            async with asyncio.timeout(timeout):
                await self.call(commands.Channel.Close(200, "closed", 0, 0))
            self._over(ChannelClosed(200, "closed"))

    def lost(self) -> None:
        """The connection went away under the channel; why, is the connection's to tell."""
        self._over(AMQPConnectionError())

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        """A delivery, or a publication that came back."""
        if method[:4] == DELIVER:
            self._delivered(method, content, body)
        elif method[:4] == RETURN:
            reason, routing_key = frames.returned(method)
            properties, _ = contents.read(content)
            self.confirms.returned(routing_key, properties.message_id, body, reason)
        else:
            raise FrameError("an answer to a basic.get that nobody sent")

    def on_method(self, method: bytes) -> None:
        """A confirm, the answer to a call, or the broker ending a consumer or the channel."""
        kind = method[:4]
        if kind in (ACK, NACK):
            self._confirmed(kind, method)
            return
        command = frames.decoded(method)
        if isinstance(command, commands.Channel.Close):
            self._outbox.write(frames.method(commands.Channel.CloseOk(), self.number))
            self._over(exception_by_code(command))
        elif isinstance(command, commands.Basic.Cancel):
            self._cancelled(command.consumer_tag or "")
        else:
            self._answered(command)

    def _send(self, methods: Sequence[Frame]) -> list[asyncio.Future[Frame]]:
        if self._error is not None:
            raise self._error
        replies: list[asyncio.Future[Frame]] = [self._loop.create_future() for _ in methods]
        for reply in replies:
            reply.add_done_callback(_retrieved)
        self._calls.extend(zip(methods, replies, strict=True))
        self._outbox.write(b"".join(frames.method(each, self.number) for each in methods))
        return replies

    def _delivered(self, method: bytes, content: bytes, body: bytes) -> None:
        consumer = self._consumers.get(consumer_tag_of(method))
        queue = consumer[0] if consumer else ""
        delivery = delivery_of(queue, method, content, body, self.ledger)
        tag = delivery.token[1]
        self.ledger.delivered(tag)
        if consumer is None:
            self.ledger.requeue(tag)
        else:
            consumer[1](delivery)

    def _confirmed(self, kind: bytes, method: bytes) -> None:
        if len(method) != 13:
            raise FrameError("a confirm of the wrong length")
        number, multiple = int.from_bytes(method[4:12]), bool(method[12] & 1)
        if kind == ACK:
            self.confirms.acked(number, multiple)
        else:
            self.confirms.nacked(number, multiple)

    def _answered(self, command: Frame) -> None:
        if not self._calls or command.name not in self._calls[0][0].valid_responses:
            raise FrameError(f"{command.name} where nothing of the kind was asked")
        _, reply = self._calls.popleft()
        if not reply.done():
            reply.set_result(command)

    def _cancelled(self, tag: str) -> None:
        self._consumers.pop(raw(tag), None)
        if self.connection.accept_consumer_cancel_ok:
            answer = commands.Basic.CancelOk(consumer_tag=tag)
            self._outbox.write(frames.method(answer, self.number))
        if self.on_cancelled is not None:
            self.on_cancelled()

    def _over(self, error: BaseException) -> None:
        if self._error is not None:
            return
        self._error = error
        self._lane.release(self.number)
        self.ledger.close()
        self.confirms.fail(error)
        calls, self._calls = self._calls, deque()
        for _, reply in calls:
            if not reply.done():
                reply.set_exception(error)
        if not self.closing.done():
            self.closing.set_exception(error)


def _retrieved(future: asyncio.Future[None] | asyncio.Future[Frame]) -> None:
    """Nobody has to wait for this future: an error in it is no warning."""
    if not future.cancelled():
        future.exception()

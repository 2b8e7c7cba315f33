"""A channel of our own on a connection that aiormq opened: calls, consumers, confirms."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiormq.channel import exception_by_code
from aiormq.exceptions import AMQPConnectionError, ChannelClosed
from pamqp import commands
from pamqp.base import Frame

from jararaca.transport import Publication
from jararaca.transport.amqp.cancelling import retrieved
from jararaca.transport.amqp.fast.acknowledgements import ACK, NACK, Acknowledgements
from jararaca.transport.amqp.fast.confirms import Confirms
from jararaca.transport.amqp.fast.socket import FastSocket
from jararaca.transport.amqp.fast.wire import content as contents
from jararaca.transport.amqp.fast.wire import frames, methods
from jararaca.transport.amqp.fast.wire.decoder import RETURN
from jararaca.transport.amqp.fast.wire.delivery import FastDelivery, delivery_of
from jararaca.transport.amqp.fast.wire.tables import FrameError, raw
from jararaca.transport.amqp.subscription import Subscription

Deliver = Callable[[FastDelivery], None]


class Connection(Protocol):
    """The connection of a channel."""

    @property
    def closing(self) -> asyncio.Future[Any]:
        """Done when it has ended, with the error that ended it."""

    @property
    def is_closed(self) -> bool:
        """Whether it has ended, by whomever."""

    @property
    def accept_consumer_cancel_ok(self) -> bool:
        """Whether the broker awaits an answer when it cancels a consumer."""


GATHERED_SECONDS = 1.0
"""How long gathered acks wait for more of them: RabbitMQ ends a channel that does not ack."""


class FastChannel:
    """One AMQP channel, decoded in place; its errors are aiormq's own.

    `closing` ends with the error that ended the channel.
    """

    def __init__(
        self, connection: Connection, socket: FastSocket, number: int, frame_max: int
    ) -> None:
        self.connection = connection
        self.number = number
        self._socket = socket
        self.loop = self._socket.loop
        self._buffer = self._socket.buffer
        self.acks = Acknowledgements(number, self._buffer.settled)
        self.confirms = Confirms()
        self.closing: asyncio.Future[None] = self.loop.create_future()
        self.closing.add_done_callback(retrieved)
        self._error: BaseException | None = None
        self._frames = frames.PublishFrames(number, frame_max)
        self._by_tag: dict[tuple[str, str | None], asyncio.Future[Frame]] = {}
        self._calls: deque[tuple[Sequence[str], asyncio.Future[Frame]]] = deque()
        self._consumers: dict[bytes, tuple[str, Deliver, Callable[[], None]]] = {}
        self._left: set[bytes] = set()
        self._prefetch: int | None = None
        self._gathering = False
        self._closing_call: asyncio.Future[Frame] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the channel is closed, by either side."""
        return self._error is not None

    async def call(self, *calls: Frame) -> list[Frame]:
        """Send methods in one write and await the replies, which come in order.

        Raises what ended the channel instead: the first method that the broker refuses does.
        """
        return [await reply for reply in self._send(calls)]

    def send(self, *calls: Frame) -> None:
        """Send methods; a reply that is no success ends the channel."""
        self._send(calls)

    async def declare(self, declarations: bytes) -> None:
        """Send frames that are not answered, and return when the broker has done them all.

        Raises what ended the channel: the first that the broker refuses does.
        """
        if self._error is not None:
            raise self._error
        self._buffer.write(declarations)
        await self.call(commands.Basic.Qos())

    async def consume(
        self,
        tag: str,
        subscription: Subscription,
        deliver: Deliver,
        cancelled: Callable[[], None],
    ) -> None:
        """Hand the deliveries of a consumer to `deliver`, from its very first one on.

        `cancelled` is told when the broker ends the consumer. The prefetch is the consumer's own,
        whoever else consumes on this channel.
        """
        if self._error is not None:
            raise self._error
        asked = []
        if subscription.prefetch != self._prefetch:
            self._prefetch = subscription.prefetch
            qos = methods.qos(self.number, subscription.prefetch)
            asked.append(self._ask(qos, commands.Basic.Qos.valid_responses))
        self._consumers[raw(tag)] = (subscription.queue, deliver, cancelled)
        consume = methods.consume(self.number, subscription.queue, tag, subscription.arguments)
        asked.append(self._ask_of(tag, consume, commands.Basic.ConsumeOk.name))
        for reply in asked:
            await reply

    def gather_acks(self, number: int) -> None:
        """Send so many together, or what there is of them after a second."""
        self.acks.gather(number, self._settled_later)

    async def basic_cancel(self, tag: str, timeout: float) -> None:
        """Stop a consumer; what still comes for it goes back. Raises TimeoutError."""
        self._consumers.pop(raw(tag), None)
        self._left.add(raw(tag))
        await self._cancel(tag, timeout)

    async def retire(self, tag: str, timeout: float) -> None:
        """Stop a consumer; what still comes for it is delivered. Raises TimeoutError."""
        await self._cancel(tag, timeout)
        self._consumers.pop(raw(tag), None)

    async def _cancel(self, tag: str, timeout: float) -> None:
        if self._error is not None:
            raise self._error
        cancel = frames.method(commands.Basic.Cancel(tag), self.number)
        async with asyncio.timeout(timeout):
            await self._ask_of(tag, cancel, commands.Basic.CancelOk.name)

    def publish(self, publication: Publication, exchange: str) -> asyncio.Future[None]:
        """Write a publication; the future is the broker's confirm."""
        if self._error is not None:
            raise self._error
        self._buffer.write(self._frames.of(publication, exchange))
        future: asyncio.Future[None] = self.loop.create_future()
        self.confirms.sent(publication, future, self.loop.time())
        return future

    @property
    def full(self) -> bool:
        """Whether a publisher should wait for `room()` first."""
        return self._buffer.full

    async def room(self) -> None:
        """Wait until the socket takes more."""
        await self._buffer.room()

    async def close(self, timeout: float) -> None:
        """Send what is settled, then close. Raises TimeoutError."""
        if not self.is_closed:
            if self._closing_call is None:
                # The buffer sends settlements behind frames; the close must come behind both.
                self._buffer.flush()
                # An ack behind the close would end the whole connection.
                self.acks.close()
                self._consumers.clear()
                [self._closing_call] = self._send((commands.Channel.Close(200, "closed", 0, 0),))
            async with asyncio.timeout(timeout):
                await asyncio.shield(self._closing_call)
            self._over(ChannelClosed(200, "closed"))

    def lost(self) -> None:
        """The connection went away under the channel; why, is the connection's to tell."""
        self._over(AMQPConnectionError())

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        """A publication that came back."""
        if method[:4] != RETURN:
            raise FrameError("an answer to a basic.get that nobody sent")
        reason, routing_key = frames.returned(method)
        properties, _ = contents.read(content)
        self.confirms.returned(routing_key, properties.message_id, body, reason)

    def on_delivery(self, method: bytes, content: bytes, body: bytes) -> None:
        """A delivery; one that nobody consumes any more goes back."""
        consumer = self._consumers.get(method[5 : 5 + method[4]])
        if consumer is None:
            self._unwanted(method, content, body)
            return
        acks = self.acks
        delivery = delivery_of(consumer[0], method, content, body, acks)
        acks.delivered(delivery.token[1])
        consumer[1](delivery)

    def on_method(self, method: bytes) -> None:
        """A confirm, the answer to a call, or the broker ending a consumer or the channel."""
        kind = method[:4]
        if kind in (ACK, NACK):
            self._confirmed(kind, method)
            return
        command = frames.decoded(method)
        if isinstance(command, commands.Channel.Close):
            self._buffer.write(frames.method(commands.Channel.CloseOk(), self.number))
            self._over(exception_by_code(command))
        elif isinstance(command, commands.Basic.Cancel):
            self._cancelled(command.consumer_tag or "")
        else:
            self._answered(command)

    def _unwanted(self, method: bytes, content: bytes, body: bytes) -> None:
        """Give a delivery back; its consumer is cancelled first, or it would come again at once.

        On a channel that is being closed it goes back by itself.
        """
        if self._closing_call is None:
            self._leave(method[5 : 5 + method[4]])
            acks, tag = delivery_of("", method, content, body, self.acks).token
            acks.delivered(tag)
            acks.requeue(tag)

    def _leave(self, tag: bytes) -> None:
        """Cancel a consumer, once, without an answer."""
        if tag not in self._left:
            self._left.add(tag)
            cancel = commands.Basic.Cancel(consumer_tag=tag.decode(), nowait=True)
            self._buffer.write(frames.method(cancel, self.number))

    def _send(self, calls: Sequence[Frame]) -> list[asyncio.Future[Frame]]:
        if self._error is not None:
            raise self._error
        return [self._ask(frames.method(each, self.number), each.valid_responses) for each in calls]

    def _ask(self, method: bytes, answers: Sequence[str]) -> asyncio.Future[Frame]:
        reply = self._written(method)
        self._calls.append((answers, reply))
        return reply

    def _ask_of(self, tag: str, method: bytes, answer: str) -> asyncio.Future[Frame]:
        """Ask what the queue answers, not the channel: in RabbitMQ others may be answered first."""
        reply = self._by_tag[answer, tag] = self._written(method)
        return reply

    def _written(self, method: bytes) -> asyncio.Future[Frame]:
        reply: asyncio.Future[Frame] = self.loop.create_future()
        reply.add_done_callback(retrieved)
        self._buffer.write(method)
        return reply

    def _confirmed(self, kind: bytes, method: bytes) -> None:
        if len(method) != 13:
            raise FrameError("a confirm of the wrong length")
        number, multiple = int.from_bytes(method[4:12]), bool(method[12] & 1)
        if kind == ACK:
            self.confirms.acked(number, multiple)
        else:
            self.confirms.nacked(number, multiple)

    def _answered(self, command: Frame) -> None:
        if isinstance(command, commands.Basic.ConsumeOk | commands.Basic.CancelOk):
            tagged = self._by_tag.pop((command.name, command.consumer_tag), None)
            if tagged is None:
                raise FrameError(f"{command.name} for a consumer that nobody asked about")
            if not tagged.done():
                tagged.set_result(command)
            return
        if not self._calls or command.name not in self._calls[0][0]:
            raise FrameError(f"{command.name} where nothing of the kind was asked")
        _, reply = self._calls.popleft()
        if not reply.done():
            reply.set_result(command)

    def _settled_later(self, acks: Acknowledgements) -> None:
        if not self._gathering:
            self._gathering = True
            self.loop.call_later(GATHERED_SECONDS, self._gathered)

    def _gathered(self) -> None:
        self._gathering = False
        self._buffer.settled(self.acks)

    def _cancelled(self, tag: str) -> None:
        """The broker ends a consumer: its queue is gone, or a delivery of it was not acked in time.

        RabbitMQ 4.3 keeps one that was too slow, and gives it messages again: it is cancelled.
        """
        consumer = self._consumers.pop(raw(tag), None)
        if self.connection.accept_consumer_cancel_ok:
            answer = commands.Basic.CancelOk(consumer_tag=tag)
            self._buffer.write(frames.method(answer, self.number))
        self._leave(raw(tag))
        if consumer is not None:
            consumer[2]()

    def _over(self, error: BaseException) -> None:
        if self._error is not None:
            return
        self._error = error
        self._socket.release(self.number)
        self.acks.close()
        self.confirms.fail(error)
        for reply in (*(reply for _, reply in self._calls), *self._by_tag.values()):
            if not reply.done():
                reply.set_exception(error)
        if not self.closing.done():
            self.closing.set_exception(error)

"""A channel of our own on a connection that aio-pika opened: calls, consumers, confirms."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jararaca.errors import BrokerError
from jararaca.transport import Delivery, Publication
from jararaca.transport.amqp.fast import content as contents
from jararaca.transport.amqp.fast import frames
from jararaca.transport.amqp.fast.confirms import Confirms
from jararaca.transport.amqp.fast.decoder import DELIVER, RETURN
from jararaca.transport.amqp.fast.delivery import consumer_tag_of, delivery_of
from jararaca.transport.amqp.fast.ledger import ACK, NACK, Ledger
from jararaca.transport.amqp.fast.tables import FrameError, raw
from pamqp import commands
from pamqp.base import Frame

if TYPE_CHECKING:
    from jararaca.transport.amqp.fast.link import Link


class ChannelClosedError(BrokerError):
    """A channel of the fast lane is gone; `code` is AMQP's, 0 where the connection went."""

    def __init__(self, code: int, text: str, method: tuple[int, int] = (0, 0)) -> None:
        super().__init__(text)
        self.code = code
        self.method = method


class FastChannel:
    """One AMQP channel, decoded in place.

    `on_cancelled` is told the consumer tag when the broker ends a consumer; `on_closed` the error
    when the broker closes the channel or the connection goes.
    """

    def __init__(self, link: Link, number: int, shared_exchange: str) -> None:
        self.link = link
        self.number = number
        self.ledger = Ledger(number, link.outbox.settled)
        self.confirms = Confirms()
        self.on_cancelled: Callable[[str], None] | None = None
        self.on_closed: Callable[[ChannelClosedError], None] | None = None
        self.closed: ChannelClosedError | None = None
        self._frames = frames.PublishFrames(number, link.frame_max, shared_exchange)
        self._calls: deque[tuple[Frame, asyncio.Future[Frame]]] = deque()
        self._consumers: dict[bytes, tuple[str, Callable[[Delivery], None]]] = {}

    async def call(self, *commands_: Frame) -> list[Frame]:
        """Send methods in one write and await the reply of each. Raises ChannelClosedError.

        The broker answers in order, and closes the channel at the first that it refuses.
        """
        return [await reply for reply in self.send(commands_)]

    def send(self, commands_: Sequence[Frame]) -> list[asyncio.Future[Frame]]:
        """Send methods in one write; the futures of their replies, in order."""
        if self.closed is not None:
            raise self.closed
        loop = self.link.loop
        replies: list[asyncio.Future[Frame]] = [loop.create_future() for _ in commands_]
        for reply in replies:
            reply.add_done_callback(_retrieved)
        self._calls.extend(zip(commands_, replies, strict=True))
        self.link.outbox.write(b"".join(frames.method(c, self.number) for c in commands_))
        return replies

    def consume(self, tag: str, queue: str, deliver: Callable[[Delivery], None]) -> None:
        """Hand the deliveries of a consumer tag to `deliver`, from its very first one on."""
        self._consumers[raw(tag)] = (queue, deliver)

    def stop_consuming(self, tag: str) -> None:
        """Give back whatever still comes for a consumer tag."""
        self._consumers.pop(raw(tag), None)

    def publish(self, publication: Publication) -> asyncio.Future[None]:
        """Write a publication; the future is the broker's confirm. Raises ChannelClosedError."""
        if self.closed is not None:
            raise self.closed
        self.link.outbox.write(self._frames.of(publication))
        future: asyncio.Future[None] = self.link.loop.create_future()
        self.confirms.sent(publication, future)
        return future

    async def close(self) -> None:
        """Send what is settled, then close the channel."""
        if self.closed is None:
            await self.call(commands.Channel.Close(200, "closed", 0, 0))
            self._over(ChannelClosedError(0, "the channel was closed"))

    def on_content(self, method: bytes, content: bytes, body: bytes) -> None:
        """A delivery, or a publication that came back."""
        kind = method[:4]
        if kind == DELIVER:
            self._delivered(method, content, body)
        elif kind == RETURN:
            reason, routing_key = frames.returned(method)
            properties, _ = contents.read(content)
            back = Publication(routing_key, body)
            self.confirms.returned(back, properties.message_id, reason)
        else:
            raise FrameError("an answer to a basic.get that nobody sent")

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

    def on_method(self, method: bytes) -> None:
        """A confirm, the answer to a call, or the broker ending a consumer or the channel."""
        kind = method[:4]
        if kind in (ACK, NACK):
            self._confirmed(kind, method)
            return
        command = frames.decoded(method)
        if isinstance(command, commands.Channel.Close):
            self.link.outbox.write(frames.method(commands.Channel.CloseOk(), self.number))
            text = f"{command.reply_code} {command.reply_text}"
            at = (command.class_id or 0, command.method_id or 0)
            self._over(ChannelClosedError(command.reply_code or 0, text, at))
        elif isinstance(command, commands.Basic.Cancel):
            self._cancelled(command.consumer_tag or "")
        else:
            self._answered(command)

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
        self.stop_consuming(tag)
        if self.link.answers_cancel:
            answer = commands.Basic.CancelOk(consumer_tag=tag)
            self.link.outbox.write(frames.method(answer, self.number))
        if self.on_cancelled is not None:
            self.on_cancelled(tag)

    def lost(self, reason: str) -> None:
        """The connection went away under the channel."""
        self._over(ChannelClosedError(0, reason))

    def _over(self, error: ChannelClosedError) -> None:
        if self.closed is not None:
            return
        self.closed = error
        self.link.release(self.number)
        self.ledger.close()
        self.confirms.fail(error)
        calls, self._calls = self._calls, deque()
        for _, call in calls:
            if not call.done():
                call.set_exception(error)
        if self.on_closed is not None:
            self.on_closed(error)


def _retrieved(reply: asyncio.Future[Frame]) -> None:
    """A caller that stopped at the first error leaves the others' errors unread: no warning."""
    if not reply.cancelled():
        reply.exception()

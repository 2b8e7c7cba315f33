"""Requests: each is published at once, and its answer handed to the one who waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from weakref import WeakKeyDictionary

from jararaca.contract import headers
from jararaca.contract.message_ids import new_message_id
from jararaca.contract.topology import Queue, Topology
from jararaca.errors import (
    AccessRefusedError,
    NoHandlerError,
    RequestFailedError,
    RequestTimeoutError,
    UnroutableError,
)
from jararaca.printable import logger_named
from jararaca.publishing.confirming import send
from jararaca.transport import Delivery, Publication, Transport

logger = logger_named("jararaca.requests")

QUEUE_PREFIX = "jararaca.replies."
EXPIRES_SECONDS = 120
"""How long the queue of a process that is gone stays; one that reconnects sooner loses nothing."""

PREFETCH = 1_000


class ReplyQueue:
    """The queue that all answers to one transport's requests come to, and who waits for which.

    The queue is not exclusive to a connection: answers that come while the connection is lost wait
    in it, and a new connection need not wait until the broker has noticed the loss of the old one.
    """

    def __init__(self) -> None:
        self.queue = QUEUE_PREFIX + new_message_id()
        self.waiting: dict[str, asyncio.Future[Delivery]] = {}
        self._opening: asyncio.Task[None] | None = None

    async def open(self, transport: Transport) -> None:
        """Declare and consume the queue, once; others who ask meanwhile wait for that.

        Raises what declaring and consuming raise.
        """
        if self._opening is None or (self._opening.done() and not _succeeded(self._opening)):
            self._opening = asyncio.create_task(self._open(transport))
        if not self._opening.done():
            await asyncio.shield(self._opening)

    async def _open(self, transport: Transport) -> None:
        expires = {"x-queue-type": "classic", "x-expires": EXPIRES_SECONDS * 1_000}
        try:
            await transport.declare(Topology((), (Queue(self.queue, arguments=expires),), ()))
        except AccessRefusedError as error:
            raise AccessRefusedError(
                "this process needs a queue for the replies to its requests: give the account the "
                f"permission to configure, write and read queues `{QUEUE_PREFIX}*` ({error})"
            ) from error

        async def receive(delivery: Delivery) -> None:
            self.received(delivery)
            await transport.ack(delivery)

        await transport.consume(self.queue, PREFETCH, receive)

    def received(self, delivery: Delivery) -> None:
        """Hand an answer over; one that nobody waits for any more is dropped."""
        future = self.waiting.get(delivery.properties.correlation_id or "")
        if future is None or future.done():
            logger.debug("a reply of type %s came too late", delivery.properties.type)
            return
        future.set_result(delivery)


_reply_queues: WeakKeyDictionary[Transport, ReplyQueue] = WeakKeyDictionary()


async def request(transport: Transport, publication: Publication, timeout: float) -> Delivery:
    """Publish, and wait for the answer, `timeout` seconds at most; from another loop through home.

    Raises RequestTimeoutError, NoHandlerError, RequestFailedError, and what publishing raises.
    """
    if transport.home.is_elsewhere:
        return await transport.home.call(lambda: request(transport, publication, timeout))
    name = publication.properties.type or publication.routing_key
    try:
        async with asyncio.timeout(timeout) as deadline:
            answer = await _answered(transport, publication)
    except UnroutableError as error:
        raise NoHandlerError(f"nobody handles {name}: {error}") from error
    except TimeoutError:
        if not deadline.expired():
            raise
        raise RequestTimeoutError(
            f"no reply to {name} within {timeout:g} s: its handler may be slow, waiting for a "
            "retry or not running. The request may still be handled"
        ) from None
    reason = answer.ours.get(headers.FAILURE)
    if reason is not None:
        handler = answer.ours.get(headers.HANDLER)
        who = str(handler) if handler is not None else None
        raise RequestFailedError(
            f"{name} was given up{f' by {who}' if who else ''}: {reason}", str(reason), who
        )
    return answer


async def _answered(transport: Transport, publication: Publication) -> Delivery:
    replies = _reply_queues.setdefault(transport, ReplyQueue())
    await replies.open(transport)
    correlation_id = publication.properties.correlation_id
    if correlation_id is None or correlation_id in replies.waiting:
        correlation_id = new_message_id()
    future: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
    replies.waiting[correlation_id] = future
    try:
        asked = replace(
            publication,
            properties=replace(
                publication.properties, reply_to=replies.queue, correlation_id=correlation_id
            ),
            headers={**publication.headers, headers.REQUEST: True},
            mandatory=True,
        )
        await send(transport, asked)
        return await future
    finally:
        del replies.waiting[correlation_id]


def _succeeded(task: asyncio.Task[None]) -> bool:
    with suppress(asyncio.CancelledError):
        return task.exception() is None
    return False

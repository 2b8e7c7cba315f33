"""The floor of asyncio: frames made once are written, confirms are counted, nothing is checked.

With `--awaited` each publication is awaited, in as many tasks as are in flight, as any `await
publish()` has to be; without, nobody waits: as many are written as were confirmed.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Iterable
from itertools import takewhile
from typing import cast
from urllib.parse import unquote, urlsplit

import pamqp.frame
from pamqp import body, commands, header
from pamqp.base import Frame

from benchmarks.measure import Meter
from benchmarks.publishing import lanes
from benchmarks.sample import encoded, order
from benchmarks.workload import run

ACK = struct.Struct(">BHIIQBB")
"""The whole frame of a basic.ack: 21 bytes."""

AWAITED = "--awaited" in sys.argv
told = lanes.asked()


def opened(url: str) -> socket.socket:
    """A connection with channel 1 in confirm mode: asked for step by step, which happens once."""
    parts = urlsplit(url)
    link = socket.create_connection((parts.hostname or "", parts.port or 5672))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"AMQP\x00\x00\x09\x01")
    link.recv(65_536)
    secret = f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}"
    ask(link, 0, commands.Connection.StartOk({}, "PLAIN", secret, "en_US"))
    link.sendall(pamqp.frame.marshal(commands.Connection.TuneOk(2047, 131_072, 0), 0))
    ask(link, 0, commands.Connection.Open(unquote(parts.path[1:]) or "/"))
    ask(link, 1, commands.Channel.Open())
    ask(link, 1, commands.Confirm.Select())
    return link


def ask(link: socket.socket, channel: int, command: Frame) -> None:
    """Send a method, and await its short answer."""
    link.sendall(pamqp.frame.marshal(command, channel))
    link.recv(65_536)


def frames() -> bytes:
    """A publication as it goes out."""
    payload = encoded(order())
    properties = commands.Basic.Properties(
        content_type=lanes.CONTENT_TYPE,
        delivery_mode=2,
        message_id=f"{0:036d}",
        message_type=lanes.NAME,
    )
    parts = (
        commands.Basic.Publish(0, lanes.EXCHANGE, lanes.KEY, True),
        header.ContentHeader(0, len(payload), properties),
        body.ContentBody(payload),
    )
    return b"".join(pamqp.frame.marshal(part, 1) for part in parts)


class Window(asyncio.Protocol):
    """What is unconfirmed, by its number; what one read brings is answered with one write."""

    def __init__(self, loop: asyncio.AbstractEventLoop, count: int) -> None:
        self.loop, self.count, self.sent = loop, count, 0
        self.pending: dict[int, asyncio.Future[None] | None] = {}
        self.publication, self.unwritten, self.held = frames(), 0, b""
        self.finished: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """uvloop's transports are asyncio's by their methods only."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def publish(self) -> asyncio.Future[None]:
        """Write one with the loop's next turn; the future is its confirm."""
        future = self.loop.create_future()
        self.sent += 1
        self.pending[self.sent] = future
        if not self.unwritten:
            self.loop.call_soon(self.flush)
        self.unwritten += 1
        return future

    def flush(self) -> None:
        """One write for all."""
        self.transport.write(self.publication * self.unwritten)
        self.unwritten = 0

    def fill(self, number: int) -> None:
        """Write so many, for which nobody waits."""
        number = min(number, self.count - self.sent)
        if number:
            self.pending.update(dict.fromkeys(range(self.sent + 1, self.sent + number + 1)))
            self.sent += number
            self.transport.write(self.publication * number)

    def data_received(self, data: bytes) -> None:
        """Settle what is confirmed."""
        data = self.held + data
        whole = len(data) - len(data) % ACK.size
        self.held = data[whole:]
        before = len(self.pending)
        for _, _, _, _, number, multiple, _ in ACK.iter_unpack(data[:whole]):
            for each in self.settled(number, bool(multiple)):
                future = self.pending.pop(each)
                if future is not None:
                    future.set_result(None)
        if not AWAITED:
            self.fill(before - len(self.pending))
            if not self.pending and not self.finished.done():
                self.finished.set_result(None)

    def settled(self, number: int, multiple: bool) -> Iterable[int]:
        """The numbers that a confirm is about."""
        if not multiple:
            return (number,)
        return [*takewhile(lambda each: each <= number, self.pending)]


async def main() -> None:
    """Publish."""
    loop = asyncio.get_running_loop()
    link = opened(told.url)
    link.setblocking(False)
    transport, window = await loop.create_connection(lambda: Window(loop, told.count), sock=link)
    if AWAITED:
        await lanes.publish_all(told, window.publish)
    else:
        meter = Meter(told.count, lambda: None)
        window.fill(told.in_flight)
        await window.finished
        meter.finish()
    transport.close()


run(main())

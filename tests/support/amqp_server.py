"""A server of AMQP 0-9-1 within the test: it keeps what it is asked, and answers as it is told.

It knows queues and exchanges by their names, and routes nothing. What it says by itself is what a
RabbitMQ would; `on()` has it say something else to a method, once or as often as wished.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pamqp import body, commands, frame, header

PROTOCOL = b"AMQP\x00\x00\x09\x01"
OFFERED: Any = {
    "capabilities": {
        "publisher_confirms": True,
        "basic.nack": True,
        "consumer_cancel_notify": True,
        "connection.blocked": True,
    }
}
PATIENCE = 20
"""Seconds until what should come is given up."""

SILENCE, CUT = object(), object()
"""Instead of an answer: none, and the end of the socket without a word."""

ANSWERS: dict[type[Any], Any] = {
    commands.Connection.StartOk: commands.Connection.Tune(100, 131_072, 0),
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Confirm.Select: commands.Confirm.SelectOk(),
    commands.Basic.Qos: commands.Basic.QosOk(),
    commands.Exchange.Declare: commands.Exchange.DeclareOk(),
    commands.Exchange.Bind: commands.Exchange.BindOk(),
    commands.Queue.Bind: commands.Queue.BindOk(),
    commands.Queue.Unbind: commands.Queue.UnbindOk(),
}


def refusal(code: int, text: str) -> commands.Channel.Close:
    """What ends a channel."""
    return commands.Channel.Close(code, text, 0, 0)


def closing(code: int, text: str) -> commands.Connection.Close:
    """What ends a connection."""
    return commands.Connection.Close(code, text, 0, 0)


@dataclass
class Publication:
    """One that came whole."""

    method: commands.Basic.Publish
    properties: Any = None
    body: bytes = b""
    size: int = 0


@dataclass
class Session:
    """One connection: what it was asked, by channel and in order, and its consumers by tag."""

    writer: asyncio.StreamWriter
    asked: list[tuple[int, Any]] = field(default_factory=list)
    consumers: dict[str, tuple[int, str]] = field(default_factory=dict)
    publications: dict[int, Publication] = field(default_factory=dict)
    confirms: dict[int, int] = field(default_factory=dict)
    closing: set[int] = field(default_factory=set)
    deliveries: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, what: Any, channel: int = 0) -> None:
        """Send a frame."""
        self.writer.write(frame.marshal(what, channel))

    def cut(self) -> None:
        """End the socket as a dead network does."""
        self.writer.transport.abort()

    def of(self, kind: type[Any]) -> list[Any]:
        """What it was asked of a kind."""
        return [each for _, each in self.asked if isinstance(each, kind)]


class AmqpServer:
    """`queues` and `exchanges` are those that there are, `waiting` what a `basic.get` gets."""

    def __init__(self) -> None:
        self.port = 0
        self.sessions: list[Session] = []
        self.queues: set[str] = set()
        self.exchanges: set[str] = {"", "jararaca"}
        self.depth = (0, 0)
        self.waiting: dict[str, deque[tuple[bytes, Any]]] = {}
        self.published: list[Publication] = []
        self._rules: list[tuple[type[Any], Any, Callable[[Any], bool]]] = []
        self._moved = asyncio.Event()

    def url(self, transport: str = "plain", more: str = "") -> str:
        """Its broker URL."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/?transport={transport}{more}"

    def on(
        self, kind: type[Any], answer: Any, times: int = 1, where: Callable[[Any], bool] = bool
    ) -> None:
        """Answer so, the next time that this is asked."""
        every = where if where is not bool else lambda _: True
        self._rules += [(kind, answer, every)] * times

    def asked(self, kind: type[Any]) -> list[Any]:
        """What all connections were asked of a kind."""
        return [each for session in self.sessions for each in session.of(kind)]

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for what its clients do."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._moved.clear()
                waiting = asyncio.ensure_future(self._moved.wait())
                await asyncio.wait({waiting}, timeout=0.005)
                waiting.cancel()

    async def deliver(self, queue: str, text: bytes, *, redelivered: bool = False) -> None:
        """Give a message to the newest consumer of a queue, once there is one."""

        def found() -> list[tuple[Session, int, str]]:
            return [
                (session, channel, tag)
                for session in self.sessions
                for tag, (channel, name) in session.consumers.items()
                if name == queue and not session.gone.is_set()
            ]

        await self.until(found)
        session, channel, tag = found()[-1]
        session.deliveries += 1
        method = commands.Basic.Deliver(tag, session.deliveries, redelivered, "", queue)
        self._content(session, channel, method, text, commands.Basic.Properties())

    def _content(
        self, session: Session, channel: int, method: Any, text: bytes, properties: Any
    ) -> None:
        session.say(method, channel)
        session.say(header.ContentHeader(0, len(text), properties), channel)
        if text:
            session.say(body.ContentBody(text), channel)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        session = Session(writer)
        try:
            assert await reader.readexactly(len(PROTOCOL)) == PROTOCOL
            self.sessions.append(session)
            session.say(commands.Connection.Start(server_properties=OFFERED, mechanisms="PLAIN"))
            while True:
                head = await reader.readexactly(7)
                rest = await reader.readexactly(int.from_bytes(head[3:7]) + 1)
                _, channel, got = frame.unmarshal(head + rest)
                self._take(session, channel, got)
                self._moved.set()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            session.gone.set()
            self._moved.set()
            writer.close()

    def _take(self, session: Session, channel: int, got: Any) -> None:
        if channel in session.closing:
            # What was on its way when the channel was closed is nobody's.
            if isinstance(got, commands.Channel.CloseOk | commands.Channel.Close):
                session.closing.remove(channel)
                session.asked.append((channel, got))
            if isinstance(got, commands.Channel.Close):
                session.say(commands.Channel.CloseOk(), channel)
            return
        if isinstance(got, header.ContentHeader):
            publication = session.publications[channel]
            publication.properties, publication.size = got.properties, got.body_size
        elif isinstance(got, body.ContentBody):
            session.publications[channel].body += got.value or b""
        else:
            session.asked.append((channel, got))
            if isinstance(got, commands.Basic.Publish):
                session.publications[channel] = Publication(got)
                return
            self._reply(session, channel, self._answer(session, channel, got))
            return
        publication = session.publications[channel]
        if len(publication.body) == publication.size:
            self.published.append(publication)
            session.confirms[channel] = session.confirms.get(channel, 0) + 1
            ack = commands.Basic.Ack(session.confirms[channel])
            self._reply(session, channel, self._said(publication.method, publication.body) or ack)

    def _reply(self, session: Session, channel: int, answer: Any) -> None:
        if answer is CUT:
            session.cut()
        elif isinstance(answer, commands.Connection.Close):
            session.say(answer)
        elif isinstance(answer, list):
            for each in answer:
                self._reply(session, channel, each)
        elif answer is not None and answer is not SILENCE:
            if isinstance(answer, commands.Channel.Close):
                session.closing.add(channel)
                session.confirms.pop(channel, None)
                self._forget(session, channel)
            session.say(answer, channel)

    def _said(self, got: Any, text: bytes = b"") -> Any:
        for rule in self._rules:
            kind, answer, where = rule
            if isinstance(got, kind) and where(got):
                self._rules.remove(rule)
                return answer(got, text) if callable(answer) else answer
        return None

    def _answer(self, session: Session, channel: int, got: Any) -> Any:
        if (said := self._said(got)) is not None:
            return said
        answer = self._answered(session, channel, got)
        is_refusal = isinstance(answer, commands.Channel.Close)
        return None if getattr(got, "nowait", False) and not is_refusal else answer

    def _answered(self, session: Session, channel: int, got: Any) -> Any:
        match got:
            case commands.Exchange.Declare(exchange=name, passive=passive):
                if passive and name not in self.exchanges:
                    return refusal(404, f"NOT_FOUND - no exchange '{name}' in vhost '/'")
                self.exchanges.add(name)
            case commands.Queue.Declare(queue=name, passive=passive):
                if passive and name not in self.queues:
                    return self._no_queue(name)
                self.queues.add(name)
                return commands.Queue.DeclareOk(name, *self.depth)
            case commands.Queue.Bind(queue=name) if name not in self.queues:
                return self._no_queue(name)
            case commands.Basic.Consume(queue=name, consumer_tag=tag):
                if name not in self.queues:
                    return self._no_queue(name)
                tag = tag or f"ctag-{len(session.asked)}"
                session.consumers[tag] = (channel, name)
                return commands.Basic.ConsumeOk(tag)
            case commands.Basic.Cancel(consumer_tag=str(tag)):
                session.consumers.pop(tag, None)
                return commands.Basic.CancelOk(tag)
            case commands.Basic.Get(queue=name):
                return self._got(session, channel, name)
            case commands.Channel.Close():
                session.confirms.pop(channel, None)
                self._forget(session, channel)
        return ANSWERS.get(type(got))

    def _got(self, session: Session, channel: int, name: str) -> Any:
        if name not in self.queues:
            return self._no_queue(name)
        if not self.waiting.get(name):
            return commands.Basic.GetEmpty()
        text, properties = self.waiting[name].popleft()
        session.deliveries += 1
        got = commands.Basic.GetOk(session.deliveries, False, "", name, len(self.waiting[name]))
        self._content(session, channel, got, text, properties)
        return None

    @staticmethod
    def _no_queue(name: str) -> commands.Channel.Close:
        return refusal(404, f"NOT_FOUND - no queue '{name}' in vhost '/'")

    @staticmethod
    def _forget(session: Session, channel: int) -> None:
        for tag, (where, _) in list(session.consumers.items()):
            if where == channel:
                del session.consumers[tag]


@asynccontextmanager
async def amqp_server() -> AsyncIterator[AmqpServer]:
    """A server on a free port."""
    served = AmqpServer()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for session in served.sessions:
            session.cut()

"""The Starlette endpoint: lets a client in, sends to it, and reads what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocket, WebSocketDisconnect

from jararaca.application.ended_work import ended_from_outside
from jararaca.application.host import Host
from jararaca.application.unit_of_work import Work
from jararaca.errors import BackendError, ConfigurationError, DecodeError
from jararaca.integrations.websockets.connection import Closing, Connection
from jararaca.integrations.websockets.frames import Frame, message_in
from jararaca.integrations.websockets.manager import Manager
from jararaca.integrations.websockets.origins import allowed
from jararaca.messages.websocket_message import WebSocketMessage
from jararaca.printable import logger_named

logger = logger_named("jararaca.websockets")

CLOSE_SECONDS = 5.0
"""How long a client that does not read has to take a close frame."""
POLICY_VIOLATION, INVALID_PAYLOAD, INTERNAL_ERROR = 1008, 1007, 1011

T = TypeVar("T")


class Served(Protocol):
    """The application's WebSockets, as far as the endpoint goes."""

    on_connect: Callable[[WebSocket], Awaitable[Iterable[str]]] | None
    on_message: Callable[[Connection, WebSocketMessage], Awaitable[None]] | None
    origins: tuple[str, ...]
    known: dict[str, type[WebSocketMessage]]

    @property
    def host(self) -> Host:
        """The application that runs."""

    @property
    def manager(self) -> Manager:
        """The manager of the connections."""


class Endpoint:
    """Serves the clients of one WebSockets."""

    def __init__(self, sockets: Served) -> None:
        self._sockets = sockets

    async def serve(self, websocket: WebSocket) -> None:
        """One client, from its handshake until it is gone.

        Raises WebSocketException and HTTPException, which Starlette answers, before it is let in.
        """
        sockets = self._sockets
        host, manager = sockets.host, sockets.manager
        rooms = await self._admitted(websocket, host)
        try:
            await manager.listen()
        except BackendError as error:
            logger.warning("a WebSocket was refused: %s", error)
            raise HTTPException(503, "try again later", {"retry-after": "1"}) from error
        connection = manager.add(websocket, rooms)
        try:
            await websocket.accept()
            closing = await self._talk(connection, host)
        finally:
            manager.remove(connection)
        if closing is not None:
            await _close(websocket, closing)

    async def _admitted(self, websocket: WebSocket, host: Host) -> tuple[str, ...]:
        """The rooms of a client that may come in."""
        headers, sockets = websocket.headers, self._sockets
        if not allowed(headers.get("origin"), headers.get("host", ""), sockets.origins):
            logger.warning(
                "a WebSocket of the origin %s was refused: to allow it, WebSockets(origins=[...])",
                headers.get("origin"),
            )
            raise WebSocketException(POLICY_VIOLATION, "a page of another origin")
        on_connect = sockets.on_connect
        if on_connect is None:
            return ()
        rooms = await _in_work("on_connect", websocket, host, lambda: on_connect(websocket))
        return _names(rooms)

    async def _talk(self, connection: Connection, host: Host) -> Closing | None:
        """Send and receive until the client is gone, or is to be closed from here."""
        sending = asyncio.create_task(_send(connection))
        receiving = asyncio.create_task(self._receive(connection, host))
        either: set[asyncio.Future[Any]] = {receiving, connection.closing}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            receiving.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)
        if connection.closing.done():
            return connection.closing.result()
        receiving.result()
        return None

    async def _receive(self, connection: Connection, host: Host) -> None:
        while True:
            received = await connection.websocket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            await self._handle(connection, host, received["bytes"] if text is None else text)

    async def _handle(self, connection: Connection, host: Host, frame: Frame) -> None:
        """One frame of a client, in a unit of work of its own."""
        on_message = self._sockets.on_message
        if on_message is None:
            return
        try:
            message = message_in(frame, self._sockets.known)
        except DecodeError as error:
            connection.close(INVALID_PAYLOAD, str(error))
            return
        websocket = connection.websocket
        try:
            await _in_work("on_message", websocket, host, lambda: on_message(connection, message))
        except BaseException as error:
            if ended_from_outside(error):
                raise
            logger.exception("on_message failed for %s", message.MESSAGE_NAME)
            connection.close(INTERNAL_ERROR, "an error of the server's")


async def _in_work(
    name: str, websocket: WebSocket, host: Host, call: Callable[[], Awaitable[T]]
) -> T:
    work = Work(publisher=host.publisher(), name=name, source=websocket)
    async with host.unit_of_work(work):
        return await call()


async def _send(connection: Connection) -> None:
    """Send what waits; a client that is gone is noticed by who receives from it."""
    websocket = connection.websocket

    async def send(frame: Frame) -> None:
        text = isinstance(frame, str)
        await websocket.send({"type": "websocket.send", "text" if text else "bytes": frame})

    try:
        await connection.drain(send)
    except (WebSocketDisconnect, RuntimeError, OSError):
        logger.debug("a WebSocket closed before everything was sent")


async def _close(websocket: WebSocket, closing: Closing) -> None:
    """Tell the client why; one that does not read may miss it."""
    try:
        await asyncio.wait_for(websocket.close(closing.code, closing.reason), CLOSE_SECONDS)
    except (WebSocketDisconnect, RuntimeError, OSError):
        logger.debug("a WebSocket was already closed")


def _names(rooms: Iterable[str]) -> tuple[str, ...]:
    if isinstance(rooms, str):
        raise ConfigurationError(
            f"on_connect returned the string {rooms!r}: return a list of rooms, [{rooms!r}]"
        )
    return tuple(rooms)

"""The manager: sends to rooms, wherever in the application their clients are connected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from jararaca.application.unit_of_work import Work
from jararaca.handlers.current_work import current_work
from jararaca.integrations.websockets.backend import Backend
from jararaca.integrations.websockets.connection import Connection, Limits
from jararaca.integrations.websockets.frames import Envelope, Frame, frame_of
from jararaca.integrations.websockets.rooms import Rooms
from jararaca.messages.websocket_message import WebSocketMessage
from jararaca.printable import logger_named

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

logger = logger_named("jararaca.websockets")

SERVICE_RESTART = 1012
"""The close code of a server that stops (registered with IANA)."""


class Manager:
    """The clients of this process in their rooms, and the way to those of the other processes.

    What is sent in a unit of work goes out once that has succeeded, after its commits and its
    publications, and is dropped by a failure.
    """

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self.backend = backend
        self._limits = limits
        self._rooms: Rooms[Connection] = Rooms()

    async def send(self, message: WebSocketMessage | Frame, *rooms: str) -> None:
        """Send to every client in these rooms, once to each; without a room, to nobody.

        A text or bytes are sent as a frame of their own. Raises BackendError outside of a unit of
        work; inside, a backend that is away is logged, for what was done has lasted by then.
        """
        if rooms:
            await self._send(Envelope(frame_of(message), rooms))

    async def broadcast(self, message: WebSocketMessage | Frame) -> None:
        """Send to every client of the application. Raises what `send` raises."""
        await self._send(Envelope(frame_of(message), None))

    async def _send(self, envelope: Envelope) -> None:
        packed = envelope.pack()
        work = cast(Work | None, current_work.get())
        if work is None or work.ended:
            await self.backend.publish(packed)
        else:
            work.on_done(lambda: self.backend.publish(packed))

    def connections(self, *rooms: str) -> tuple[Connection, ...]:
        """The clients of this process in any of the rooms; without a room, all of them."""
        return self._rooms.members(rooms or None)

    async def listen(self) -> None:
        """Hear from now on what any process sends. Raises BackendError."""
        await self.backend.subscribe(self.receive)

    def receive(self, data: bytes) -> None:
        """Hand what came from the backend to the clients of this process that it is for."""
        try:
            envelope = Envelope.unpack(data)
        except ValueError:
            logger.warning("%d bytes that are not a Jararaca message were ignored", len(data))
            return
        for connection in self._rooms.members(envelope.rooms):
            connection.put(envelope.frame)

    def add(self, websocket: WebSocket, rooms: Iterable[str]) -> Connection:
        """A client that is connected to this process, in its rooms."""
        connection = Connection(websocket, self._rooms, self._limits)
        connection.join(connection.id, *rooms)
        return connection

    def remove(self, connection: Connection) -> None:
        """A client that is gone, from all of its rooms."""
        self._rooms.forget(connection)

    async def close(self) -> None:
        """Close the connections of this process, and the one to the backend."""
        for connection in self.connections():
            connection.close(SERVICE_RESTART, "the server stops")
        await self.backend.close()

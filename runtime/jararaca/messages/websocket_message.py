"""Messages to clients over WebSockets: their base class, and how the manager is found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, ClassVar, Protocol

from jararaca.errors import NoWebSocketsError
from jararaca.messages.base_message import BaseMessage
from jararaca.messages.model import forget_class_variables


class WebSocketClient(Protocol):
    """One client that is connected to this process: a `Connection`."""

    @property
    def id(self) -> str:
        """Its own room's name, in which it is alone, in all processes."""

    @property
    def websocket(self) -> Any:
        """Starlette's WebSocket."""

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms that it is in, its own included."""

    def join(self, *rooms: str) -> None:
        """Put it into rooms."""

    def leave(self, *rooms: str) -> None:
        """Take it out of rooms."""

    def close(self, code: int, reason: str = "") -> None:
        """Close it, with a code of RFC 6455; nothing more is sent to it."""


class WebSocketManager(Protocol):
    """Sends to rooms, wherever in the application their clients are connected."""

    async def send(self, message: WebSocketMessage | str | bytes, *rooms: str) -> None:
        """Send to every client in these rooms, once to each; without a room, to nobody."""

    async def broadcast(self, message: WebSocketMessage | str | bytes) -> None:
        """Send to every client of the application."""

    def connections(self, *rooms: str) -> Sequence[WebSocketClient]:
        """The clients of this process in any of the rooms; without a room, all of them."""


current_ws_manager: ContextVar[WebSocketManager | None] = ContextVar(
    "jararaca_ws_manager", default=None
)


def use_ws_manager() -> WebSocketManager:
    """The manager of the WebSocket connections: of the unit of work, or of the running application.

    Raises NoWebSocketsError outside of both.
    """
    manager = current_ws_manager.get()
    if manager is None:
        raise NoWebSocketsError(
            "no WebSockets are active here: add them to the application, "
            "Microservice(..., integrations=[WebSockets()]), and send from a handler, or inside "
            "`async with host.unit_of_work():`"
        )
    return manager


class WebSocketMessage(BaseMessage):
    """A message to clients: subclass it, or let `jararaca codegen` do so.

    On the wire it is a JSON text frame, `{"type": MESSAGE_NAME, "payload": {...}}`.
    """

    MESSAGE_NAME: ClassVar[str] = "WebSocketMessage"

    async def send(self, *rooms: str) -> None:
        """Send it to every client in these rooms, once to each; without a room, to nobody.

        In a unit of work it goes out once that has succeeded, after the commits and the
        publications, and not at all after a failure; elsewhere at once. It reaches who is connected
        then. Raises NoWebSocketsError, and BackendError where it goes at once.
        """
        await use_ws_manager().send(self, *rooms)

    def frame(self) -> str:
        """The text frame that is sent."""
        return f'{{"type":{json.dumps(self.MESSAGE_NAME)},"payload":{self.encode().decode()}}}'


forget_class_variables(WebSocketMessage)

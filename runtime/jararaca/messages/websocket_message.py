"""Messages to clients over WebSockets: their classes, and how their manager is found."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import TYPE_CHECKING, ClassVar

from jararaca.errors import NoWebSocketsError
from jararaca.messages.model import forget_class_variables
from jararaca.messages.named_model import NamedModel

if TYPE_CHECKING:
    from jararaca.integrations.websockets.manager import Manager

current_ws_manager: ContextVar[Manager | None] = ContextVar("jararaca_ws_manager", default=None)


def use_ws_manager() -> Manager:
    """The manager of the WebSocket connections: of the unit of work, or of the running application.

    Raises NoWebSocketsError outside of both.
    """
    manager = current_ws_manager.get()
    if manager is None:
        raise NoWebSocketsError(
            "no WebSockets are active here: give the application some, "
            "Microservice(..., integrations=[WebSockets()]), and send from a handler, or inside "
            "`async with host.unit_of_work():`"
        )
    return manager


class WebSocketMessage(NamedModel):
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

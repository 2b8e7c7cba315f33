"""Messages to clients over WebSockets: their classes, and how their manager is found."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar

from jararaca.errors import NoWebSocketsError
from jararaca.model import Model

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


class WebSocketMessage(Model):
    """A message to clients: subclass it, or let `jararaca codegen` do so.

    On the wire it is a JSON text frame, `{"type": MESSAGE_NAME, "payload": {...}}`.
    """

    MESSAGE_NAME: ClassVar[str] = "WebSocketMessage"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "MESSAGE_NAME" not in cls.__dict__:
            cls.MESSAGE_NAME = cls.__name__

    async def send(self, *rooms: str) -> None:
        """Send it to every client in these rooms, once to each; without a room, to nobody.

        In a unit of work it goes out once that has succeeded, after the commits and the
        publications, and not at all after a failure; elsewhere at once. It reaches who is connected
        then. Raises NoWebSocketsError, and BackendError where it goes at once.
        """
        await use_ws_manager().send(self, *rooms)

    def encode(self) -> str:
        """The text frame: JSON by the schema's names, without the fields that are unset."""
        payload = self.model_dump_json(by_alias=True, exclude_unset=True)
        return f'{{"type":{json.dumps(self.MESSAGE_NAME)},"payload":{payload}}}'

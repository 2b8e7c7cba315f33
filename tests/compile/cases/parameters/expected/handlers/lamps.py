"""Handlers of Lamps: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.lamps import messages


@MessageBusController()
class LampsHandlers:
    """What Lamps does when a message arrives."""

    @stub
    @MessageHandler(messages.Measured)
    async def watch(self, message: MessageOf[messages.Measured]) -> None:
        """Handles watch."""
        raise NotImplementedError("watch")

    @stub
    @MessageHandler(messages.Switched)
    async def on_switched(self, message: MessageOf[messages.Switched]) -> None:
        """Handles onSwitched."""
        raise NotImplementedError("on_switched")

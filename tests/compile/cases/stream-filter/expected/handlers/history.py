"""Handlers of History: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.history import messages


@MessageBusController()
class HistoryHandlers:
    """What History does when a message arrives."""

    @stub
    @MessageHandler(messages.Placed)
    async def on_placed(self, message: MessageOf[messages.Placed]) -> None:
        """Handles onPlaced."""
        raise NotImplementedError("on_placed")

"""Handlers of Live: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.live import messages


@MessageBusController()
class LiveHandlers:
    """What Live does when a message arrives."""

    @stub
    @MessageHandler(messages.PlaceOrder)
    async def place(self, message: MessageOf[messages.PlaceOrder]) -> None:
        """Handles place."""
        raise NotImplementedError("place")

"""Handlers of Hello: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.hello import messages


@MessageBusController()
class HelloHandlers:
    """What Hello does when a message arrives."""

    @stub
    @MessageHandler(messages.Greeted)
    async def on_greeted(self, message: MessageOf[messages.Greeted]) -> None:
        """Handles onGreeted."""
        raise NotImplementedError("on_greeted")

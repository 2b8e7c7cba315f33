"""Handlers of Older: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.older import messages


@MessageBusController()
class OlderHandlers:
    """What Older does when a message arrives."""

    @stub
    @MessageHandler(messages.Old)
    async def on_old(self, message: MessageOf[messages.Old]) -> None:
        """Handles onOld."""
        raise NotImplementedError("on_old")

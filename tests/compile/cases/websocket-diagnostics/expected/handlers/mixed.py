"""Handlers of Mixed: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.mixed import messages


@MessageBusController()
class MixedHandlers:
    """What Mixed does when a message arrives."""

    @stub
    @MessageHandler(messages.Task)
    async def work(self, message: MessageOf[messages.Task]) -> None:
        """Handles work."""
        raise NotImplementedError("work")

    @stub
    @MessageHandler(messages.Event)
    async def hear(self, message: MessageOf[messages.Event]) -> None:
        """Handles hear."""
        raise NotImplementedError("hear")

    @stub
    @MessageHandler(messages.Shared)
    async def on_events(self, message: MessageOf[messages.Shared]) -> None:
        """Handles onEvents."""
        raise NotImplementedError("on_events")

"""Handlers of Books: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.books import messages


@MessageBusController()
class BooksHandlers:
    """What Books does when a message arrives."""

    @stub
    @MessageHandler(messages.CloseDay)
    async def close_day(self, message: MessageOf[messages.CloseDay]) -> None:
        """Handles closeDay."""
        raise NotImplementedError("close_day")

"""Handlers of Quotes: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.quotes import messages


@MessageBusController()
class QuotesHandlers:
    """What Quotes does when a message arrives."""

    @stub
    @MessageHandler(messages.GetQuote)
    async def quote(
        self, message: MessageOf[messages.GetQuote]
    ) -> messages.Quote | messages.OutOfStock:
        """Say what an item costs."""
        raise NotImplementedError("quote")

    @stub
    @MessageHandler(messages.Shrug)
    async def shrug(self, message: MessageOf[messages.Shrug]) -> None:
        """Handles shrug."""
        raise NotImplementedError("shrug")

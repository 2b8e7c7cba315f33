"""Handlers of Mail: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.mail import messages


@MessageBusController()
class MailHandlers:
    """What Mail does when a message arrives."""

    @stub
    @MessageHandler(messages.Letter)
    async def deliver_letter(self, message: MessageOf[messages.Letter]) -> None:
        """Handles deliver."""
        raise NotImplementedError("deliver_letter")

    @stub
    @MessageHandler(messages.Postcard)
    async def deliver_postcard(self, message: MessageOf[messages.Postcard]) -> None:
        """Handles deliver."""
        raise NotImplementedError("deliver_postcard")

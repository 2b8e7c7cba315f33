"""Handlers of Misplaced: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.misplaced import messages


@MessageBusController()
class MisplacedHandlers:
    """What Misplaced does when a message arrives."""

    @stub
    @MessageHandler(messages.Paid)
    async def on_paid(self, message: MessageOf[messages.Paid]) -> None:
        """Handles onPaid."""
        raise NotImplementedError("on_paid")

    @stub
    @MessageHandler(messages.Referred)
    async def on_referred(self, message: MessageOf[messages.Referred]) -> None:
        """Handles onReferred."""
        raise NotImplementedError("on_referred")

    @stub
    @MessageHandler(messages.Both)
    async def on_divided(self, message: MessageOf[messages.Both]) -> None:
        """Handles onDivided."""
        raise NotImplementedError("on_divided")

    @stub
    @MessageHandler(messages.Both)
    async def on_whole(self, message: MessageOf[messages.Both]) -> None:
        """Handles onWhole."""
        raise NotImplementedError("on_whole")

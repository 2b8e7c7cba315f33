"""Handlers of Orders: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.orders import messages


@MessageBusController()
class OrdersHandlers:
    """What Orders does when a message arrives."""

    @stub
    @MessageHandler(messages.OrderPlaced)
    async def on_placed_order_placed(self, message: MessageOf[messages.OrderPlaced]) -> None:
        """Handles onPlaced."""
        raise NotImplementedError("on_placed_order_placed")

    @stub
    @MessageHandler(messages.OrderMoved)
    async def on_placed_order_moved(self, message: MessageOf[messages.OrderMoved]) -> None:
        """Handles onPlaced."""
        raise NotImplementedError("on_placed_order_moved")

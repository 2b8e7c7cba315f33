"""Handlers of the warehouse: `jararaca codegen` adds what is missing and changes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from jararaca import MessageBusController, MessageHandler, MessageOf

from generated.warehouse import messages


@MessageBusController()
class WarehouseHandlers:
    """What the warehouse does for the shop."""

    def __init__(self) -> None:
        self.reserved: dict[UUID, dict[str, int]] = {}

    @MessageHandler(messages.OrderPlaced)
    async def reserve_stock(self, message: MessageOf[messages.OrderPlaced]) -> None:
        """Put the ordered goods aside."""
        order = message.payload()
        self.reserved[order.order_id] = {line.sku: line.quantity for line in order.lines}

    @MessageHandler(messages.OrderCancelled)
    async def release_stock(self, message: MessageOf[messages.OrderCancelled]) -> None:
        """Put the goods back on the shelf."""
        self.reserved.pop(message.payload().order_id, None)

    @MessageHandler(messages.PackOrder, timeout=60)
    async def pack_order(self, message: MessageOf[messages.PackOrder]) -> None:
        """Pack a paid order and hand it to the carrier."""
        order_id = message.payload().order_id
        shipped_on = datetime.now(UTC).date()
        await messages.OrderShipped(
            order_id=order_id, carrier="DHL", shipped_on=shipped_on
        ).publish()

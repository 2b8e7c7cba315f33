"""Handlers of Billing: `jararaca codegen` adds what is missing, no more."""

from __future__ import annotations

from jararaca import MessageBusController, MessageHandler, MessageOf, stub

from generated.billing import messages


@MessageBusController()
class BillingHandlers:
    """What Billing does when a message arrives."""

    @stub
    @MessageHandler(messages.InvoicePaid)
    async def on_invoice_paid(self, message: MessageOf[messages.InvoicePaid]) -> None:
        """Handles on_invoice_paid."""
        raise NotImplementedError("on_invoice_paid")

    @stub
    @MessageHandler(messages.SendReminder)
    async def on_send_reminder(self, message: MessageOf[messages.SendReminder]) -> None:
        """Handles on_send_reminder."""
        raise NotImplementedError("on_send_reminder")

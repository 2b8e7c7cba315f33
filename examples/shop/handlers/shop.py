"""Handlers of the shop: `jararaca codegen` adds what is missing here and changes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from jararaca import MessageBusController, MessageHandler, MessageOf, RetryPolicy, reject

from examples.shop.orders import Orders
from generated.shop import messages, schemas

PRICES = {"BOOK-001": 2400, "LAMP-7": 8900, "BULB-2": 450, "APPLE-1": 40}
"""Cents, by article number."""


class ProviderBusyError(Exception):
    """The payment provider asks to come back later."""


@MessageBusController()
class ShopHandlers:
    """What the shop does when something is asked of it, or has happened."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.stock: dict[str, int] = {}

    @MessageHandler(messages.PlaceOrder, timeout=30, idempotent=True)
    async def place_order(self, message: MessageOf[messages.PlaceOrder]) -> None:
        """Take an order, ask for its payment and announce it.

        The order and what is published are one transaction: all or nothing.
        """
        order = message.payload()
        await self.orders.take(order)
        if isinstance(order.payment, schemas.CardPayment):
            await messages.ChargeCard(
                order_id=order.order_id, token=order.payment.token, amount=order.total
            ).publish()
        await messages.OrderPlaced.decode(order.encode()).publish(region=order.region)

    @MessageHandler(
        messages.ChargeCard,
        timeout=10,
        requeue_on_exception=(ProviderBusyError, TimeoutError),
        retry=RetryPolicy(max_retries=8, initial_delay=0.2, max_delay=600),
        idempotent=True,
    )
    async def charge_card(self, message: MessageOf[messages.ChargeCard]) -> None:
        """Charge the card, and report how it went."""
        charge = message.payload()
        if message.attempt == 1:
            raise ProviderBusyError("the provider has asked to come back in a moment")
        if charge.token == "tok_declined":
            await messages.PaymentFailed(order_id=charge.order_id, reason="declined").publish()
        else:
            await messages.PaymentSucceeded(
                order_id=charge.order_id, amount=charge.amount, paid_at=datetime.now(UTC)
            ).publish()

    @MessageHandler(messages.PaymentSucceeded)
    async def watch_payments_payment_succeeded(
        self, message: MessageOf[messages.PaymentSucceeded]
    ) -> None:
        """What is paid is packed."""
        order_id = message.payload().order_id
        await self.orders.change(order_id, schemas.Status.PAID)
        await messages.PackOrder(order_id=order_id).publish()

    @MessageHandler(messages.PaymentFailed)
    async def watch_payments_payment_failed(
        self, message: MessageOf[messages.PaymentFailed]
    ) -> None:
        """What is not paid is cancelled."""
        failed = message.payload()
        await self.orders.change(failed.order_id, schemas.Status.CANCELLED)
        reason = f"the payment has failed: {failed.reason}"
        await messages.OrderCancelled(order_id=failed.order_id, reason=reason).publish()

    @MessageHandler(messages.Refund, timeout=30)
    async def pay_refund(self, message: MessageOf[messages.Refund]) -> None:
        """Pay a refund the way it is asked for."""
        match message.payload().to:
            case schemas.CardPayment() | schemas.VoucherPayment() | schemas.InvoicePayment():
                """The example has no bank to talk to."""

    @MessageHandler(messages.OrderShipped)
    async def thank_customer(self, message: MessageOf[messages.OrderShipped]) -> None:
        """Tell the customer that the parcel is on its way."""
        await self.orders.change(message.payload().order_id, schemas.Status.SHIPPED)

    @MessageHandler(messages.StockCounted)
    async def update_stock(self, message: MessageOf[messages.StockCounted]) -> None:
        """Take over what the warehouse has counted."""
        self.stock.update({item.sku: item.count for item in message.payload().root})

    @MessageHandler(messages.GetQuote, timeout=5)
    async def quote(self, message: MessageOf[messages.GetQuote]) -> messages.Quote:
        """Say what an article costs; what is returned is the answer."""
        asked = message.payload()
        price = PRICES.get(asked.sku)
        if price is None:
            reject(f"{asked.sku} is not sold here")
        total = schemas.CommonMoney(amount=price * asked.quantity, currency="EUR")
        return messages.Quote(sku=asked.sku, total=total)

    @MessageHandler(messages.RefreshDashboard, retry=RetryPolicy(max_retries=0))
    async def refresh_dashboard(self, message: MessageOf[messages.RefreshDashboard]) -> None:
        """Count the orders, and show the numbers on every open page."""
        await messages.DashboardUpdated(orders=await self.orders.count()).send("live")

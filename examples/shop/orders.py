"""The shop's orders in its database: one table, and what handlers do with it."""

from __future__ import annotations

from uuid import UUID

from jararaca import use_session
from sqlalchemy import String, Uuid, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from generated.shop import messages
from generated.shop.schemas import Status


class Base(DeclarativeBase):
    """The shop's own tables."""


class OrderRow(Base):
    """An order, and how far it has come."""

    __tablename__ = "orders"

    order_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    customer: Mapped[str] = mapped_column(String(320))
    status: Mapped[str] = mapped_column(String(20))


class Orders:
    """Reads and writes in the transaction of the handler, or of the request, that calls."""

    async def take(self, order: messages.PlaceOrder) -> None:
        """Keep a new order; one that is known stays as it is."""
        session = use_session()
        if await session.get(OrderRow, order.order_id) is not None:
            return
        order_id, status = order.order_id, Status.PLACED
        session.add(OrderRow(order_id=order_id, customer=order.customer.email, status=status))
        await messages.OrderUpdated(order_id=order_id, status=status).send("live")

    async def change(self, order_id: UUID, status: Status) -> bool:
        """Note how far an order has come, and tell every open page; False for an unknown one."""
        row = await use_session().get(OrderRow, order_id)
        if row is None:
            return False
        row.status = status
        await messages.OrderUpdated(order_id=order_id, status=status).send("live")
        return True

    async def count(self) -> dict[str, int]:
        """How many orders there are in each state."""
        query = select(OrderRow.status, func.count().label("number")).group_by(OrderRow.status)
        found = await use_session().execute(query.order_by(OrderRow.status))
        return {row.status: row.number for row in found}

    async def all(self) -> list[dict[str, str]]:
        """Every order, for the page."""
        rows = await use_session().scalars(select(OrderRow).order_by(OrderRow.order_id))
        return [{"orderId": str(row.order_id), "status": row.status} for row in rows]

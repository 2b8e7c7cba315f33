"""The pydantic model that every peer validates into."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class Order(BaseModel):
    """An order."""

    order_id: str
    customer: str
    email: str
    paid: bool
    total: float
    currency: str
    items: list[str]
    street: str
    placed_at: datetime
    note: str

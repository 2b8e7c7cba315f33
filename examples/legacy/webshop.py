"""The old web shop: a topic for each order, JSON in whatever form, one script with pika."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pika

EXCHANGE = "webshop"
REASONS = ("changed_mind", "too_slow", "mistake")


def declare(channel: Any) -> None:
    """The shop's exchange."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)


def sell(channel: Any, luck: random.Random) -> None:
    """One customer: orders, and sometimes thinks better of it."""
    order = str(uuid4())
    placed: dict[str, Any] = {
        "orderId": order,
        "customer": {"email": f"customer{luck.randint(1, 9999)}@example.com"},
        "total": luck.randint(100, 99_999) / 100,
        "articles": [
            {"sku": f"SKU-{luck.randint(1, 999)}", "quantity": luck.randint(1, 5)}
            for _ in range(luck.randint(1, 3))
        ],
        "placedAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if luck.random() < 0.3:
        placed["coupon"] = f"SPRING{luck.randint(1, 99)}!"
    tell(channel, f"orders.{order}.placed", placed)
    if luck.random() < 0.5:
        reason = luck.choice(REASONS)
        tell(channel, f"orders.{order}.cancelled", {"orderId": order, "reason": reason})


def tell(channel: Any, topic: str, body: dict[str, Any]) -> None:
    """Publish, as the script always has."""
    channel.basic_publish(
        EXCHANGE,
        topic,
        json.dumps(body).encode(),
        pika.BasicProperties(content_type="application/json", app_id="webshop"),
    )

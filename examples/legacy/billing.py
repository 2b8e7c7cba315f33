"""The old billing: takes placed orders, and has an invoice printed for each."""

from __future__ import annotations

import json
from typing import Any

import pika

from examples.legacy import webshop

JOBS = "jobs"
ORDERS, PRINTER = "billing.orders", "printer"


def declare(channel: Any) -> None:
    """Its queues, and the printer's."""
    webshop.declare(channel)
    channel.exchange_declare(JOBS, "direct", durable=True)
    for queue in (ORDERS, PRINTER):
        channel.queue_declare(queue, durable=True)
    channel.queue_bind(ORDERS, webshop.EXCHANGE, "orders.*.placed")
    channel.queue_bind(PRINTER, JOBS, "print-invoice")


def bill(channel: Any, method: Any, properties: Any, body: bytes) -> None:
    """A job for the printer."""
    order = json.loads(body)
    job = {"order": order["orderId"], "amount": order["total"], "copies": 2}
    told = pika.BasicProperties(content_type="application/json", app_id="billing")
    channel.basic_publish(JOBS, "print-invoice", json.dumps(job).encode(), told)
    channel.basic_ack(method.delivery_tag)


def print_invoice(channel: Any, method: Any, properties: Any, body: bytes) -> None:
    """Paper."""
    channel.basic_ack(method.delivery_tag)

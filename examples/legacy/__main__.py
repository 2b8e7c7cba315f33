"""`python -m examples.legacy [SECONDS]`: the whole system on BROKER_URL, for a minute."""

from __future__ import annotations

import os
import random
import sys
import time

import pika

from examples.legacy import billing, webshop

AN_ORDER = 0.02
"""Seconds from one order to the next."""


def main(seconds: float) -> None:
    """Shop, billing and printer, one after the other, on one connection."""
    url = os.environ.get("BROKER_URL", "amqp://guest:guest@localhost:5672/%2F")
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    billing.declare(channel)
    channel.basic_consume(billing.ORDERS, billing.bill)
    channel.basic_consume(billing.PRINTER, billing.print_invoice)
    luck, ends = random.Random(), time.monotonic() + seconds
    print(f"the legacy system runs for {seconds:.0f} s", flush=True)
    while time.monotonic() < ends:
        webshop.sell(channel, luck)
        connection.process_data_events(time_limit=AN_ORDER)
    connection.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)

"""The queue of a peer: emptied, then filled with so many copies of one message."""

from __future__ import annotations

import aiormq
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from benchmarks.sample import ORDER_ID, encoded, order

BATCH = 500


async def drop(url: str, *names: str) -> None:
    """Delete queues, with all that is in them."""
    async with aiormq.Connection(url) as connection:
        for name in names:
            channel = await connection.channel()
            await channel.queue_delete(name)
            await channel.close()


async def fill(url: str, name: str, count: int, *, large: bool = False) -> None:
    """`count` persistent orders in a durable classic queue."""
    properties = Basic.Properties(content_type="application/json", delivery_mode=2)
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel()
        await channel.queue_declare(name, durable=True)
    await _copies(url, name, count, encoded(order(large)), properties)


async def multiply(url: str, name: str, count: int) -> None:
    """`count` copies of the one message that a peer's own client has put there."""
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel()
        seed: DeliveredMessage = await channel.basic_get(name, no_ack=True)
    properties = seed.header.properties
    assert properties is not None
    properties.delivery_mode = 2
    await _copies(url, name, count, seed.body, properties)


async def _copies(
    url: str, name: str, count: int, body: bytes, properties: Basic.Properties
) -> None:
    """Messages that differ in their ids, and in the order's, as any publisher's do."""
    async with aiormq.Connection(url) as connection:
        channel = await connection.channel(publisher_confirms=False)
        assert isinstance(channel, aiormq.Channel)
        for number in range(count):
            last_of_batch = number % BATCH == BATCH - 1
            properties.message_id = f"{number:032x}"
            another = body.replace(ORDER_ID.encode(), b"%036d" % number)
            await channel.basic_publish(
                another, routing_key=name, properties=properties, wait=last_of_batch
            )
        # An answered call is behind all that was published before it.
        declared = await channel.queue_declare(name, passive=True)
        assert declared.message_count is not None

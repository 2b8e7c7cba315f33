"""A transport that is closed just when the broker ends its consumer."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import pytest
from jararaca import Queue, Topology
from jararaca.transport.connect import transport_for
from jararaca.transport.url import TRANSPORTS, with_transport

from tests.conformance.conftest import PATIENCE, Inbox
from tests.support.brokers import Broker, delete_queues

ROUNDS = 20
"""Of these, one in five never ended on the plain transport when it was cancelled only once."""


@pytest.mark.broker
@pytest.mark.parametrize("lane", TRANSPORTS)
async def test_it_closes_all_the_same(each_broker: Broker, lane: str) -> None:
    url, pauses = with_transport(each_broker.url, lane), random.Random(lane)
    for _ in range(ROUNDS):
        transport, name = transport_for(url), f"ended-{uuid4().hex[:8]}"
        await transport.connect()
        await transport.declare(Topology(queues=(Queue(name),)))
        await transport.consume(name, 1, Inbox())
        await delete_queues(each_broker.url, name)
        await asyncio.sleep(pauses.random() * 0.02)
        async with asyncio.timeout(PATIENCE):
            await transport.close()

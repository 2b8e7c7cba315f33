"""What tools ask of a broker: single messages, counts, and how a topology stands to it."""

from __future__ import annotations

import asyncio

import pytest
from jararaca import QueueNotFoundError, Topology

from tests.conformance.conftest import Bench, message


async def test_a_fetched_message_is_unsettled_until_it_is_settled(bench: Bench) -> None:
    first, second = await bench.declared(), await bench.connect()
    assert await first.fetch(bench.name) is None
    await first.publish(message(bench.key, b"1"))
    await first.publish(message(bench.key, b"2"))
    one, two = await first.fetch(bench.name), await first.fetch(bench.name)
    assert one is not None
    assert two is not None
    assert (one.body, two.body) == (b"1", b"2")
    assert await first.fetch(bench.name) is None
    await first.ack(one)
    await first.close()
    again = await second.fetch(bench.name)
    assert again is not None
    assert (again.body, again.redelivered) == (b"2", True)


async def test_a_queue_tells_how_many_wait(bench: Bench) -> None:
    transport = await bench.declared()
    for _ in range(3):
        await transport.publish(message(bench.key))
    async with asyncio.timeout(10):
        while await transport.count(bench.name) != 3:
            await asyncio.sleep(0.05)
    with pytest.raises(QueueNotFoundError, match="absent"):
        await transport.count("absent")


async def test_a_topology_is_compared_and_nothing_is_changed(bench: Bench) -> None:
    transport = await bench.declared(**{"x-delivery-limit": 3})
    same = await transport.inspect(bench.topology(**{"x-delivery-limit": 3}))
    assert {finding.state for finding in same} == {"same"}
    different = await transport.inspect(bench.topology(**{"x-delivery-limit": 5}))
    changed = [finding for finding in different if finding.state == "different"]
    assert [finding.name for finding in changed] == [bench.name]
    assert "x-delivery-limit" in changed[0].detail
    other = Bench(bench.url)
    wanted = Topology(queues=other.topology().queues)
    for _ in range(2):
        missing = await transport.inspect(wanted)
        assert {finding.state for finding in missing} == {"missing"}

"""Dead letters that a stranger has written: tools take none of their words, and none stops them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jararaca.contract import headers
from jararaca.contract.topology import Queue, Topology, dead_letter_queue
from jararaca.errors import PublishParameterError
from jararaca.operations import dead_letters
from jararaca.transport import Properties, Publication, Transport

from tests.conformance.conftest import PATIENCE, Bench, Inbox
from tests.support.brokers import delete_queues

TIMES = [
    "2026-01-31T12:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "yesterday",
    "",
    7,
    None,
    ["2026-01-31T12:00:00Z"],
]
"""What is no time everywhere: without a zone, beyond the calendar of one, or no time at all."""


async def letter(
    bench: Bench, transport: Transport, message_id: str, given: Mapping[str, Any]
) -> None:
    """As a stranger: straight into the dead letters, by the default exchange."""
    queue = dead_letter_queue(bench.name)
    properties = Properties(message_id=message_id, type="Parcel")
    await transport.publish(Publication(queue, b"{}", "", properties, given, mandatory=True))


async def waiting(transport: Transport, queue: str, number: int) -> None:
    """Return once so many wait: a quorum queue counts in its time."""
    async with asyncio.timeout(PATIENCE):
        while await transport.count(queue) != number:
            await asyncio.sleep(0.02)


async def test_a_letter_is_replayed_into_its_queue_wherever_its_headers_point(
    bench: Bench,
) -> None:
    other = f"{bench.name}-other"
    transport = await bench.declared()
    await transport.declare(Topology((), (Queue(other),), ()))
    for number, queue in enumerate((other, dead_letter_queue(bench.name), "", 7, [other])):
        await letter(bench, transport, str(number), {headers.QUEUE: queue, "CC": [other]})
    own = {headers.QUEUE: other, headers.TOPIC: bench.key}
    moved = Publication(
        dead_letter_queue(bench.name), b"{}", "", Properties("own"), own, signed=True
    )
    await transport.publish(moved)
    await waiting(transport, dead_letter_queue(bench.name), 6)
    listed = await dead_letters.list_dead_letters(transport, bench.name)
    assert {each.queue for each in listed} == {bench.name}
    await waiting(transport, dead_letter_queue(bench.name), 6)
    assert await dead_letters.replay(transport, bench.name) == 6
    await waiting(transport, bench.name, 6)
    assert await transport.count(other) == 0
    if not bench.url.startswith("memory:"):
        await delete_queues(bench.url, other)


@pytest.mark.parametrize(("believe", "expected"), [(False, None), (True, "of.others")])
async def test_the_topic_that_a_stranger_writes_is_left_behind_unless_it_is_to_be_believed(
    bench: Bench, believe: bool, expected: str | None
) -> None:
    transport = await bench.declared()
    await letter(bench, transport, "1", {headers.TOPIC: "of.others"})
    await waiting(transport, dead_letter_queue(bench.name), 1)
    assert await dead_letters.replay(transport, bench.name, believe=believe) == 1
    inbox = Inbox(transport.ack)
    await transport.consume(bench.name, 1, inbox)
    assert (await inbox.next()).ours.get(headers.TOPIC) == expected


async def test_what_is_no_time_is_outside_of_every_span_and_stops_nothing(bench: Bench) -> None:
    transport = await bench.declared()
    for number, time in enumerate(TIMES):
        await letter(bench, transport, f"odd {number}", {headers.DEAD_LETTERED_AT: time})
    now = datetime.now(UTC)
    await letter(bench, transport, "usual", {headers.DEAD_LETTERED_AT: now.isoformat()})
    await waiting(transport, dead_letter_queue(bench.name), len(TIMES) + 1)
    day = timedelta(days=1)
    for span in (
        dead_letters.Filter(since=now - day),
        dead_letters.Filter(until=now + day),
        dead_letters.Filter(since=now - day, until=now + day),
    ):
        found = await dead_letters.list_dead_letters(transport, bench.name, span)
        assert [each.message_id for each in found] == ["usual"]
        await waiting(transport, dead_letter_queue(bench.name), len(TIMES) + 1)
    assert await dead_letters.purge(transport, bench.name, span) == 1
    await waiting(transport, dead_letter_queue(bench.name), len(TIMES))


async def test_a_letter_that_cannot_be_sent_again_stops_no_other(bench: Bench) -> None:
    """Whoever may write to the queue can write headers that fill a frame as they are."""
    transport = await bench.declared()
    await letter(bench, transport, "first", {})
    await letter(bench, transport, "full", {"x": "x" * 130_980})
    await letter(bench, transport, "last", {})
    await waiting(transport, dead_letter_queue(bench.name), 3)
    told: list[str | None] = []
    done = await dead_letters.replay(
        transport,
        bench.name,
        believe=True,
        refused=lambda letter, error: told.append(f"{letter.message_id}: {error}"),
    )
    assert (done, len(told)) == (2, 1)
    assert (told[0] or "").startswith("full: its properties and headers are")
    await waiting(transport, bench.name, 2)
    await waiting(transport, dead_letter_queue(bench.name), 1)
    with pytest.raises(PublishParameterError):
        await dead_letters.replay(transport, bench.name, believe=True)
    # Given back, it is there again a moment later.
    await waiting(transport, dead_letter_queue(bench.name), 1)
    assert await dead_letters.purge(transport, bench.name) == 1

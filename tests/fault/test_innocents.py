"""What one publication, one handler or one dependency does wrong harms no other message.

Each row of the report counts the innocents: none of them comes twice, none is given up.
"""

from __future__ import annotations

import asyncio

import pytest
from jararaca import Publisher, PublishParameterError
from jararaca.messages.message import current_publisher
from jararaca.transport import Publication

from tests.fault.load import Load, Outcome
from tests.fault.report import in_soak
from tests.fault.test_faults import judge, repeated, times
from tests.fault.working import OUT, Numbered

pytestmark = pytest.mark.broker
LARGER_THAN_A_FRAME = {"report": "x" * 140_000}


async def unharmed(load: Load, outcomes: list[Outcome], scenario: str) -> None:
    """All was handled once, and nothing was given up."""
    await load.settled()
    outcome = await load.outcome(scenario, 0)
    judge(outcomes, outcome)
    assert outcome.dead_lettered == 0
    assert outcome.published == outcome.handled


@times(5, 100)
async def test_an_oversized_header_harms_its_own_publication_alone(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    await load.start_worker()
    transport = await load.connected()

    async def oversized() -> None:
        numbers = range(load.published, load.published + 100)
        refused, _ = await asyncio.gather(
            transport.publish(
                Publication("faults.numbered", b"{}", headers=LARGER_THAN_A_FRAME, mandatory=True)
            ),
            load.publish(transport, numbers),
            return_exceptions=True,
        )
        assert isinstance(refused, PublishParameterError)

    for _ in range(count):
        await oversized()
    await unharmed(load, outcomes, f"a header larger than a frame, {count}x")
    assert await load.stop_workers() == [0]
    await transport.close()


@times(5, 100)
async def test_publications_of_other_loops_are_sent_once_and_harm_nobody(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    await load.start_worker()
    transport = await load.connected()

    async def publish(numbers: range) -> None:
        current_publisher.set(Publisher(transport))
        await asyncio.gather(*(Numbered(number=number).publish() for number in numbers))
        load.confirmed.update(numbers)

    for _ in range(count):
        here = range(load.published, load.published + 100)
        there = range(here.stop, here.stop + 10)
        load.published += len(there)
        elsewhere = asyncio.to_thread(asyncio.run, publish(there))
        await asyncio.gather(load.publish(transport, here), elsewhere)
    await unharmed(load, outcomes, f"publications of another event loop, {count}x")
    assert await load.stop_workers() == [0]
    await transport.close()


@times(1, 5)
async def test_a_dependency_that_is_out_costs_no_message(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    await load.start_worker()
    out = load.notes / OUT

    async def outage() -> None:
        out.touch()
        await asyncio.sleep(2)
        out.unlink()

    await load.under_load(lambda: repeated(count, outage))
    await unharmed(load, outcomes, f"what the handlers depend on is out for 2 s, {count}x")
    assert await load.stop_workers() == [0]


@pytest.mark.soak  # tests/cli/test_stubborn.py is with the suite.
@pytest.mark.parametrize("count", [in_soak(3)])
async def test_a_handler_that_does_not_end_harms_none_but_its_message(
    load: Load, outcomes: list[Outcome], count: int
) -> None:
    for _ in range(count):
        worker = await load.start_worker()
        transport = await load.connected()
        first = load.published
        await load.publish(transport, range(first, first + 1), stubborn=True)
        await load.publish(transport, range(first + 1, first + 200))
        await load.settled(dead=1)
        worker.terminate()
        # Its message goes back, to a worker that is there by then.
        await asyncio.to_thread(worker.wait, 60)
        await load.start_worker()
        await load.settled()
        await load.stop_workers()
        await transport.close()
    await unharmed(load, outcomes, f"a handler that ignores its cancellation, {count}x")

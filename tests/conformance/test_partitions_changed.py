"""Another count of partitions: refused while messages are in the old ones, switched after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from jararaca import TopologyMismatchError, UnroutableError
from jararaca.contract.topology import Topology
from jararaca.operations import repartitioning
from jararaca.operations.repartitioning import (
    NotDrainedError,
    Repartitioning,
    repartitionings,
    switch,
)
from jararaca.publishing.publication import publication_of
from jararaca.routing.declarations import topology_of
from jararaca.routing.table import Service
from jararaca.transport import Transport

from tests.conformance.conftest import Bench, message
from tests.conformance.test_partitions import COUNT, PIECES, Bank, Board, bank, publish, service
from tests.support.partitions import Move, partitioned
from tests.support.services import service_of

__all__ = ["bank"]


async def test_another_count_is_refused_until_the_old_partitions_are_drained(
    bench: Bench, bank: Bank
) -> None:
    board = Board()
    old, new = service(bench, board.move), service(bench, board.move, COUNT - 1)
    transport = await bench.connect()
    await transport.declare(topology_of(old))
    await publish(bench, old, 3)

    with pytest.raises(TopologyMismatchError, match="topology plan"):
        await bank.start(new)
    with pytest.raises(TopologyMismatchError, match="topology plan"):
        await bank.start(new, declare=False)
    with pytest.raises(NotDrainedError, match="4 partitions, compiled 3.*wait"):
        await switch(transport, topology_of(new))
    worker = await bank.start(old)
    await board.until(3 * len(PIECES))
    with pytest.raises(NotDrainedError, match="consume"):
        await switch(transport, topology_of(new))
    await bank.stop(worker)

    (planned,) = await repartitionings(transport, topology_of(new))
    assert (planned.count, planned.busy) == (COUNT, ())
    assert await switch(transport, topology_of(new)) == (bench.name,)
    assert await repartitionings(transport, topology_of(new)) == ()
    await bank.start(new)
    await publish(bench, old, 3, first=3)  # A publisher of the old contract takes part.
    await board.until(6 * len(PIECES))
    board.assert_in_order(6)
    with pytest.raises(TopologyMismatchError):
        await bank.start(old)


async def test_a_queue_that_was_whole_is_divided_once_it_is_empty(bench: Bench, bank: Bank) -> None:
    board = Board()
    divided = service(bench, board.move)
    whole = service_of(*divided.routes, name=divided.name, exchange=bench.name)
    transport = await bench.connect()
    await transport.declare(topology_of(whole))
    body = Move(piece="piece-0", number=0).encode()
    await transport.publish(message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True))
    with pytest.raises(NotDrainedError, match="no partitions, compiled 4"):
        await switch(transport, topology_of(divided))
    worker = await bank.start(whole)
    await board.until(1)
    await bank.stop(worker)
    await switch(transport, topology_of(divided))
    with pytest.raises(UnroutableError):  # Why publishers are to be stopped.
        sent = message(Move.MESSAGE_TOPIC, body, exchange=bench.name, mandatory=True)
        await transport.publish(sent)
    await bank.start(partitioned(whole))
    await publish(bench, divided, 3, first=1)
    await board.until(3 * len(PIECES) + 1)
    assert board.moves["piece-0"] == [0, 1, 2, 3]


Look = Callable[[Transport, Topology], Awaitable[tuple[Repartitioning, ...]]]


@pytest.mark.parametrize("was_whole", [False, True])
async def test_what_comes_between_the_last_look_and_the_switch_is_not_lost(
    bench: Bench, bank: Bank, monkeypatch: pytest.MonkeyPatch, was_whole: bool
) -> None:
    board = Board()
    old, new = service(bench, board.move), service(bench, board.move, COUNT - 1)
    if was_whole:
        old = service_of(*old.routes, name=old.name, exchange=bench.name)
    transport = await bench.connect()
    await transport.declare(topology_of(old))
    look: Look = repartitionings

    async def then_one_more(transport: Transport, topology: Topology) -> tuple[Repartitioning, ...]:
        found = await look(transport, topology)
        monkeypatch.setattr(repartitioning, "repartitionings", look)
        await publish(bench, old, 1)
        return found

    monkeypatch.setattr(repartitioning, "repartitionings", then_one_more)
    with pytest.raises(NotDrainedError, match="wait"):
        await switch(transport, topology_of(new))
    await publish(bench, old, 1, first=1)  # The way is open again.
    worker = await bank.start(old)
    await board.until(2 * len(PIECES))
    await bank.stop(worker)
    assert await switch(transport, topology_of(new)) == (bench.name,)
    assert {piece: sorted(moves) for piece, moves in board.moves.items()} == {
        piece: [0, 1] for piece in PIECES
    }


async def test_a_publisher_of_the_old_count_that_goes_on_loses_nothing_and_keeps_its_order(
    bench: Bench, bank: Bank
) -> None:
    """It waits for each confirm, and publishes again what had no queue."""
    board, steps = Board(), 40
    old, new = service(bench, board.move), service(bench, board.move, COUNT - 1)
    worker = await bank.start(old)
    publisher = await bench.connect()

    async def walk(piece: str) -> None:
        for number in range(steps):
            told = replace(publication_of(Move(piece=piece, number=number)), mandatory=True)
            while True:
                try:
                    await publisher.publish(replace(told, exchange=bench.name))
                    break
                except UnroutableError:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.02)

    walking = asyncio.gather(*(walk(piece) for piece in PIECES))
    await board.until(5 * len(PIECES))
    await bank.stop(worker)
    switching = await bench.connect()
    while not await _switched(switching, new):
        worker = await bank.start(old)
        await asyncio.sleep(0.1)
        await bank.stop(worker)
    await bank.start(new)
    await walking
    await board.until(steps * len(PIECES))
    board.assert_in_order(steps)


async def _switched(transport: Transport, new: Service) -> bool:
    with suppress(NotDrainedError):
        return bool(await switch(transport, topology_of(new)))
    return False
